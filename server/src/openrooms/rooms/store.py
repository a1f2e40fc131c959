"""The SQL of rooms: rooms, invitations, repeatable requests."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, tuple_, update

from openrooms.rooms.errors import Taken
from openrooms.rooms.model import (
    Anchor,
    Answer,
    Invitation,
    Page,
    Repeat,
    Role,
    Room,
    RosterChange,
    RosterPage,
    Window,
)
from openrooms.storage.instants import Instant
from openrooms.storage.once import insert_once
from openrooms.storage.schema import invitation, repeat, room
from openrooms.storage.statements import Row, Statement

FORGET_AT_ONCE = 500
# How many rooms, and participants of them, one transaction of the sweep may take.
ROOMS_AT_ONCE, INVITATIONS_AT_ONCE = 50, 2_000
# How many rooms one page may step over because they have ended.
SCAN_AT_ONCE = 5_000
_TOP = Anchor(datetime.max.replace(tzinfo=UTC), 2**63 - 1)
_BOTTOM = Anchor(datetime.min.replace(tzinfo=UTC), 0)

# Statements are built once: that costs several times as much as running them.
_ADD_ROOM = Statement(
    insert_once(room, "id").returning(room.c.number),
    "id",
    "resource_id",
    "created_at",
    "valid_from",
    "valid_until",
    "pstn_dial_out_enabled",
)
_ROOM_COLUMNS = select(
    room.c.id,
    room.c.resource_id,
    room.c.created_at,
    room.c.valid_from,
    room.c.valid_until,
    room.c.pstn_dial_out_enabled,
)
_FIND_ROOM = Statement(
    _ROOM_COLUMNS.where(
        room.c.id == bindparam("room_id"),
        room.c.resource_id == bindparam("of_resource"),
        room.c.deleted_at.is_(None),
    ),
    "room_id",
    "of_resource",
)
_NUMBER = select(room.c.number).where(room.c.id == bindparam("of_room"))
_OF_ROOM = invitation.c.room_number == _NUMBER.scalar_subquery()
_OF_ROOMS = invitation.c.room_number.in_(
    select(room.c.number).where(room.c.id.in_(bindparam("of_rooms", expanding=True)))
)
_WAS_ROOM = select(room.c.deleted_at.is_not(None)).where(
    room.c.id == bindparam("room_id"), room.c.resource_id == bindparam("of_resource")
)
_CHANGE_ROOM = update(room).where(room.c.id == bindparam("room_id"))
_BELOW = (
    room.c.resource_id == bindparam("of_resource"),
    room.c.deleted_at.is_(None),
    tuple_(room.c.created_at, room.c.id)
    < tuple_(bindparam("top_created_at", type_=Instant), bindparam("top_id")),
)
_NEWEST_FIRST = (room.c.created_at.desc(), room.c.id.desc())
_NEXT_ROOMS = _ROOM_COLUMNS.where(*_BELOW).order_by(*_NEWEST_FIRST).limit(bindparam("count"))
_NEXT = Statement(_NEXT_ROOMS, "of_resource", "top_created_at", "top_id", "count")
_NEXT_OPEN = _NEXT_ROOMS.where(
    tuple_(room.c.created_at, room.c.id)
    >= tuple_(bindparam("bottom_created_at", type_=Instant), bindparam("bottom_id")),
    room.c.valid_until > bindparam("now", type_=Instant),
)
_SCANNED = (
    select(room.c.created_at, room.c.id)
    .where(*_BELOW)
    .order_by(*_NEWEST_FIRST)
    .limit(1)
    .offset(SCAN_AT_ONCE)
)
_ANY_ROOM = select(room.c.id).where(
    room.c.resource_id == bindparam("of_resource"), room.c.deleted_at.is_(None)
)
_SOME_ROOMS = _ANY_ROOM.limit(ROOMS_AT_ONCE)
_CLEAR_ROSTERS = delete(invitation).where(_OF_ROOMS)
_DELETE_ROOMS = (
    update(room)
    .where(room.c.id.in_(bindparam("of_rooms", expanding=True)))
    .values(deleted_at=bindparam("at", type_=Instant))
)
_OVER = (
    select(room.c.id, room.c.resource_id)
    .where(room.c.deleted_at.is_(None), room.c.valid_until <= bindparam("until", type_=Instant))
    .order_by(room.c.valid_until)
    .limit(ROOMS_AT_ONCE)
    # What another process sweeps or changes right now comes next time.
    .with_for_update(skip_locked=True)
)
_CLEAR_SOME = delete(invitation).where(
    tuple_(invitation.c.room_number, invitation.c.raw_id).in_(
        select(invitation.c.room_number, invitation.c.raw_id)
        .where(_OF_ROOMS)
        .limit(INVITATIONS_AT_ONCE)
    )
)
_BURY = update(room).where(room.c.id.in_(bindparam("of_rooms", expanding=True)))
_INVITE = Statement(insert(invitation), "room_number", "raw_id", "role", "position")
_OF_USER = invitation.c.raw_id == bindparam("of_user")
_SET_ROLE = update(invitation).where(_OF_ROOM, _OF_USER).values(role=bindparam("new_role"))
_UNINVITE = delete(invitation).where(_OF_ROOM, _OF_USER)
_CLEAR_ROSTER = delete(invitation).where(_OF_ROOM)
_ROSTER = (
    select(invitation.c.raw_id, invitation.c.role, invitation.c.position)
    .where(_OF_ROOM)
    .order_by(invitation.c.position)
)
_NEXT_INVITED = _ROSTER.where(invitation.c.position > bindparam("after")).limit(bindparam("count"))
_ROLE = select(invitation.c.role).where(_OF_ROOM, _OF_USER)
_REMEMBER = Statement(
    insert_once(repeat, "resource_id", "request_id"),
    "resource_id",
    "request_id",
    "digest",
    "status",
    "body",
    "location",
    "created_at",
)
_RECALL = Statement(
    select(repeat.c.digest, repeat.c.status, repeat.c.body, repeat.c.location).where(
        repeat.c.resource_id == bindparam("of_resource"),
        repeat.c.request_id == bindparam("of_request"),
    ),
    "of_resource",
    "of_request",
)
_FORGET = delete(repeat).where(
    repeat.c.number.in_(select(repeat.c.number).order_by(repeat.c.number).limit(FORGET_AT_ONCE)),
    or_(
        repeat.c.created_at <= bindparam("until", type_=Instant),
        # The clock has been set back: such a one would hold up all that come after it.
        repeat.c.created_at > bindparam("latest", type_=Instant),
    ),
)


def add_room(connection: Connection, new: Room, roster: Sequence[Invitation]) -> None:
    """Write a new room with its roster. Raises `Taken` when another room has its id."""
    added = _ADD_ROOM.row(
        connection,
        new.id,
        new.resource_id,
        new.created_at,
        new.window.valid_from,
        new.window.valid_until,
        new.pstn_dial_out_enabled,
    )
    if added is None:
        raise Taken
    _invite(connection, added[0], roster)


def find_room(connection: Connection, room_id: int, resource_id: str) -> Room | None:
    """The room; None when it is unknown, of another resource, or deleted."""
    row = _FIND_ROOM.row(connection, room_id, resource_id)
    return None if row is None else _room(row)


def is_tombstone(connection: Connection, room_id: int, resource_id: str) -> bool:
    """Whether the resource had a room with this id and deleted it."""
    return bool(
        connection.execute(_WAS_ROOM, {"room_id": room_id, "of_resource": resource_id}).scalar()
    )


def change_room(connection: Connection, changed: Room) -> None:
    """Write the room's window and dial-out flag."""
    values = {
        "valid_from": changed.window.valid_from,
        "valid_until": changed.window.valid_until,
        "pstn_dial_out_enabled": changed.pstn_dial_out_enabled,
    }
    connection.execute(_CHANGE_ROOM, {"room_id": changed.id, **values})


