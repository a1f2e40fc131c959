"""The access line tells what was done to a room, also when it was refused, and nothing else."""

import pytest
import structlog
from tests.identity.house import House
from tests.rooms.office import Office, person

pytestmark = pytest.mark.anyio

FACTS = (
    "room_id",
    "room_lifespan",
    "pstn_dial_out_enabled",
    "added_room_participants_count",
    "upserted_room_participants_count",
    "removed_room_participants_count",
)
HALF_A_YEAR = 180 * 24 * 60


def facts(logs: list[structlog.typing.EventDict]) -> list[tuple[str, dict[str, object]]]:
    """Operation and facts of each access line."""
    return [
        (entry["operation_name"], {name: entry[name] for name in FACTS if name in entry})
        for entry in logs
        if entry["event"] == "request"
    ]


async def test_each_operation_tells_its_facts(office: Office) -> None:
    with structlog.testing.capture_logs() as logs:
        room = await office.create(participants={person(1): {}, person(2): {}})
        room_id = room["id"]
        await office.update(room_id, {"pstnDialOutEnabled": True})
        changes = {person(1): None, person(2): {"role": "Presenter"}, person(3): {}}
        await office.invite(room_id, {"participants": changes})
        await office.participants(room_id)
        await office.get(room_id)
        await office.page()
        await office.delete(room_id)

    here = {"room_id": room_id}
    said = here | {"room_lifespan": HALF_A_YEAR, "pstn_dial_out_enabled": True}
    changed = {
        "added_room_participants_count": 1,
        "upserted_room_participants_count": 1,
        "removed_room_participants_count": 1,
    }
    assert facts(logs) == [
        (
            "CreateRoom",
            said | {"pstn_dial_out_enabled": False, "added_room_participants_count": 2},
        ),
        ("UpdateRoom", said),
        ("UpdateParticipants", here | changed),
        ("GetParticipants", here),
        ("GetRoom", said),
        ("ListRooms", {}),
        ("DeleteRoom", here),
    ]


async def test_a_repeated_create_tells_the_room_that_there_is_and_no_more(office: Office) -> None:
    repeatable = {
        "Repeatability-Request-Id": "5f6e2f3c-1b7a-4c8f-9d1e-2a3b4c5d6e7f",
        "Repeatability-First-Sent": "Sun, 22 Nov 2026 09:30:00 GMT",
    }
    with structlog.testing.capture_logs() as logs:
        made = await office.ask_to_create({"participants": {person(1): {}}}, repeatable)
        again = await office.ask_to_create({"participants": {person(1): {}}}, repeatable)

    room_id = made.json()["id"]
    assert again.json() == made.json()
    new = {
        "room_id": room_id,
        "room_lifespan": HALF_A_YEAR,
        "pstn_dial_out_enabled": False,
        "added_room_participants_count": 1,
    }
    assert facts(logs) == [("CreateRoom", new), ("CreateRoom", {"room_id": room_id})]


async def test_a_refusal_tells_the_room_and_why(office: Office) -> None:
    with structlog.testing.capture_logs() as logs:
        await office.get("99412345678901234")

    [entry] = logs
    assert entry["room_id"] == "99412345678901234"
    assert (entry["result_type"], entry["result_signature"]) == ("Refused", 404)
    assert entry["error_code"] == "NotFound"


@pytest.mark.parametrize("named", ["a-name-or-a-token", "9" * 19, "\uff19" * 17])
async def test_what_is_no_room_id_is_not_told(office: Office, named: str) -> None:
    with structlog.testing.capture_logs() as logs:
        await office.get(named)

    assert facts(logs) == [("GetRoom", {})]
    assert named not in str(logs)


async def test_the_line_names_whose_caller_it_was(house: House, office: Office) -> None:
    with structlog.testing.capture_logs() as logs:
        await office.page()

    [entry] = logs
    assert entry["resource_id"] == house.resource_id
    assert entry["operation_version"] == "2025-03-13"
    assert not any(
        house.resources.first.primary_key.hex() in str(value) for value in entry.values()
    )
