"""What can be wrong with what is wished for one room, beside what any rooms request can have.

RoomError
    MalformedRequest
        NotOnTheRoster      400
"""

from openrooms.http.errors import LONGEST_ECHO
from openrooms.rooms.errors import Fault, MalformedRequest


class NotOnTheRoster(MalformedRequest):
    """Permissions are for someone who is not invited."""

    def __init__(self, raw_id: str) -> None:
        target = f"$.permissions.{raw_id[:LONGEST_ECHO]}"
        super().__init__(Fault("This user is not on the roster of the room.", target))
