"""Who hears of changes to rooms while they are made, and after."""

from typing import Protocol

from openrooms.storage.database import Connection


class RoomWatcher(Protocol):
    """Whoever must know of each change to a roster, a window, or the existence of a room."""

    def settle_room(self, connection: Connection, room_id: int) -> object:
        """Write what follows from the change, in its transaction, with the room locked."""

    def follow(self, outcome: object) -> None:
        """Act on what `settle_room` returned, now that it is committed."""
