"""The JSON of the record of calls: values to bodies, and places in lists to text and back."""

from datetime import datetime

import msgspec
from msgspec import UNSET, UnsetType

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import EndReason
from openrooms.calling.records.model import Anchor, KeptCall, KeptLeg, Refusal
from openrooms.http.bodies import encode_json
from openrooms.http.dates import format_moment, parse_moment
from openrooms.rooms.model import Role


class EndReasonModel(msgspec.Struct, rename="camel"):
    """Why something ended, or was refused: the codes of the calling SDK, and words."""

    code: int
    sub_code: int
    message: str


class CallModel(msgspec.Struct, rename="camel"):
    """A call. `endedAt` and `endReason` are null while it goes on."""

    call_id: str
    kind: CallKind
    room_id: str | None
    group_id: str | None
    server_call_id: str
    started_at: str
    ended_at: str | None
    end_reason: EndReasonModel | None


class CallsModel(msgspec.Struct, rename="camel"):
    """A page of calls, newest first."""

    value: list[CallModel]
    next_link: str | UnsetType = UNSET


class LegModel(msgspec.Struct, rename="camel"):
    """One endpoint of a user in a call. `role`: null in calls without roles.

    `answered`: false for one that only rang. `connected`: whether its media ever came up.
    """

    participant_id: str
    raw_id: str
    display_name: str
    role: Role | None
    invited_by: str | None
    answered: bool
    connected: bool
    joined_at: str
    ended_at: str | None
    end_reason: EndReasonModel | None


class LegsModel(msgspec.Struct, rename="camel"):
    """A page of those who were in a call, in the order of coming."""

    value: list[LegModel]
    next_link: str | UnsetType = UNSET


class RefusalModel(msgspec.Struct, rename="camel"):
    """A join that was refused. `place`: the id as it was asked for, which may be none.

    `more`: how many more of the user's were refused within the hour, and are only counted.
    """

    raw_id: str
    kind: CallKind
    place: str
    refused_at: str
    reason: EndReasonModel
    more: int


class RefusalsModel(msgspec.Struct, rename="camel"):
    """A page of refused joins, newest first."""

    value: list[RefusalModel]
    next_link: str | UnsetType = UNSET


def write_call(call: KeptCall) -> bytes:
    return encode_json(_call(call))


def write_calls(calls: tuple[KeptCall, ...], next_link: str | None = None) -> bytes:
    return encode_json(CallsModel([_call(one) for one in calls], next_link or UNSET))


def write_legs(legs: tuple[KeptLeg, ...], next_link: str | None = None) -> bytes:
    return encode_json(LegsModel([leg_model(one) for one in legs], next_link or UNSET))


def write_refusals(refusals: tuple[Refusal, ...], next_link: str | None = None) -> bytes:
    return encode_json(RefusalsModel([refusal_model(one) for one in refusals], next_link or UNSET))


def write_anchor(anchor: Anchor, of: str | None = None) -> str:
    """Where a list goes on, and of what it is: a room's calls, or None for all."""
    return f"{format_moment(anchor.at)} {anchor.id} {of or ''}"


def read_anchor(position: str) -> tuple[Anchor, str | None]:
    """What `write_anchor` wrote."""
    at, row, of = position.split(" ")
    return Anchor(parse_moment(at), row), of or None


def write_number(number: int, of: str | None) -> str:
    """The same for refused joins: of one user, or None for all."""
    return f"{number} {of or ''}"


def read_number(position: str) -> tuple[int, str | None]:
    """What `write_number` wrote."""
    number, _, of = position.partition(" ")
    return int(number), of or None


def _call(call: KeptCall) -> CallModel:
    return CallModel(
        call.id,
        call.kind,
        None if call.room_id is None else str(call.room_id),
        call.group_id,
        call.server_call_id,
        format_moment(call.started_at),
        _moment(call.ended_at),
        reason_model(call.end),
    )


def leg_model(leg: KeptLeg) -> LegModel:
    return LegModel(
        leg.id,
        leg.raw_id,
        leg.display_name,
        leg.role,
        leg.invited_by,
        leg.answered,
        leg.connected,
        format_moment(leg.joined_at),
        _moment(leg.ended_at),
        reason_model(leg.end),
    )


def refusal_model(one: Refusal) -> RefusalModel:
    place = one.place
    at = format_moment(one.refused_at)
    return RefusalModel(one.raw_id, place.kind, place.id, at, _reason(one.reason), one.more)


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else format_moment(moment)


def reason_model(reason: EndReason | None) -> EndReasonModel | None:
    return None if reason is None else _reason(reason)


def _reason(reason: EndReason) -> EndReasonModel:
    return EndReasonModel(reason.code, reason.sub_code, reason.message)
