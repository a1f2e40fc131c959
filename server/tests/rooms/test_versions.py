"""Which versions of rooms are served, which are retired, and who is told, over HTTP."""

import pytest
from tests.identity.house import House
from tests.rooms.office import Office, flat

pytestmark = pytest.mark.anyio

LISTED = (
    "2023-03-31-preview, 2023-06-14, 2023-10-30-preview, 2024-04-15, 2025-02-28-preview, 2025-03-13"
)
RETIRED = "2021-04-07, 2022-02-01"
NOT_FOUND = (404, "The server cannot find the requested resource.")


@pytest.mark.parametrize("target", ["/rooms", "/rooms/9949484443000000", "/rooms/1"])
async def test_answers_tell_the_versions(house: House, target: str) -> None:
    answer = await house.backend("2025-03-13").send("GET", target)

    assert answer.headers["api-supported-versions"] == LISTED
    assert answer.headers["api-deprecated-versions"] == RETIRED


async def test_a_body_that_cannot_be_bound_is_not_told_the_versions(office: Office) -> None:
    answer = await office.ask_to_create({"validFrom": 1})

    assert answer.status_code == 400
    assert "api-supported-versions" not in answer.headers
    assert "api-deprecated-versions" not in answer.headers


@pytest.mark.parametrize(
    "version",
    [
        "2021-04-07",
        "2021-04-07-preview1",
        "2022-02-01",
        "2022-02-01-preview",
        "ApiVersion.V2022_02_01",
        "1999-01-01",
    ],
)
async def test_a_retired_version_is_refused_by_name(house: House, version: str) -> None:
    answer = await house.backend(version).send("POST", "/rooms", {})

    uri = "https://rooms.example:8443/rooms"
    assert answer.status_code == 400
    assert answer.headers["api-supported-versions"] == LISTED
    assert answer.headers["api-deprecated-versions"] == RETIRED
    assert answer.headers["x-ms-error-code"] == "UnsupportedApiVersion"
    assert answer.json()["error"] == {
        "code": "UnsupportedApiVersion",
        "message": (
            f"The HTTP resource that matches the request URI '{uri}' "
            f"does not support the API version '{version}'."
        ),
    }


@pytest.mark.parametrize("verb", ["add", "update", "remove"])
@pytest.mark.parametrize("version", ["2022-02-01", "2025-03-13"])
async def test_the_retired_ways_to_change_a_roster_lead_nowhere(
    house: House, office: Office, version: str, verb: str
) -> None:
    room_id = (await office.create())["id"]

    answer = await house.backend(version).send(
        "POST", f"/rooms/{room_id}/participants:{verb}", {"participants": []}
    )

    assert flat(answer) == NOT_FOUND
