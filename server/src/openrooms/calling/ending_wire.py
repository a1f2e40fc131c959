"""The JSON of the end that a call has by time, to and from the model."""

from datetime import datetime

from msgspec import UNSET, Struct, UnsetType

from openrooms.http.dates import format_moment

# Why calls end by time: the window of their room is over.
ROOM_EXPIRED = "RoomExpired"


class EndView(Struct, frozen=True):
    """When a call will end for everyone, as it looks now, and why."""

    at: str
    reason: str


def view_of_end(at: datetime | None) -> EndView | UnsetType:
    """The end of a call, for who comes to it; left out when there is none to tell of."""
    return UNSET if at is None else EndView(format_moment(at), ROOM_EXPIRED)
