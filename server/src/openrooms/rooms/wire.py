"""The JSON of rooms, from 2023-03-31-preview to 2025-03-13: bodies to values, values to bodies."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from openrooms.http.bodies import Moment, encode_json, parse_json, read_usual
from openrooms.http.dates import format_moment, parse_http_date, parse_moment
from openrooms.http.errors import LONGEST_ECHO
from openrooms.http.problems import ROOMS, encode_problem, problem_of
from openrooms.http.versions import Versions
from openrooms.kernel.identifiers import is_guid
from openrooms.rooms.errors import (
    Fault,
    InvalidFirstSent,
    InvalidRepeatId,
    MalformedRequest,
    RefusedBefore,
    RepeatHeaderMissing,
)
from openrooms.rooms.model import (
    LONGEST_ID,
    Anchor,
    Answer,
    Invitation,
    NewRoom,
    Repeat,
    Role,
    Room,
    RoomChange,
    RosterChange,
    check_first_sent,
    parse_role,
)

VERSIONS = Versions(
    supported=(
        "2023-03-31-preview",
        "2023-06-14",
        "2023-10-30-preview",
        "2024-04-15",
        "2025-02-28-preview",
        "2025-03-13",
    ),
    # Told, and refused: the hosted service has retired them.
    deprecated=("2021-04-07", "2022-02-01"),
)
COLLABORATOR_SINCE = "2025-02-28-preview"
REQUEST_ID = "repeatability-request-id"
FIRST_SENT = "repeatability-first-sent"
_MINUTE = timedelta(minutes=1)


class RoomModel(msgspec.Struct, rename="camel"):
    """A room as every version shows it."""

    id: str
    created_at: Moment
    valid_from: Moment
    valid_until: Moment
    # 2023-06-14 did not have it, but Python clients of any later release read it unasked.
    pstn_dial_out_enabled: bool


class RoomsCollection(msgspec.Struct, rename="camel", omit_defaults=True):
    """One page of rooms."""

    value: list[RoomModel]
    next_link: str | None = None


class RoomParticipant(msgspec.Struct, rename="camel"):
    """One participant of a roster."""

    raw_id: str
    role: Role


class ParticipantsCollection(msgspec.Struct, rename="camel", omit_defaults=True):
    """One page of a roster."""

    value: list[RoomParticipant]
    next_link: str | None = None


class ParticipantProperties(msgspec.Struct):
    """What is said of one participant. Without a role he is an attendee."""

    role: Role | None = None


class CreateRoomRequest(msgspec.Struct, rename="camel"):
    """What `read_new_room` takes. Null stands for what is not said."""

    valid_from: Moment | None = None
    valid_until: Moment | None = None
    pstn_dial_out_enabled: bool | None = None
    # By raw id.
    participants: dict[str, ParticipantProperties | None] | None = None


class UpdateRoomRequest(msgspec.Struct, rename="camel"):
    """What `read_room_change` takes. Null stands for what stays."""

    valid_from: Moment | None = None
    valid_until: Moment | None = None
    pstn_dial_out_enabled: bool | None = None


class UpdateParticipantsRequest(msgspec.Struct):
    """What `read_roster_change` takes. A participant that is null is removed."""

    participants: dict[str, ParticipantProperties | None] | None = None


class UpdateParticipantsResult(msgspec.Struct):
    """An object with nothing in it."""


class _Entry(ParticipantProperties, forbid_unknown_fields=True):
    """A participant, in the usual form."""


class _Usual(UpdateRoomRequest, rename="camel", forbid_unknown_fields=True):
    """Any of the requests, in the form in which nearly all clients send it."""

    participants: dict[str, _Entry | None] | None = None


_USUAL = msgspec.json.Decoder(_Usual)


class Refusal(msgspec.Struct):
    """What an error answer said, as it was kept."""

    code: str
    message: str
    details: tuple[Fault, ...] = ()


class Refused(msgspec.Struct):
    """The envelope of it."""

    error: Refusal


def read_new_room(body: bytes, version: str) -> NewRoom:
    """What a request to create a room asks for."""
    fields, roles = _sent(body, version, request="createRoomRequestDto")
    return NewRoom(
        valid_from=_moment(fields, "validFrom"),
        valid_until=_moment(fields, "validUntil"),
        pstn_dial_out_enabled=_flag(fields, "pstnDialOutEnabled") or False,
        # Hosted service: its own examples hold a null, which invites nobody (docs/compat/rooms.md).
        participants={raw_id: role for raw_id, role in roles.items() if role is not None},
    )


def read_room_change(body: bytes) -> RoomChange:
    """What a request to update a room asks for. Null means "as it is", as if left out."""
    fields = _fields(body)
    return RoomChange(
        valid_from=_moment(fields, "validFrom"),
        valid_until=_moment(fields, "validUntil"),
        pstn_dial_out_enabled=_flag(fields, "pstnDialOutEnabled"),
    )


def read_roster_change(body: bytes, version: str) -> Mapping[str, Role | None]:
    """What a request to update participants asks for: a role for each raw id, None to remove."""
    _, roles = _sent(body, version, request="updateParticipantsRequestDto")
    return roles


def read_repeat(headers: Mapping[str, str], now: datetime, *, digest: bytes) -> Repeat | None:
    """What the headers of a repeatable request say; None when it is not meant to be one."""
    request_id, first_sent = headers.get(REQUEST_ID), headers.get(FIRST_SENT)
    if request_id is None and first_sent is None:
        return None
    if request_id is None or first_sent is None:
        raise RepeatHeaderMissing
    if not is_guid(request_id):
        raise InvalidRepeatId
    check_first_sent(now, _first_sent(first_sent))
    return Repeat(request_id.lower(), digest)


def read_anchor(position: str) -> Anchor:
    """What `write_anchor` wrote."""
    created_at, _, room_id = position.partition(" ")
    return Anchor(parse_moment(created_at), int(room_id))


def write_anchor(anchor: Anchor) -> str:
    return f"{format_moment(anchor.created_at)} {anchor.room_id}"


def read_position(position: str) -> int:
    """What `write_position` wrote."""
    return int(position)


def write_position(position: int) -> str:
    return str(position)


def write_refusal(error: Exception) -> Answer | None:
    """What is kept of a refusal; None of an error that another try may not meet."""
    problem = problem_of(error, ROOMS)
    ours = problem.status >= 500
    return None if ours else Answer(problem.status, encode_problem(problem))


def read_refusal(answer: Answer) -> RefusedBefore:
    """What `write_refusal` wrote, to be raised again."""
    told = msgspec.json.decode(answer.body, type=Refused).error
    return RefusedBefore(answer.status, told.code, told.message, details=told.details)


def tell_room(room: Room) -> dict[str, object]:
    """What the access line tells of a room: names as in the hosted service's log, in our case."""
    return {
        "room_id": str(room.id),
        "room_lifespan": (room.window.valid_until - room.window.valid_from) // _MINUTE,
        "pstn_dial_out_enabled": room.pstn_dial_out_enabled,
    }


