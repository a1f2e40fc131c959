"""The SQL of what is set for single rooms and participants."""

import json

from sqlalchemy import Connection, bindparam, select, update

from openrooms.rooms.model import Role
from openrooms.rooms.settings.model import (
    NO_PERMISSIONS,
    AtExpiry,
    Invited,
    Permissions,
    RoomSettings,
)
from openrooms.storage.schema import invitation, room
from openrooms.storage.statements import Row, Statement

_NUMBER = select(room.c.number).where(room.c.id == bindparam("of_room")).scalar_subquery()
_OF_ROOM = invitation.c.room_number == _NUMBER
_OF_USER = invitation.c.raw_id == bindparam("of_user")
_ROSTER = Statement(
    select(invitation.c.raw_id, invitation.c.role, invitation.c.permissions)
    .where(_OF_ROOM)
    .order_by(invitation.c.position),
    "of_room",
)
_ONE = Statement(
    select(invitation.c.role, invitation.c.permissions).where(_OF_ROOM, _OF_USER),
    "of_room",
    "of_user",
)
_SETTINGS = Statement(
    select(room.c.at_expiry, room.c.grace_minutes, room.c.participant_limit).where(
        room.c.id == bindparam("of_room")
    ),
    "of_room",
)
_CHANGE = update(room).where(room.c.id == bindparam("of_room"))
_PERMIT = update(invitation).where(_OF_ROOM, _OF_USER).values(permissions=bindparam("new"))


def find_roster(connection: Connection, room_id: int) -> dict[str, Invited]:
    """Everyone invited to the room, by raw id."""
    return {row[0]: _invited(row[1:]) for row in _ROSTER.rows(connection, room_id)}


def find_invited(connection: Connection, room_id: int, raw_id: str) -> Invited | None:
    """One user; None when he is not invited."""
    row = _ONE.row(connection, room_id, raw_id)
    return None if row is None else _invited(row)


def find_settings(connection: Connection, room_id: int) -> RoomSettings:
    """What is set for the room; nothing for one that is not there."""
    row = _SETTINGS.row(connection, room_id)
    if row is None:
        return RoomSettings()
    at_expiry, grace_minutes, participant_limit = row
    return RoomSettings(
        None if at_expiry is None else AtExpiry(at_expiry), grace_minutes, participant_limit
    )


def change_settings(connection: Connection, room_id: int, settings: RoomSettings) -> None:
    connection.execute(_CHANGE.values(**settings._asdict()), {"of_room": room_id})


def change_permissions(
    connection: Connection, room_id: int, raw_id: str, *, permissions: Permissions
) -> None:
    """Write what one participant may do beyond his role, or less than it."""
    text = json.dumps(dict(permissions)) if permissions else None
    connection.execute(_PERMIT, {"of_room": room_id, "of_user": raw_id, "new": text})


def _invited(row: Row) -> Invited:
    role, permissions = row
    return Invited(Role(role), json.loads(permissions) if permissions else NO_PERMISSIONS)
