"""What a client can ask of its calls over its agent socket: for each request, what is done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import structlog

from openrooms.calling import context_wire, request_wire, wire
from openrooms.calling.agents import Agents
from openrooms.calling.answering import Answers
from openrooms.calling.diagnosing import Diagnosing
from openrooms.calling.ending_wire import view_of_end
from openrooms.calling.errors import BadMessage, CallingError, LegOver
from openrooms.calling.gestures import Gestures
from openrooms.calling.joining import Admission, Agent
from openrooms.calling.lapsing import Lapses
from openrooms.calling.messages import Messages
from openrooms.calling.model import Leg, MediaAccess
from openrooms.calling.moderation import Moderation
from openrooms.calling.own_legs import Own
from openrooms.calling.ringing import Rings
from openrooms.calling.service import Calls
from openrooms.calling.surveys.surveying import Surveying
from openrooms.calling.tickets import Entering, NextTicket
from openrooms.calling.views import Views
from openrooms.calling.watches import Watches
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import is_guid

log = structlog.get_logger(__name__)

MEDIA_PATH = "/calling/v1/media"
Entry: TypeAlias = request_wire.Join | request_wire.Start | request_wire.Accept
Answered: TypeAlias = wire.Done | wire.Joined | wire.Named


@dataclass(frozen=True, slots=True)
class Desk:
    """All that an agent socket works with."""

    identities: Identities
    calls: Calls
    rings: Rings
    answers: Answers
    lapses: Lapses
    moderation: Moderation
    gestures: Gestures
    diagnosing: Diagnosing
    messages: Messages
    surveying: Surveying
    agents: Agents
    entering: Entering
    watches: Watches
    views: Views
    clock: Clock


class Client(Protocol):
    """The connection of the agent that asks."""

    agent: Agent
    next: NextTicket

    def expect(self, leg: Leg) -> None:
        """A leg of this agent lives from now on."""

    def open(self, leg_id: str) -> Own:
        """Give the client an expected leg, as it is now."""


class Come(Protocol):
    """A way into a call, with everything given but what all ways share."""

    async def __call__(
        self, *, join_id: str, ticket: str, then: Callable[[Admission], None]
    ) -> Admission: ...


async def do(desk: Desk, client: Client, request: request_wire.Request) -> Answered:
    """Do what is asked. Raises the `CallingError` that says why not."""
    operation = _OPERATIONS.get(type(request))
    if operation is None:
        raise BadMessage("This connection has said hello already.")
    answer = await operation(desk, client, request)
    return wire.Done() if answer is None else answer


async def _join(desk: Desk, client: Client, request: request_wire.Join) -> wire.Joined:
    place = request.group_id if request.room_id is None else request.room_id
    if place is None or (request.room_id is not None and request.group_id is not None):
        raise BadMessage("A join names a room or a group: exactly one of them.")
    join = desk.calls.join if request.room_id is not None else desk.calls.join_group
    come = partial(join, client.agent, place)
    return await _enter(desk, client, come, request=request, place=place[:36])


async def _start(desk: Desk, client: Client, request: request_wire.Start) -> wire.Joined:
    context = context_wire.write(request.custom_context)
    come = partial(desk.rings.start, client.agent, request.raw_ids, custom_context=context)
    return await _enter(desk, client, come, request=request)


async def _accept(desk: Desk, client: Client, request: request_wire.Accept) -> wire.Joined:
    come = partial(desk.answers.accept, client.agent, request.participant_id)
    return await _enter(desk, client, come, request=request)


async def _enter(
    desk: Desk, client: Client, come: Come, *, request: Entry, **facts: str
) -> wire.Joined:
    """Come into a call by whichever way; a refusal is noted with the `facts`."""
    ticket = client.next.fits(request.ticket)
    try:
        desk.agents.enter(client.agent.raw_id)
        with desk.entering.with_ticket(ticket):
            admission = await come(
                join_id=_guid(request.join_id),
                ticket=ticket,
                then=lambda admission: client.expect(admission.leg),
            )
    except CallingError as refused:
        user = client.agent.raw_id
        log.info("join_refused", user=user, code=refused.code, sub_code=refused.sub_code, **facts)
        raise
    client.next.spend(ticket)
    return await _joined(desk, client, admission)


async def _reject(desk: Desk, client: Client, request: request_wire.Reject) -> None:
    await desk.answers.reject(client.agent, request.participant_id)


async def _add(desk: Desk, client: Client, request: request_wire.Add) -> None:
    await desk.rings.add(client.agent, request.call_id, request.raw_ids)


async def _remove(desk: Desk, client: Client, request: request_wire.Remove) -> None:
    await desk.rings.remove(client.agent, request.call_id, request.raw_id)


async def _leave(desk: Desk, client: Client, request: request_wire.Leave) -> None:
    await desk.calls.leave(client.agent, request.call_id)


async def _end(desk: Desk, client: Client, request: request_wire.End) -> None:
    await desk.rings.end(client.agent, request.call_id)


async def _goodbye(desk: Desk, client: Client, _request: request_wire.Goodbye) -> None:
    await desk.calls.leave(client.agent)
    await desk.answers.withdraw(client.agent)


async def _ping(_desk: Desk, _client: Client, _request: request_wire.Ping) -> None:
    """Nothing but a sign of life."""


async def _joined(desk: Desk, client: Client, admission: Admission) -> wire.Joined:
    leg, call = admission.leg, admission.call
    log.info("join_admitted", call=call.id, kind=call.kind, leg=leg.id, user=leg.raw_id)
    await desk.views.load(call.id)
    own = client.open(leg.id)
    if own.end is not None:
        raise LegOver(own.end.code, own.end.sub_code, own.end.message)
    legs, features = desk.views.show(own.leg)
    return wire.Joined(
        call=wire.view_of_call(call),
        leg=wire.own_leg(own.leg, desk.watches.state(leg.id)),
        legs=legs,
        features=features,
        media=wire.Media(path=MEDIA_PATH, ticket=admission.ticket),
        next=wire.Media(path=MEDIA_PATH, ticket=client.next.text),
        ending=view_of_end(desk.views.end_of(call.id)),
    )


async def _mute(desk: Desk, client: Client, request: request_wire.Mute) -> None:
    await desk.gestures.mute(client.agent, request.call_id, request.raw_ids)


async def _raise_hand(desk: Desk, client: Client, request: request_wire.RaiseHand) -> None:
    await desk.moderation.raise_hand(client.agent, request.call_id)


async def _lower_hands(desk: Desk, client: Client, request: request_wire.LowerHands) -> None:
    await desk.moderation.lower_hands(client.agent, request.call_id, request.raw_ids)


async def _spotlight(desk: Desk, client: Client, request: request_wire.Spotlight) -> None:
    if not request.on:
        await desk.moderation.end_spotlights(client.agent, request.call_id, request.raw_ids)
    elif request.raw_ids is None:
        raise BadMessage("A spotlight is for users: name them.")
    else:
        await desk.moderation.spotlight(client.agent, request.call_id, request.raw_ids)


async def _react(desk: Desk, client: Client, request: request_wire.React) -> None:
    await desk.gestures.react(client.agent, request.call_id, request.reaction_type)


async def _diagnose(desk: Desk, client: Client, request: request_wire.Diagnose) -> None:
    await desk.diagnosing.tell(client.agent, request.call_id, request.diagnostics)


async def _give_media_access(
    desk: Desk, client: Client, request: request_wire.GiveMediaAccess
) -> None:
    access = MediaAccess(request.audio, request.video)
    await desk.moderation.media_access(
        client.agent, request.call_id, request.raw_ids, access=access
    )


async def _hold(desk: Desk, client: Client, request: request_wire.Hold) -> None:
    await desk.moderation.hold(client.agent, request.call_id, on_hold=request.on)


async def _name(desk: Desk, client: Client, request: request_wire.Name) -> wire.Named:
    name = await desk.moderation.rename(client.agent, request.display_name)
    client.agent = replace(client.agent, display_name=name)
    return wire.Named(name)


async def _send_data(desk: Desk, client: Client, request: request_wire.SendData) -> None:
    await desk.messages.send_data(client.agent, request)


async def _close_data(desk: Desk, client: Client, request: request_wire.CloseData) -> None:
    await desk.messages.close_data(client.agent, request)


async def _send_text(desk: Desk, client: Client, request: request_wire.SendText) -> None:
    await desk.messages.send_text(client.agent, request)


async def _survey(desk: Desk, client: Client, request: request_wire.Survey) -> None:
    await desk.surveying.submit(
        client.agent,
        request.ratings,
        survey_id=request.survey_id,
        participant_id=request.participant_id,
    )


def _guid(join_id: str) -> str:
    if not is_guid(join_id):
        raise BadMessage("joinId is not a GUID.")
    return join_id


# Any: each operation takes the request that it stands for.
Operation: TypeAlias = Callable[[Desk, Client, Any], Awaitable[Answered | None]]
_OPERATIONS: Mapping[type[request_wire.Request], Operation] = MappingProxyType(
    {
        request_wire.Join: _join,
        request_wire.Start: _start,
        request_wire.Accept: _accept,
        request_wire.Reject: _reject,
        request_wire.Add: _add,
        request_wire.Remove: _remove,
        request_wire.Leave: _leave,
        request_wire.End: _end,
        request_wire.Goodbye: _goodbye,
        request_wire.Ping: _ping,
        request_wire.Mute: _mute,
        request_wire.RaiseHand: _raise_hand,
        request_wire.LowerHands: _lower_hands,
        request_wire.Spotlight: _spotlight,
        request_wire.React: _react,
        request_wire.Diagnose: _diagnose,
        request_wire.GiveMediaAccess: _give_media_access,
        request_wire.Hold: _hold,
        request_wire.Name: _name,
        request_wire.SendData: _send_data,
        request_wire.CloseData: _close_data,
        request_wire.SendText: _send_text,
        request_wire.Survey: _survey,
    }
)
