"""What events tell of rooms: each is written in the transaction of what it tells of.

A file of its own: `service` says when, this says what.
"""

from collections.abc import Sequence
from datetime import datetime

from openrooms.events.model import OWN, Event
from openrooms.events.wire import write_data
from openrooms.rooms.model import Invitation, Room, RosterChange

_ROSTER = "ParticipantsUpdated"
ROSTER_CHANGED = OWN + _ROSTER


def ordering_key(room_id: object) -> str:
    """What events of one room are ordered by."""
    return f"room:{room_id}"


def room_created(room: Room, roster: Sequence[Invitation]) -> Event:
    told = {**_told(room), "participantCount": len(roster)}
    return _event("RoomCreated", room.resource_id, room.id, told=told, at=room.created_at)


def room_updated(room: Room, at: datetime) -> Event:
    return _event("RoomUpdated", room.resource_id, room.id, told=_told(room), at=at)


def room_deleted(resource_id: str, room_id: int, at: datetime) -> Event:
    return _event("RoomDeleted", resource_id, room_id, told={}, at=at)


def room_expired(resource_id: str, room_id: int, at: datetime) -> Event:
    return _event("RoomExpired", resource_id, room_id, told={}, at=at)


def participants_updated(room: Room, change: RosterChange, at: datetime) -> Event:
    told: dict[str, object] = {
        "added": [_invited(one) for one in change.added],
        "changed": [
            {**_invited(one), "formerRole": change.former[one.raw_id].value}
            for one in change.changed
        ],
        "removed": [
            {"rawId": raw_id, "formerRole": change.former[raw_id].value}
            for raw_id in change.removed
        ],
    }
    return _event(_ROSTER, room.resource_id, room.id, told=told, at=at)


def _event(
    name: str, resource_id: str, room_id: int, *, told: dict[str, object], at: datetime
) -> Event:
    data = write_data({"room": {"id": str(room_id)}, **told})
    return Event(resource_id, ordering_key(room_id), OWN + name, f"room/{room_id}", data, at)


def _told(room: Room) -> dict[str, object]:
    return {
        "createdAt": room.created_at.isoformat(),
        "validFrom": room.window.valid_from.isoformat(),
        "validUntil": room.window.valid_until.isoformat(),
        "pstnDialOutEnabled": room.pstn_dial_out_enabled,
    }


def _invited(one: Invitation) -> dict[str, str]:
    return {"rawId": one.raw_id, "role": one.role.value}
