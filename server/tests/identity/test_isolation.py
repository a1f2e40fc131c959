"""Nothing of one resource is visible to another: in no answer, no list, by no id that is guessed."""

import json
from dataclasses import replace

import pytest
from tests.identity.house import HTTPS, Backend, House

from openrooms.identity.model import Resource

pytestmark = pytest.mark.anyio

ROOMS = "2025-03-13"
FIRST_SENT = {"Repeatability-First-Sent": "Sun, 22 Nov 2026 09:30:00 GMT"}
REPEAT = {"Repeatability-Request-Id": "5fa0c7bb-1111-4444-8888-0123456789ab"} | FIRST_SENT


async def status(backend: Backend, target: str = "/rooms") -> int:
    return (await backend.send("GET", target)).status_code


async def make_room(backend: Backend, **headers: str) -> str:
    answer = await backend.send("POST", "/rooms", {}, headers=headers)
    assert answer.status_code == 201
    return str(answer.json()["id"])


@pytest.fixture
async def clinic(house: House) -> Resource:
    """A second resource without a host name."""
    return await house.resources.create("clinic")


@pytest.fixture
def ours(house: House) -> Backend:
    return house.backend(ROOMS)


@pytest.fixture
def theirs(house: House, clinic: Resource) -> Backend:
    return house.backend(ROOMS, key=clinic.primary_key)


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", "/rooms/{}", None),
        ("PATCH", "/rooms/{}", {"pstnDialOutEnabled": True}),
        ("DELETE", "/rooms/{}", None),
        ("GET", "/rooms/{}/participants", None),
        ("PATCH", "/rooms/{}/participants", {"participants": {}}),
    ],
)
async def test_a_room_of_another_resource_is_like_one_that_never_was(
    ours: Backend, theirs: Backend, method: str, path: str, sent: object
) -> None:
    room_id = await make_room(ours)

    foreign = await theirs.send(method, path.format(room_id), sent)
    unknown = await theirs.send(method, path.format("99400000000000001"), sent)

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content
    # Each answer has an id of its own.
    told = [dict(one.headers) | {"x-ms-request-id": ""} for one in (foreign, unknown)]
    assert told[0] == told[1]
    assert await status(ours, f"/rooms/{room_id}") == 200


async def test_lists_hold_ones_own_rooms_alone(ours: Backend, theirs: Backend) -> None:
    mine, others = await make_room(ours), await make_room(theirs)

    assert [one["id"] for one in (await ours.send("GET", "/rooms")).json()["value"]] == [mine]
    assert [one["id"] for one in (await theirs.send("GET", "/rooms")).json()["value"]] == [others]


async def test_a_page_token_of_another_resource_is_refused(ours: Backend, theirs: Backend) -> None:
    for _ in range(101):
        await make_room(ours)
    link = (await ours.send("GET", "/rooms")).json()["nextLink"]
    target = link.removeprefix(HTTPS)

    assert await status(theirs, target) == 400
    assert await status(ours, target) == 200


async def test_a_repeated_request_of_another_resource_is_another_request(
    ours: Backend, theirs: Backend
) -> None:
    mine, others = await make_room(ours, **REPEAT), await make_room(theirs, **REPEAT)

    assert mine != others
    assert await make_room(ours, **REPEAT) == mine


@pytest.mark.parametrize("operation", [":issueAccessToken", ":revokeAccessTokens", ""])
async def test_an_identity_of_another_resource_is_denied(
    ours: Backend, theirs: Backend, operation: str
) -> None:
    owner = replace(ours, version="2023-10-01")
    stranger = replace(theirs, version="2023-10-01")
    raw_id = (await owner.send("POST", "/identities")).json()["identity"]["id"]
    made_up = raw_id.rpartition("_")[0] + "_00000000-0000-4000-8000-000000000000"
    method, path = ("POST", f"/{operation}") if operation else ("DELETE", "")
    sent = {"scopes": ["voip"]} if "issue" in operation else None

    answers = [
        await stranger.send(method, f"/identities/{one}{path}", sent) for one in (raw_id, made_up)
    ]

    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert json.loads(answers[0].content)["error"]["code"] == "Denied"
