"""What events tell of calls: each is written in the transaction of what it tells of.

Names, subjects and members are those that the hosted service's events of calls have: in the shape
of its documents and in that of its typed models, which differ.
"""

from collections.abc import Mapping
from datetime import datetime

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import HUNG_UP, Call, EndReason, Leg
from openrooms.calling.records.model import Refusal
from openrooms.events.model import OF_CALLS, OWN, Event, of_user
from openrooms.events.wire import write_data
from openrooms.rooms.model import Role

# What ended a call that nobody ended by leaving it.
BY_SERVICE = {"type": "MicrosoftInternal"}


def call_started(call: Call) -> Event:
    subject = f"call/{call.server_call_id}/startedBy/{call.started_by}"
    return _event(call, "CallStarted", subject, told={}, at=call.started_at)


def call_ended(call: Call, last: Leg | None, reason: EndReason, *, at: datetime) -> Event:
    """`last`: the leg that ended last, if it is known."""
    seconds = (at - call.started_at).total_seconds()
    told = {
        "durationOfCall": seconds,
        "callDurationInSeconds": seconds,
        "endedBy": BY_SERVICE if last is None or last.end != HUNG_UP else _ended_by(last),
        "reason": {"code": reason.code, "subCode": reason.sub_code, "phrase": reason.message},
    }
    return _event(call, "CallEnded", f"call/{call.server_call_id}", told=told, at=at)


def participant_added(call: Call, leg: Leg) -> Event:
    return _participant(call, leg, "CallParticipantAdded", at=leg.joined_at)


def participant_removed(call: Call, leg: Leg, at: datetime) -> Event:
    return _participant(call, leg, "CallParticipantRemoved", at=at)


def join_refused(refusal: Refusal) -> Event:
    kind, place, reason = refusal.place.kind.value, refusal.place.id, refusal.reason
    told = {
        kind: {"id": place},
        "user": of_user(refusal.raw_id),
        "reason": {"code": reason.code, "subCode": reason.sub_code, "phrase": reason.message},
    }
    subject = f"{kind}/{place}/participant/{refusal.raw_id}"
    key, at = f"{kind}:{place}", refusal.refused_at
    return Event(refusal.resource_id, key, f"{OWN}JoinRefused", subject, write_data(told), at)


def _participant(call: Call, leg: Leg, name: str, *, at: datetime) -> Event:
    told = {
        "user": of_user(leg.raw_id, _role(leg.role)),
        "displayName": leg.display_name,
        "participantId": leg.id,
        "endpointType": "Unknown",
        "userAgent": leg.user_agent,
    }
    subject = f"call/{call.server_call_id}/participant/{leg.raw_id}"
    return _event(call, name, subject, told=told, at=at)


def _event(
    call: Call, name: str, subject: str, *, told: Mapping[str, object], at: datetime
) -> Event:
    data = write_data({**told, **_of(call)})
    return Event(call.resource_id, call.id, OF_CALLS + name, subject, data, at)


def _of(call: Call) -> dict[str, object]:
    """What all events of a call have."""
    told: dict[str, object] = {
        "serverCallId": call.server_call_id,
        "correlationId": call.id,
        "isTwoParty": call.two_party,
        "isRoomsCall": call.kind is CallKind.ROOM,
    }
    if call.started_by is not None:
        told["startedBy"] = of_user(call.started_by, _role(call.started_role))
    if call.room_id is not None:
        told["room"] = {"id": str(call.room_id)}
    if call.group_id is not None:
        told["group"] = {"id": call.group_id}
    return told


def _ended_by(leg: Leg) -> dict[str, object]:
    identifier = of_user(leg.raw_id)["communicationIdentifier"]
    return {
        "communicationIdentifier": identifier,
        "type": "Participant",
        "name": leg.display_name,
    }


def _role(role: Role | None) -> str | None:
    return None if role is None else role.value
