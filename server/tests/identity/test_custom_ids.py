"""Identities under ids of the caller's own, and what is told of an identity, over HTTP."""

import anyio
import httpx2
import pytest
from tests.identity.house import STRANGERS, Backend, House, Json

pytestmark = pytest.mark.anyio

ZERO = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def backend(house: House) -> Backend:
    """An app's server that speaks the version in which this is new."""
    return house.backend("2025-03-02-preview")


async def create(backend: Backend, **sent: object) -> Json:
    answer = await backend.send("POST", "/identities", sent)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def get(backend: Backend, raw_id: str) -> httpx2.Response:
    return await backend.send("GET", f"/identities/{raw_id}")


async def test_the_same_custom_id_finds_the_same_identity(house: House, backend: Backend) -> None:
    first = await create(backend, customId="ada")
    house.clock.advance(hours=1)
    second = await create(backend, customId="ada")
    other = await create(backend, customId="Ada")

    assert first == second == {"identity": {"id": first["identity"]["id"], "customId": "ada"}}
    assert other["identity"]["id"] != first["identity"]["id"]
    assert await house.count("identity") == 2


async def test_a_token_can_be_had_each_time(house: House, backend: Backend) -> None:
    raw_id = (await create(backend, customId="ada"))["identity"]["id"]
    await backend.send("POST", f"/identities/{raw_id}/:revokeAccessTokens")

    again = await create(backend, customId="ada", createTokenWithScopes=["voip"])

    caller = await house.identities.verify(again["accessToken"]["token"])
    assert caller.user.raw_id == raw_id
    assert caller.generation == 2


@pytest.mark.parametrize("custom_id", ["x", "x" * 256, "\U0001f600" * 256, "' OR 1=1 --", " "])
async def test_any_text_of_256_characters_will_do(backend: Backend, custom_id: str) -> None:
    made = await create(backend, customId=custom_id)

    told = (await get(backend, made["identity"]["id"])).json()
    assert told == {"id": made["identity"]["id"], "customId": custom_id}


@pytest.mark.parametrize("custom_id", ["", "x" * 257, 1, ["ada"], {}])
async def test_what_is_no_custom_id_is_refused(
    house: House, backend: Backend, custom_id: object
) -> None:
    answer = await backend.send("POST", "/identities", {"customId": custom_id})

    error = answer.json()["error"]
    assert answer.status_code == 400
    assert (error["code"], error["target"]) == ("ValidationError", "CustomId")
    assert await house.count("identity") == 0


async def test_many_at_once_get_one_identity(house: House, backend: Backend) -> None:
    made: list[str] = []

    async def ask() -> None:
        made.append((await create(backend, customId="ada"))["identity"]["id"])

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(ask)

    assert len(made) == 20
    assert len(set(made)) == 1
    assert await house.count("identity") == 1


async def test_a_deleted_identity_lets_its_custom_id_go(backend: Backend) -> None:
    first = (await create(backend, customId="ada"))["identity"]["id"]
    await backend.send("DELETE", f"/identities/{first}")

    second = (await create(backend, customId="ada"))["identity"]["id"]

    assert second != first
    assert (await get(backend, first)).status_code == 404


async def test_a_custom_id_is_one_resources_own(house: House, backend: Backend) -> None:
    theirs, _ = await house.identities.create(STRANGERS, custom_id="ada")

    ours = (await create(backend, customId="ada"))["identity"]["id"]

    assert ours != theirs.raw_id


async def test_an_identity_tells_when_a_token_was_issued_last(
    house: House, backend: Backend
) -> None:
    raw_id = (await create(backend))["identity"]["id"]
    before = await get(backend, raw_id)
    house.clock.advance(hours=1)

    await backend.send("POST", f"/identities/{raw_id}/:issueAccessToken", {"scopes": ["chat"]})
    after = await get(backend, raw_id)

    assert before.json() == {"id": raw_id}
    assert after.json() == {"id": raw_id, "lastTokenIssuedAt": "2026-11-22T10:30:00.123456+00:00"}


async def test_meeting_an_identity_without_a_token_is_no_issue_of_one(
    house: House, backend: Backend
) -> None:
    await create(backend, customId="ada", createTokenWithScopes=["chat"])
    house.clock.advance(hours=1)

    raw_id = (await create(backend, customId="ada"))["identity"]["id"]

    told = (await get(backend, raw_id)).json()
    assert told["lastTokenIssuedAt"] == "2026-11-22T09:30:00.123456+00:00"


@pytest.mark.parametrize(
    ("raw_id", "status"),
    [
        (f"8:acs:{ZERO}_{ZERO}", 401),
        (f"8:acs:{STRANGERS}_{ZERO}", 401),
        ("foo", 400),
    ],
)
async def test_only_an_own_identity_is_told(backend: Backend, raw_id: str, status: int) -> None:
    assert (await get(backend, raw_id)).status_code == status


async def test_an_identity_that_never_was_is_not_found(house: House, backend: Backend) -> None:
    answer = await get(backend, f"8:acs:{house.resource_id}_{ZERO}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NotFound"


async def test_older_versions_cannot_ask(house: House, backend: Backend) -> None:
    raw_id = (await create(backend))["identity"]["id"]

    answer = await get(house.backend("2023-10-01"), raw_id)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "UnsupportedApiVersion"
