"""What is seen at the door of a room: all that the decision about a join looks at."""

from dataclasses import dataclass
from datetime import datetime

from openrooms.calling import store
from openrooms.calling.model import Door, comes_back
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Arrival:
    """A user at the door of a room. `call_id`: the call that runs there."""

    room_id: int
    user: CommunicationUser
    signed_in: bool
    call_id: str | None


@dataclass(frozen=True, slots=True)
class Doorway:
    """Looks at who comes. `most_legs`: how many the server lets into one call."""

    rooms: Rooms
    most_legs: int

    def look(self, connection: Connection, arrival: Arrival, now: datetime) -> Door:
        """The door as it is now."""
        room_id, call_id = arrival.room_id, arrival.call_id
        room = self.rooms.find(connection, room_id, arrival.user.resource)
        raw_id = arrival.user.raw_id
        late = room is not None and room.window.valid_until <= now and call_id is not None
        last = store.last_stay(connection, call_id or "", raw_id) if late else None
        return Door(
            room=room,
            role=self.rooms.role_of(connection, room_id, raw_id),
            signed_in=arrival.signed_in,
            live_legs=0 if call_id is None else store.count_seats(connection, call_id),
            most_legs=self.rooms.settings(connection, room_id).seats(self.most_legs),
            comes_back=comes_back(last, now),
        )
