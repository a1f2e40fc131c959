"""What an event is: values and rules, no I/O."""

from datetime import datetime
from typing import NamedTuple

# Ours stand under a name of our own; those of calls have the names that receivers know.
OWN = "OpenRooms."
OF_CALLS = "Microsoft.Communication."


class Event(NamedTuple):
    """Something that has happened. `data`: what is told of it, as JSON.

    Events of one `ordering_key` are told in the order in which they were written. Who writes one
    holds what the key names, a call or a room, until the end of the transaction.
    """

    resource_id: str
    ordering_key: str
    type: str
    subject: str
    data: str
    at: datetime


class KeptEvent(NamedTuple):
    """An event as it is kept. `sequence` counts those of its resource. `data` is JSON."""

    resource_id: str
    sequence: int
    id: str
    type: str
    subject: str
    data: str
    at: datetime


class Page(NamedTuple):
    """Some events in the order of their sequence. `next`: the last one's, if there are more."""

    value: tuple[KeptEvent, ...]
    next: int | None


def of_user(raw_id: str, role: str | None = None) -> dict[str, object]:
    """A user as events name him: in the shape of the documents, and in that of the typed models.

    `role` is left out where there are none.
    """
    user: dict[str, object] = {"id": raw_id}
    identifier = {"kind": "communicationUser", "rawId": raw_id, "communicationUser": user}
    told: dict[str, object] = {
        "communicationIdentifier": identifier,
        "rawId": raw_id,
        "communicationUser": user,
    }
    return told if role is None else {**told, "role": role}
