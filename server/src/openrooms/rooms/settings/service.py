"""What callers can do with what is set for single rooms: read it, and change it."""

from functools import partial

from openrooms.rooms.model import Room
from openrooms.rooms.service import Rooms
from openrooms.rooms.settings import store
from openrooms.rooms.settings.model import (
    RoomRules,
    RulesChange,
    change_permissions,
)
from openrooms.storage.database import Connection


class Settings:
    """What is set for single rooms. A change is live: running calls follow it."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def get(self, resource_id: str, room_id: str) -> RoomRules:
        """All that is set for the room."""
        return await self._rooms.read(resource_id, room_id, _rules)

    async def change(self, resource_id: str, room_id: str, change: RulesChange) -> RoomRules:
        """Set what is asked for: all of it or nothing. What is set then."""
        return await self._rooms.alter(resource_id, room_id, partial(_change, change=change))


def _rules(connection: Connection, room_id: int) -> RoomRules:
    roster = store.find_roster(connection, room_id)
    given = {raw_id: one.permissions for raw_id, one in roster.items() if one.permissions}
    return RoomRules(store.find_settings(connection, room_id), given)


def _change(connection: Connection, room: Room, *, change: RulesChange) -> tuple[RoomRules, bool]:
    roster, stored = (
        store.find_roster(connection, room.id),
        store.find_settings(connection, room.id),
    )
    permissions = change_permissions(roster, change)
    settings = stored._replace(**change.settings)
    if settings != stored:
        store.change_settings(connection, room.id, settings)
    for raw_id, new in permissions.items():
        store.change_permissions(connection, room.id, raw_id, permissions=new)
    return _rules(connection, room.id), bool(permissions) or settings != stored
