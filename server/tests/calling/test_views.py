"""What the people in a call are told of each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest

from openrooms.calling import views, wire
from openrooms.calling.agents import Agents
from openrooms.calling.joining import Admission
from openrooms.calling.model import HUNG_UP
from openrooms.calling.views import Shown, Views
from openrooms.calling.watches import Watches
from openrooms.kernel.clock import monotonic
from openrooms.rooms.model import Role, Room

from .lines import KeptLine
from .world import World

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Stage:
    """One call with views on it."""

    world: World
    room: Room
    watches: Watches
    views: Views
    agents: Agents

    async def enter(self, name: str) -> tuple[KeptLine, Admission]:
        """A person joins, is listened to, and has media."""
        user = await self.world.person()
        await self.world.invite(self.room, {user.raw_id: Role.ATTENDEE})
        agent = await self.world.agent(user, name)
        admission = await self.world.calls.join(agent, str(self.room.id), join_id=str(uuid4()))
        line = KeptLine(agent)
        self.agents.add(line)
        self.watches.begin(admission.leg)
        await self.views.load(admission.call.id)
        line.legs[admission.call.id] = admission.leg
        self.views.show(admission.leg)
        return line, admission

    def connect(self, admission: Admission) -> None:
        self.watches.joined(admission.leg.id, "stay")

    async def told(self, line: KeptLine) -> wire.LegsChanged:
        """The next difference that the line is told."""
        async with asyncio.timeout(5):
            event = await line.events.get()
        assert isinstance(event, wire.LegsChanged)
        return event


@pytest.fixture
async def stage(world: World) -> AsyncIterator[Stage]:
    async with running(world) as made:
        yield made


@asynccontextmanager
async def running(world: World) -> AsyncIterator[Stage]:
    watches, agents = Watches(monotonic), Agents()
    views = Views(world.calls, agents, state=watches.state)
    watches.report_to(views.touch)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(views.run())
        yield Stage(world, await world.room(), watches, views, agents)
        work.cancel()


async def test_who_has_media_is_told_to_the_others(stage: Stage) -> None:
    doctor, _ = await stage.enter("Doctor")
    _, patient = await stage.enter("Patient")

    stage.connect(patient)

    told = await stage.told(doctor)
    assert [(leg.display_name, leg.state) for leg in told.changed] == [("Patient", "connected")]
    assert told.removed == []


async def test_a_larger_call_is_told_later_of_more_at_once_and_keeps_no_other_waiting(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    doctor, first = await stage.enter("Doctor")
    stage.connect(first)
    await stage.told(doctor)
    # One person is a large call from now on.
    monkeypatch.setattr(views, "GATHER_SECONDS_EACH", 3600.0)
    entered = [(await stage.enter(name))[1] for name in ("Patient", "Nurse")]
    for one in entered:
        stage.connect(one)
    stage.room = await stage.world.room()
    other, second = await stage.enter("Other")
    stage.connect(second)

    told_elsewhere = await stage.told(other)
    waited = doctor.events.empty()
    monkeypatch.setattr(views, "GATHER_SECONDS_EACH", 0.0)
    told = await stage.told(doctor)

    assert [leg.display_name for leg in told_elsewhere.changed] == ["Other"]
    assert waited
    assert {leg.display_name for leg in told.changed} == {"Patient", "Nurse"}


async def test_who_has_no_media_yet_is_not_seen(stage: Stage) -> None:
    await stage.enter("Doctor")
    line, patient = await stage.enter("Patient")

    assert stage.views.show(patient.leg)[0] == []
    assert line.events.empty()


async def test_a_joiner_gets_the_list_as_it_was_last_told(stage: Stage) -> None:
    line, doctor = await stage.enter("Doctor")
    stage.connect(doctor)
    await stage.told(line)

    _, patient = await stage.enter("Patient")

    assert [leg.display_name for leg in stage.views.show(patient.leg)[0]] == ["Doctor"]


async def test_a_lost_media_is_told_as_reconnecting_and_an_end_as_removal(stage: Stage) -> None:
    doctor, _ = await stage.enter("Doctor")
    _, patient = await stage.enter("Patient")
    stage.connect(patient)
    await stage.told(doctor)

    stage.watches.left(patient.leg.id, "stay", hung_up=False)
    lost = await stage.told(doctor)
    await stage.world.calls.end(patient.leg.id, HUNG_UP)
    stage.watches.forget(patient.leg.id)
    gone = await stage.told(doctor)

    assert [leg.state for leg in lost.changed] == ["reconnecting"]
    assert gone.removed == [patient.leg.id]


async def test_a_new_role_is_told(stage: Stage) -> None:
    doctor, _ = await stage.enter("Doctor")
    _, patient = await stage.enter("Patient")
    stage.connect(patient)
    await stage.told(doctor)

    await stage.world.invite(stage.room, {patient.leg.raw_id: Role.PRESENTER})
    stage.views.touch(patient.call.id)

    assert [leg.role for leg in (await stage.told(doctor)).changed] == ["Presenter"]


async def test_changes_at_once_are_told_together(stage: Stage) -> None:
    doctor, _ = await stage.enter("Doctor")
    others = [(await stage.enter(f"Guest {number}"))[1] for number in range(3)]
    for admission in others:
        stage.connect(admission)

    told = [await stage.told(doctor)]
    while sum(len(one.changed) for one in told) < 3:
        told.append(await stage.told(doctor))

    # A look that is under way already sees some of them; the next one all others.
    assert len(told) <= 2


async def test_people_of_another_call_are_told_nothing(stage: Stage) -> None:
    line, doctor = await stage.enter("Doctor")
    line.legs.clear()
    stage.connect(doctor)
    other, second = await stage.enter("Patient")
    stage.connect(second)

    await stage.told(other)

    assert line.events.empty()


async def test_an_agent_id_means_nothing_without_its_user(stage: Stage) -> None:
    mine, _ = await stage.enter("Doctor")
    theirs, _ = await stage.enter("Patient")
    theirs.agent = mine.agent.__class__(mine.agent.id, theirs.agent.caller, "")

    assert stage.agents.add(theirs) is None
    assert mine in stage.agents.all()


async def test_an_agent_that_connects_twice_keeps_the_newer_connection(stage: Stage) -> None:
    first, _ = await stage.enter("Doctor")
    second = KeptLine(first.agent)

    assert stage.agents.add(second) is first
    assert not stage.agents.remove(first)
    assert stage.agents.remove(second)


class SlowViews(Views):
    """Views that count how often they look, and look at one call only when they are let."""

    slow = str(uuid4())

    def __init__(self, world: World) -> None:
        super().__init__(world.calls, Agents(), state=Watches(monotonic).state)
        self.looks: list[str] = []
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def _look(self, call_id: str) -> dict[str, Shown]:
        self.looks.append(call_id)
        if call_id == self.slow:
            self.begun.set()
            await self.go_on.wait()
        return await super()._look(call_id)


async def test_a_slow_load_of_one_call_holds_up_no_other(world: World) -> None:
    views = SlowViews(world)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        slow = tasks.create_task(views.load(views.slow))
        await views.begun.wait()
        await views.load(str(uuid4()))
        still_loading = not slow.done()
        views.go_on.set()

    assert still_loading


async def test_a_crowd_that_joins_one_call_at_once_looks_once(world: World) -> None:
    views = SlowViews(world)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        crowd = [tasks.create_task(views.load(views.slow)) for _ in range(20)]
        await views.begun.wait()
        views.go_on.set()

    assert len(crowd) == 20
    assert views.looks == [views.slow]


async def test_who_waited_for_a_load_that_was_given_up_looks_himself(world: World) -> None:
    views = SlowViews(world)

    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(views.load(views.slow))
        await views.begun.wait()
        tasks.create_task(views.load(views.slow))
        first.cancel()
        views.go_on.set()

    assert views.looks == [views.slow, views.slow]
