"""What is answered about Entra users: Teams tokens are not good here, other ways are not offered."""

import pytest
from tests.identity.house import Backend, House, Json

pytestmark = pytest.mark.anyio

EXCHANGE = "/teamsUser/:exchangeAccessToken"
SENT: Json = {"token": "eyJ.eyJ.abc", "appId": "an app", "userId": "a user"}
ENTRA = [
    ("POST", "/access/entra/:exchangeAccessToken"),
    ("GET", "/access/entra/assignments"),
    ("PATCH", "/access/entra/assignments"),
    ("GET", "/access/entra/assignments/1"),
    ("PUT", "/access/entra/assignments/1"),
    ("DELETE", "/access/entra/assignments/1"),
    ("POST", "/access/teamsExtension/:exchangeAccessToken"),
    ("GET", "/access/teamsExtension/tenants/1/assignments/2"),
    ("PUT", "/access/teamsExtension/tenants/1/assignments/2"),
    ("DELETE", "/access/teamsExtension/tenants/1/assignments/2"),
]


@pytest.mark.parametrize("version", ["2022-06-01", "2022-10-01", "2023-10-01", "2025-06-30"])
@pytest.mark.parametrize("other", [{}, {"token": ""}, {"token": None}, {"userId": ""}])
async def test_no_token_of_a_teams_user_is_good(house: House, version: str, other: Json) -> None:
    answer = await house.backend(version).send("POST", EXCHANGE, SENT | other)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"] == {
        "code": "InvalidAccessToken",
        "message": "Provided access token is not valid.",
    }
    assert "www-authenticate" not in answer.headers


async def test_a_missing_application_is_told_before_anything_about_the_token(
    backend: Backend,
) -> None:
    answer = await backend.send("POST", EXCHANGE, SENT | {"appId": "", "token": ""})

    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "ValidationError",
        "message": "AppId: The AppId field is required.",
        "target": "AppId",
    }
    assert "api-supported-versions" not in answer.headers


@pytest.mark.parametrize("sent", [b"", b"[]", b"{", {"token": 1}])
async def test_an_exchange_that_cannot_be_read_is_refused(backend: Backend, sent: object) -> None:
    answer = await backend.send(
        "POST", EXCHANGE, sent, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "ValidationError"


async def test_the_oldest_version_has_no_exchange(house: House) -> None:
    answer = await house.backend("2021-03-07").send("POST", EXCHANGE, SENT)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "UnsupportedApiVersion"


@pytest.mark.parametrize(("method", "path"), ENTRA)
async def test_access_by_entra_is_refused_in_plain_words(
    house: House, method: str, path: str
) -> None:
    answer = await house.backend("2025-03-02-preview").send(method, path, {})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "Forbidden")
    assert ":issueAccessToken" in error["message"]


@pytest.mark.parametrize("path", [EXCHANGE, ENTRA[0][1]])
async def test_a_stranger_is_told_nothing_but_that_he_is_one(house: House, path: str) -> None:
    answer = await house.client.post(f"{path}?api-version=2023-10-01", json={})

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "Denied"


async def test_older_versions_know_no_access_by_entra(backend: Backend) -> None:
    answer = await backend.send("POST", ENTRA[0][1], {})

    assert answer.json()["error"]["code"] == "UnsupportedApiVersion"