def delete_room(connection: Connection, room_id: int, at: datetime) -> None:
    """Leave a tombstone of the room, without its roster."""
    connection.execute(_CHANGE_ROOM, {"room_id": room_id, "deleted_at": at})
    connection.execute(_CLEAR_ROSTER, {"of_room": room_id})


def has_rooms(connection: Connection, resource_id: str) -> bool:
    """Whether the resource has any room, ended or not."""
    return connection.execute(_ANY_ROOM.limit(1), {"of_resource": resource_id}).first() is not None


def delete_some(connection: Connection, resource_id: str, at: datetime) -> int:
    """Delete some rooms of a resource; their number, 0 when none is left."""
    rooms = connection.execute(_SOME_ROOMS, {"of_resource": resource_id}).scalars().all()
    if rooms:
        connection.execute(_CLEAR_ROSTERS, {"of_rooms": rooms})
        connection.execute(_DELETE_ROOMS, {"of_rooms": rooms, "at": at})
    return len(rooms)


def bury_rooms(
    connection: Connection, until: datetime, at: datetime
) -> tuple[list[tuple[int, str]], bool]:
    """Make tombstones of some rooms that ended by `until`; which, with their resources, and
    whether all was done.

    A long roster is taken in parts, and its room when it is empty: every step is a short one.
    """
    over = [(row.id, row.resource_id) for row in connection.execute(_OVER, {"until": until})]
    if not over:
        return [], True
    rooms = [room_id for room_id, _ in over]
    cleared = connection.execute(_CLEAR_SOME, {"of_rooms": rooms}).rowcount
    if cleared == INVITATIONS_AT_ONCE:
        return [], False
    connection.execute(_BURY, {"of_rooms": rooms, "deleted_at": at})
    return over, len(over) < ROOMS_AT_ONCE