def is_tellable(room_id: str) -> bool:
    """Whether it tells what a caller takes for a room's id: only if it looks like one."""
    return room_id.isascii() and room_id.isdigit() and len(room_id) <= LONGEST_ID


def tell_change(change: RosterChange) -> dict[str, object]:
    """What it tells of a change of a roster."""
    return {
        "added_room_participants_count": len(change.added),
        "upserted_room_participants_count": len(change.changed),
        "removed_room_participants_count": len(change.removed),
    }


def write_noted(room: Room, facts: dict[str, object]) -> Answer:
    """The answer about a new room, and what the access line tells of it."""
    facts.update(tell_room(room))
    return write_created(room)


def write_created(room: Room) -> Answer:
    """The answer about a new room. Its location is the bare id."""
    return Answer(201, write_room(room), str(room.id))


def write_room(room: Room) -> bytes:
    return encode_json(_room_model(room))


def write_rooms(rooms: tuple[Room, ...], next_link: str | None) -> bytes:
    return encode_json(RoomsCollection([_room_model(room) for room in rooms], next_link))


def write_roster(roster: tuple[Invitation, ...], next_link: str | None) -> bytes:
    participants = [RoomParticipant(one.raw_id, one.role) for one in roster]
    return encode_json(ParticipantsCollection(participants, next_link))


