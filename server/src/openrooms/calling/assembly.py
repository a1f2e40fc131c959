"""The call side, put together: its parts, its background work, its stop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from openrooms.calling.agents import Agents
from openrooms.calling.answering import Answers
from openrooms.calling.closing import GOING_AWAY
from openrooms.calling.deadlines import Deadlines
from openrooms.calling.decisions import Decisions
from openrooms.calling.diagnosing import Diagnosing
from openrooms.calling.enforcer import Enforcer, Stage
from openrooms.calling.gate import Gate
from openrooms.calling.gestures import Gestures
from openrooms.calling.hidden import HiddenRoom, hidden_room
from openrooms.calling.joining import ALWAYS_THERE, EngineState, Joining
from openrooms.calling.lapsing import Lapses
from openrooms.calling.memory import LegMemory
from openrooms.calling.messages import Messages
from openrooms.calling.model import MOST_LEGS, TOO_LONG
from openrooms.calling.moderation import Moderation
from openrooms.calling.operations import Desk
from openrooms.calling.passages import Passages
from openrooms.calling.publications import Publications
from openrooms.calling.reconciler import Reconciler
from openrooms.calling.reports import ReadReport, Reports
from openrooms.calling.ringing import Rings
from openrooms.calling.served import open_served
from openrooms.calling.service import Calls
from openrooms.calling.settling import Settling
from openrooms.calling.surveys.surveying import Surveying
from openrooms.calling.tickets import Entering
from openrooms.calling.timers import Handler, Timers
from openrooms.calling.timing import DEFAULT_TERMS, Terms, What
from openrooms.calling.views import Views
from openrooms.calling.watches import Watches
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock, Monotonic, monotonic
from openrooms.media.engine import Engine
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Database


@dataclass(frozen=True, slots=True)
class CallSide:
    """Everything that runs calls in this process."""

    desk: Desk
    gate: Gate
    enforcer: Enforcer
    reports: Reports
    reconciler: Reconciler
    calls: Calls
    timers: Timers
    hidden: HiddenRoom

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The background work, for as long as the context is open."""
        await self.desk.views.load_ends()
        async with asyncio.TaskGroup() as tasks:
            work = [
                tasks.create_task(self.enforcer.run()),
                tasks.create_task(self.desk.views.run()),
                tasks.create_task(self.reconciler.run()),
                tasks.create_task(self.timers.run()),
                tasks.create_task(self.desk.agents.watch(self.desk.clock)),
            ]
            try:
                yield
            finally:
                for task in work:
                    task.cancel()

    async def end_resource(self, resource_id: str) -> None:
        """Sign out everyone of a deleted resource, and end its calls."""
        self.enforcer.sign_out_resource(resource_id)
        await self.calls.settle_all()

    async def look_again(self) -> None:
        """Look at once whether everyone may still be in his call."""
        self.reconciler.hurry()

    def go_away(self) -> None:
        """Cut every socket so that clients come back to whoever serves next. Ends no call."""
        self.gate.passages.close()
        for line in self.desk.agents.all():
            line.cut(GOING_AWAY)


@dataclass(frozen=True, slots=True)
class CallServices:
    """What callers can do with calls, and the way by which all of it is decided."""

    decisions: Decisions
    calls: Calls
    rings: Rings
    answers: Answers
    moderation: Moderation
    surveying: Surveying
    lapses: Lapses
    timers: Timers


async def open_services(
    database: Database,
    clock: Clock,
    *,
    rooms: Rooms,
    identities: Identities,
    most_legs: int = MOST_LEGS,
    presenters_manage: bool = True,
    engine: EngineState = ALWAYS_THERE,
    terms: Terms = DEFAULT_TERMS,
    seconds: Monotonic = monotonic,
) -> CallServices:
    """Build the services of calls on the features below. `seconds` measures intervals."""
    decisions = Decisions(database)
    served = await open_served(database, seconds)
    deadlines = Deadlines(clock, served, terms)
    settling = Settling(
        clock, rooms, identities, deadlines, most_legs, presenters_manage=presenters_manage
    )
    joining = Joining(settling, engine)
    calls, answers = Calls(decisions, settling, joining), Answers(decisions, settling, joining)
    lapses = Lapses(decisions, settling)
    timers = Timers(
        decisions,
        _handlers(calls, answers, lapses),
        clock=clock,
        served=served,
        monotonic=seconds,
    )
    decisions.stir(timers.stir)
    return CallServices(
        decisions,
        calls,
        Rings(decisions, settling, joining),
        answers,
        Moderation(decisions, settling),
        Surveying(database, clock, identities),
        lapses,
        timers,
    )


def _handlers(calls: Calls, answers: Answers, lapses: Lapses) -> Mapping[What, Handler]:
    """What happens when a timer is due."""
    return {
        What.RING: answers.expire,
        What.EXPIRY: lapses.begin,
        What.LAPSE: lapses.end,
        What.WARNING: calls.settle,
        What.OVER: calls.settle,
        What.GRACE: calls.settle,
        What.LONGEST: partial(calls.end_call, reason=TOO_LONG),
    }


def assemble(
    services: CallServices,
    identities: Identities,
    *,
    engine: Engine,
    read_report: ReadReport,
    clock: Clock,
    engine_leaves: Callable[[], None] = lambda: None,
    seconds: Monotonic = monotonic,
) -> CallSide:
    """Build the call side on its services and the engine.

    `engine_leaves` is called when the engine says that it is about to end. `seconds` measures for how
    long somebody is quiet.
    """
    calls, agents, passages, watches = services.calls, Agents(), Passages(), Watches(seconds)
    views = Views(calls, agents, state=watches.state)
    watches.report_to(views.touch)
    enforcer = Enforcer(Stage(calls, engine, agents, passages, watches, views))
    hidden = hidden_room(calls)
    memory = LegMemory(hidden, seconds)
    services.decisions.report_to(memory)
    services.decisions.report_to(enforcer)
    publications = Publications(seconds)
    services.rings.look_for_agents(agents.ids_of_user)
    desk = _desk(
        services, identities, engine, agents=agents, views=views, watches=watches, clock=clock
    )
    return CallSide(
        desk=desk,
        gate=Gate(memory, engine, watches, passages, desk.entering),
        enforcer=enforcer,
        reports=Reports(
            calls, engine, watches, publications, read_report, engine_leaves, hidden.room
        ),
        reconciler=Reconciler(
            calls, engine, watches, publications, agents, enforcer, memory, seconds, hidden.room
        ),
        calls=calls,
        timers=services.timers,
        hidden=hidden,
    )


def _desk(
    services: CallServices,
    identities: Identities,
    engine: Engine,
    *,
    agents: Agents,
    views: Views,
    watches: Watches,
    clock: Clock,
) -> Desk:
    """What answers on agent sockets."""
    return Desk(
        identities,
        services.calls,
        rings=services.rings,
        answers=services.answers,
        lapses=services.lapses,
        moderation=services.moderation,
        gestures=Gestures(services.moderation, engine, agents),
        diagnosing=Diagnosing(services.moderation, watches, agents),
        messages=Messages(services.moderation, agents),
        surveying=services.surveying,
        agents=agents,
        entering=Entering(),
        watches=watches,
        views=views,
        clock=clock,
    )