def list_rooms(
    connection: Connection, resource_id: str, *, now: datetime, after: Anchor | None, size: int
) -> Page:
    """A page of the rooms that have not ended, newest first.

    However many have ended, a page steps over a bounded number of them. It may be short then, or
    empty, and the next one goes on behind them.
    """
    top, count = after or _TOP, size + 1
    rows = _NEXT.rows(connection, resource_id, top.created_at, top.room_id, count)
    found = [_room(row) for row in rows]
    if all(one.window.valid_until > now for one in found):
        return _page(found, size)
    values: dict[str, object] = {
        "of_resource": resource_id,
        "top_created_at": top.created_at,
        "top_id": top.room_id,
        "count": count,
    }
    scanned = connection.execute(_SCANNED, values).one_or_none()
    bottom = _BOTTOM if scanned is None else Anchor(scanned.created_at, scanned.id)
    values |= {"bottom_created_at": bottom.created_at, "bottom_id": bottom.room_id, "now": now}
    page = _page([_room(tuple(row)) for row in connection.execute(_NEXT_OPEN, values)], size)
    return page if page.next or scanned is None else Page(page.rooms, bottom)


def find_roster(connection: Connection, room_id: int) -> tuple[Invitation, ...]:
    """Everyone invited to the room, in order."""
    rows = connection.execute(_ROSTER, {"of_room": room_id})
    return tuple(Invitation(row.raw_id, Role(row.role), row.position) for row in rows)


def list_roster(
    connection: Connection, room_id: int, *, after: int | None, size: int
) -> RosterPage:
    """A page of those who are invited, in order; `after` is a position."""
    values = {"of_room": room_id, "after": -1 if after is None else after, "count": size + 1}
    rows = connection.execute(_NEXT_INVITED, values).all()
    roster = tuple(Invitation(row.raw_id, Role(row.role), row.position) for row in rows[:size])
    return RosterPage(roster, roster[-1].position if len(rows) > size else None)


def find_role(connection: Connection, room_id: int, raw_id: str) -> Role | None:
    """The role of one user; None when he is not invited."""
    role = connection.execute(_ROLE, {"of_room": room_id, "of_user": raw_id}).scalar()
    return None if role is None else Role(role)


def change_roster(connection: Connection, room_id: int, change: RosterChange) -> None:
    """Write what the change comes to."""
    if change.removed:
        gone = [{"of_room": room_id, "of_user": raw_id} for raw_id in change.removed]
        connection.execute(_UNINVITE, gone)
    if change.changed:
        roles = [
            {"of_room": room_id, "of_user": one.raw_id, "new_role": one.role}
            for one in change.changed
        ]
        connection.execute(_SET_ROLE, roles)
    if change.added:
        number = connection.execute(_NUMBER, {"of_room": room_id}).scalar_one()
        _invite(connection, number, change.added)


def remember(
    connection: Connection, resource_id: str, *, request: Repeat, answer: Answer, at: datetime
) -> bool:
    """Keep the answer to a repeatable request; False when there is one already.

    While another transaction is about to keep one, this waits for its end.
    """
    kept = _REMEMBER.run(
        connection,
        resource_id,
        request.request_id,
        request.digest,
        answer.status,
        answer.body,
        answer.location,
        at,
    )
    return bool(kept)


def recall(
    connection: Connection, resource_id: str, request_id: str
) -> tuple[bytes, Answer] | None:
    """The digest of a repeatable request and what was answered; None when it is new."""
    row = _RECALL.row(connection, resource_id, request_id)
    if row is None:
        return None
    digest, *answer = row
    return digest, Answer(*answer)


def forget(connection: Connection, until: datetime, latest: datetime) -> int:
    """Drop some records of repeatable requests made until then; their number, 0 when none is left.

    The oldest come first; one from later than `latest` goes with them.
    """
    return connection.execute(_FORGET, {"until": until, "latest": latest}).rowcount


def _invite(connection: Connection, number: int, roster: Sequence[Invitation]) -> None:
    rows = [(number, one.raw_id, one.role.value, one.position) for one in roster]
    if rows:
        _INVITE.run_each(connection, rows)


def _page(found: Sequence[Room], size: int) -> Page:
    """The first `size` of the rooms; more of them mean another page."""
    rooms = tuple(found[:size])
    more = len(found) > size
    return Page(rooms, Anchor(rooms[-1].created_at, rooms[-1].id) if more else None)


def _room(row: Row) -> Room:
    room_id, resource_id, created_at, valid_from, valid_until, dial_out = row
    return Room(room_id, resource_id, created_at, Window(valid_from, valid_until), dial_out)