def _room_model(room: Room) -> RoomModel:
    room_id, _, created_at, (valid_from, valid_until), dial_out = room
    return RoomModel(
        str(room_id),
        format_moment(created_at),
        format_moment(valid_from),
        format_moment(valid_until),
        dial_out,
    )


def _sent(
    body: bytes, version: str, *, request: str
) -> tuple[Mapping[str, object], Mapping[str, Role | None]]:
    """The fields that were sent, and the role of each participant; None of one that is null."""
    usual = read_usual(_USUAL, body)
    if usual is not None:
        roles = {
            raw_id: None if entry is None else entry.role or Role.ATTENDEE
            for raw_id, entry in (usual.participants or {}).items()
        }
        if version >= COLLABORATOR_SINCE or Role.COLLABORATOR not in roles.values():
            fields: dict[str, object] = {
                "validFrom": usual.valid_from,
                "validUntil": usual.valid_until,
                "pstnDialOutEnabled": usual.pstn_dial_out_enabled,
            }
            return fields, roles
    # Whatever else can be understood; or what is wrong with it, to the letter.
    fields = _fields(body)
    return fields, _roles(body, fields, version, request=request)


def _fields(body: bytes) -> dict[str, object]:
    value = parse_json(body)
    if not isinstance(value, dict):
        raise MalformedRequest(Fault("The body must be a JSON object.", "$"))
    return value


def _moment(fields: Mapping[str, object], name: str) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise MalformedRequest(Fault("The value must be a date and time, as text.", f"$.{name}"))
    try:
        return parse_moment(value)
    except ValueError as error:
        fault = Fault(f"The value is no date and time that can be used: {error}.", f"$.{name}")
        raise MalformedRequest(fault) from error


def _first_sent(text: str) -> datetime:
    try:
        return parse_http_date(text)
    except ValueError:
        pass
    try:
        # Old Python clients write it as the body's dates are written.
        return parse_moment(text)
    except ValueError:
        raise InvalidFirstSent from None


def _flag(fields: Mapping[str, object], name: str) -> bool | None:
    value = fields.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise MalformedRequest(Fault("The value must be true, false or null.", f"$.{name}"))


def _roles(
    body: bytes, fields: Mapping[str, object], version: str, *, request: str
) -> dict[str, Role | None]:
    entries = fields.get("participants")
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        raise MalformedRequest(Fault("The value must be a JSON object.", "$.participants"))
    roles: dict[str, Role | None] = {}
    for raw_id, entry in entries.items():
        target = f"$.participants.{raw_id[:LONGEST_ECHO]}"
        if entry is None:
            roles[raw_id] = None
            continue
        if not isinstance(entry, dict):
            raise MalformedRequest(Fault("The value must be a JSON object or null.", target))
        role = _role(entry.get("role"), version)
        if role is None:
            place = _place(body, raw_id, entry["role"])
            raise MalformedRequest(*_unknown_role(request, f"{target}.role", place))
        roles[raw_id] = role
    return roles


def _role(value: object, version: str) -> Role | None:
    """The role that a value stands for; none is meant by leaving it out: Attendee."""
    if value is None:
        return Role.ATTENDEE
    role = parse_role(value) if isinstance(value, str) else None
    return None if role is Role.COLLABORATOR and version < COLLABORATOR_SINCE else role


def _unknown_role(request: str, target: str, place: tuple[int, int]) -> tuple[Fault, Fault]:
    line, column = place
    # Hosted service: its JSON reader complains, and what follows from it (docs/compat/rooms.md).
    return (
        Fault(f"The {request} field is required.", request),
        Fault(
            f"The JSON value could not be converted to RoleDto. Path: {target} | "
            f"LineNumber: {line} | BytePositionInLine: {column}.",
            target,
        ),
    )


def _place(body: bytes, raw_id: str, role: object) -> tuple[int, int]:
    """Where the role of `raw_id` ends in the body: the line, from 0, and the byte in it."""
    name, value = encode_json(raw_id), encode_json(role)
    start = body.rfind(name) + len(name)
    end = max(body.find(value, start), start) + len(value)
    return body.count(b"\n", 0, end), end - body.rfind(b"\n", 0, end) - 1
