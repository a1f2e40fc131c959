"""What is told of rooms."""

import pytest
from tests.calling.records.archive import Archive
from tests.identity.house import Json

from openrooms.rooms.model import DEFAULT_LIMITS

from .told import told, types

pytestmark = pytest.mark.anyio

OWN = "OpenRooms."
VERSION = "2025-03-13"


async def asked(archive: Archive, request: str, sent: object = None) -> Json:
    method, target = request.split()
    answer = await archive.house.backend(VERSION).send(method, target, sent)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


async def test_the_life_of_a_room_is_told(archive: Archive) -> None:
    ann, bob = await archive.agent(), await archive.agent()
    made = await asked(archive, "POST /rooms", {"participants": {ann.raw_id: {}}})
    path = f"/rooms/{made['id']}"
    roster = {ann.raw_id: {"role": "Presenter"}, bob.raw_id: {"role": "Consumer"}}
    await asked(archive, f"PATCH {path}/participants", {"participants": roster})
    await asked(archive, f"PATCH {path}/participants", {"participants": {bob.raw_id: None}})
    await asked(archive, f"PATCH {path}", {"pstnDialOutEnabled": True})
    await asked(archive, f"DELETE {path}")

    events = await told(archive)

    assert [one["type"].removeprefix(OWN) for one in events] == [
        "RoomCreated",
        "ParticipantsUpdated",
        "ParticipantsUpdated",
        "RoomUpdated",
        "RoomDeleted",
    ]
    assert {one["subject"] for one in events} == {f"room/{made['id']}"}
    created, first, second, updated, deleted = [one["data"] for one in events]
    assert created == {
        "room": {"id": made["id"]},
        "createdAt": made["createdAt"],
        "validFrom": made["validFrom"],
        "validUntil": made["validUntil"],
        "pstnDialOutEnabled": False,
        "participantCount": 1,
    }
    assert first["added"] == [{"rawId": bob.raw_id, "role": "Consumer"}]
    assert first["changed"] == [
        {"rawId": ann.raw_id, "role": "Presenter", "formerRole": "Attendee"}
    ]
    assert first["removed"] == []
    assert second["removed"] == [{"rawId": bob.raw_id, "formerRole": "Consumer"}]
    assert updated["pstnDialOutEnabled"]
    assert deleted == {"room": {"id": made["id"]}}


async def test_what_changes_nothing_is_not_told(archive: Archive) -> None:
    made = await asked(archive, "POST /rooms", {})
    path = f"/rooms/{made['id']}"
    await asked(archive, f"PATCH {path}", {})
    await asked(archive, f"PATCH {path}/participants", {"participants": {}})
    await asked(archive, f"DELETE {path}")
    await asked(archive, f"DELETE {path}")
    refused = await archive.house.backend(VERSION).send("PATCH", path, {"validUntil": "x"})
    assert refused.status_code == 400

    assert await types(archive, OWN) == ["RoomCreated", "RoomDeleted"]


async def test_a_room_is_expired_once_its_grace_is_over(archive: Archive) -> None:
    made = await asked(archive, "POST /rooms", {})
    archive.house.clock.advance(days=180 + DEFAULT_LIMITS.grace.days)

    await archive.house.rooms.sweep()
    await archive.house.rooms.sweep()

    assert await types(archive, OWN) == ["RoomCreated", "RoomExpired"]
    assert (await told(archive))[-1]["subject"] == f"room/{made['id']}"
