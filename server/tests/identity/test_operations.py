"""The operations on identities, over HTTP."""

import base64
import json
import re
from datetime import datetime, timedelta

import jwt
import pytest
from tests.identity.house import START, STRANGERS, Backend, House, Json

from openrooms.identity.errors import TokenRefused
from openrooms.kernel.identifiers import CommunicationUser, parse_user

pytestmark = pytest.mark.anyio

LISTED = "2021-03-07, 2022-06-01, 2022-10-01, 2023-10-01, 2025-03-02-preview, 2025-06-30"
VERSIONS = [*LISTED.split(", "), "2023-08-01"]
ZERO = "00000000-0000-0000-0000-000000000000"


async def create(backend: Backend, **sent: object) -> Json:
    answer = await backend.send("POST", "/identities", sent or None)
    assert answer.status_code == 201
    return answer.json()


async def issue(backend: Backend, raw_id: str, **sent: object) -> str:
    body = {"scopes": ["voip"]} | sent
    answer = await backend.send("POST", f"/identities/{raw_id}/:issueAccessToken", body)
    assert answer.status_code == 200
    token: str = answer.json()["token"]
    return token


def user_of(raw_id: str) -> CommunicationUser:
    user = parse_user(raw_id)
    assert user is not None
    return user


# Create


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_identity_is_made_from_an_empty_request(house: House, version: str) -> None:
    answer = await house.backend(version).send("POST", "/identities")

    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["api-supported-versions"] == LISTED
    guid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    raw_id = answer.json()["identity"]["id"]
    assert re.fullmatch(f"8:acs:{house.resource_id}_{guid}", raw_id)
    assert answer.json() == {"identity": {"id": raw_id}}


@pytest.mark.parametrize(
    "version",
    [
        "2020-07-20-preview2",
        "2021-02-22-preview1",
        "2021-10-31-preview",
        "2021-11-01",
        "2000-01-01",
    ],
)
async def test_any_other_version_is_refused_by_name(house: House, version: str) -> None:
    answer = await house.backend(version).send("POST", "/identities")

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "UnsupportedApiVersion")
    assert error["message"].endswith(f"/identities' does not support the API version '{version}'.")
    assert answer.headers["api-supported-versions"] == LISTED


async def test_an_identity_is_made_together_with_a_token(house: House, backend: Backend) -> None:
    made = await create(backend, createTokenWithScopes=["chat", "voip"], expiresInMinutes=60)

    token = made["accessToken"]
    expires_on = datetime.fromisoformat(token["expiresOn"])
    caller = await house.identities.verify(token["token"])
    assert expires_on == START + timedelta(hours=1)
    assert caller.expires_on == expires_on.replace(microsecond=0)
    assert caller.user.raw_id == made["identity"]["id"]
    assert caller.scopes == {"chat", "voip"}


async def test_two_identities_are_never_the_same(backend: Backend) -> None:
    first, second = await create(backend), await create(backend)

    assert first["identity"]["id"] != second["identity"]["id"]


@pytest.mark.parametrize(
    ("sent", "message", "target"),
    [
        (
            {"createTokenWithScopes": ["chat"], "expiresInMinutes": 1441},
            "ExpiresInMinutes value 1441 is invalid. Value must be within the [60, 1440] interval.",
            "ExpiresInMinutes",
        ),
        ({"createTokenWithScopes": []}, "Scopes: The Scopes field is required.", "Scopes"),
        (
            {"createTokenWithScopes": ["voip", "calls"]},
            (
                "Scopes: Each scope must be one of "
                "chat, voip, chat.join, chat.join.limited, voip.join."
            ),
            "Scopes",
        ),
    ],
)
async def test_no_identity_is_made_for_a_token_that_cannot_be(
    backend: Backend, house: House, sent: object, message: str, target: str
) -> None:
    answer = await backend.send("POST", "/identities", sent)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"code": "ValidationError", "message": message, "target": target}
    }
    assert answer.headers["content-type"] == "application/json"
    assert "x-ms-error-code" not in answer.headers
    assert await house.count("identity") == 0


async def test_the_callers_request_id_is_sent_back(backend: Backend) -> None:
    headers = {"x-ms-client-request-id": "5fa0c7bb-1111-4444-8888-0123456789ab"}

    good = await backend.send("POST", "/identities", headers=headers)
    bad = await backend.send("POST", "/identities", b"[", headers=headers)

    assert good.headers["x-ms-client-request-id"] == headers["x-ms-client-request-id"]
    assert bad.headers["x-ms-client-request-id"] == headers["x-ms-client-request-id"]
    assert bad.json()["error"]["code"] == "ValidationError"


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"createTokenWithScopes": ["chat"], "expiresInMinutes": 59}, True),
        ({"createTokenWithScopes": ["calls"]}, True),
        ({"createTokenWithScopes": []}, False),
        ({"createTokenWithScopes": "chat"}, False),
        ({"expiresInMinutes": "60"}, False),
        ([], False),
        (b"{", False),
    ],
)
async def test_only_a_request_that_could_be_read_is_told_the_versions(
    backend: Backend, sent: object, told: bool
) -> None:
    answer = await backend.send("POST", "/identities", sent)

    assert answer.status_code == 400
    assert ("api-supported-versions" in answer.headers) is told


# Issue


async def test_a_token_is_issued_for_an_identity(house: House, backend: Backend) -> None:
    raw_id = (await create(backend))["identity"]["id"]

    answer = await backend.send(
        "POST", f"/identities/{raw_id}/:issueAccessToken", {"scopes": ["voip"]}
    )

    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expiresOn"}
    assert datetime.fromisoformat(answer.json()["expiresOn"]) == START + timedelta(days=1)
    assert (await house.identities.verify(answer.json()["token"])).user == user_of(raw_id)


async def test_an_id_is_the_same_whether_percent_encoded_or_not(
    house: House, backend: Backend
) -> None:
    raw_id = (await create(backend))["identity"]["id"]

    token = await issue(backend, raw_id.replace(":", "%3A"))

    assert (await house.identities.verify(token)).user == user_of(raw_id)


async def test_python_clients_can_decode_a_token(backend: Backend) -> None:
    raw_id = (await create(backend))["identity"]["id"]
    token = await issue(backend, raw_id, expiresInMinutes=90)

    payload = token.split(".")[1]
    # The published client pads so, and uses the standard alphabet.
    decoded = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4)).decode("ascii"))

    assert decoded["exp"] == int((START + timedelta(minutes=90)).timestamp())


async def test_anyone_can_check_a_token_with_the_published_keys(
    house: House, backend: Backend
) -> None:
    raw_id = (await create(backend))["identity"]["id"]
    token = await issue(backend, raw_id)

    shown = await house.client.get("/.well-known/jwks.json")

    keys = jwt.PyJWKSet.from_dict(shown.json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, options={"verify_exp": False, "verify_iat": False})
    assert claims["skypeid"] == raw_id[2:]
    assert claims["iss"] == "http://localhost:8080"


@pytest.mark.parametrize(
    ("sent", "message", "target"),
    [
        (
            {"scopes": ["chat"], "expiresInMinutes": 59},
            "ExpiresInMinutes value 59 is invalid. Value must be within the [60, 1440] interval.",
            "ExpiresInMinutes",
        ),
        (
            {"scopes": None, "expiresInMinutes": None},
            "Scopes: The Scopes field is required.",
            "Scopes",
        ),
        ({}, "Scopes: The Scopes field is required.", "Scopes"),
        (
            {"scopes": ["voip"], "expiresInMinutes": True},
            "ExpiresInMinutes: The value must be a whole number of minutes.",
            "ExpiresInMinutes",
        ),
    ],
)
async def test_a_token_that_cannot_be_is_not_issued(
    backend: Backend, sent: object, message: str, target: str
) -> None:
    raw_id = (await create(backend))["identity"]["id"]

    answer = await backend.send("POST", f"/identities/{raw_id}/:issueAccessToken", sent)

    assert answer.status_code == 400
    assert answer.json() == {
        "error": {"code": "ValidationError", "message": message, "target": target}
    }


@pytest.mark.parametrize("rest", ["/:issueAccessToken", "/:revokeAccessTokens", ""])
@pytest.mark.parametrize("raw_id", [f"8:acs:{ZERO}_{ZERO}", f"8:acs:{STRANGERS}_{ZERO}"])
async def test_an_identity_of_another_resource_is_denied(
    backend: Backend, raw_id: str, rest: str
) -> None:
    method, sent = ("POST", {"scopes": ["voip"]}) if rest else ("DELETE", None)

    answer = await backend.send(method, f"/identities/{raw_id}{rest}", sent)

    assert answer.status_code == 401
    assert answer.json()["error"] == {
        "code": "Denied",
        "message": "Denied by the resource provider.",
    }


@pytest.mark.parametrize("rest", ["/:issueAccessToken", "/:revokeAccessTokens"])
async def test_an_own_identity_that_is_not_there_is_not_found(
    house: House, backend: Backend, rest: str
) -> None:
    raw_id = f"8:acs:{house.resource_id}_{ZERO}"

    answer = await backend.send("POST", f"/identities/{raw_id}{rest}", {"scopes": ["voip"]})

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NotFound"


@pytest.mark.parametrize("raw_id", ["foo", "8:acs:", "8:acs:%00", "x" * 10_000])
async def test_what_is_no_identity_is_refused(backend: Backend, raw_id: str) -> None:
    answer = await backend.send(
        "POST", f"/identities/{raw_id}/:issueAccessToken", {"scopes": ["voip"]}
    )

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "ValidationError"


# Revoke and delete


async def test_revoking_ends_old_tokens_and_lets_new_ones_be(
    house: House, backend: Backend
) -> None:
    made = await create(backend, createTokenWithScopes=["voip"])
    raw_id, old = made["identity"]["id"], made["accessToken"]["token"]

    answer = await backend.send("POST", f"/identities/{raw_id}/:revokeAccessTokens")
    new = await issue(backend, raw_id)

    assert answer.status_code == 204
    assert not answer.content
    with pytest.raises(TokenRefused, match="revoked"):
        await house.identities.verify(old)
    assert (await house.identities.verify(new)).user == user_of(raw_id)
    assert house.user_witness.settled == [user_of(raw_id)]
    assert house.user_witness.followed == [f"outcome of {user_of(raw_id)}"]


async def test_deleting_ends_tokens_and_can_be_done_twice(house: House, backend: Backend) -> None:
    made = await create(backend, createTokenWithScopes=["voip"])
    raw_id = made["identity"]["id"]

    answers = [await backend.send("DELETE", f"/identities/{raw_id}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    with pytest.raises(TokenRefused):
        await house.identities.verify(made["accessToken"]["token"])
    assert house.user_witness.settled == [user_of(raw_id)]
    assert len(house.user_witness.followed) == 1


async def test_a_deleted_identity_gets_no_token(house: House, backend: Backend) -> None:
    raw_id = (await create(backend))["identity"]["id"]
    await backend.send("DELETE", f"/identities/{raw_id}")

    answer = await backend.send(
        "POST", f"/identities/{raw_id}/:issueAccessToken", {"scopes": ["voip"]}
    )

    assert answer.status_code == 404


async def test_an_identity_never_made_counts_as_deleted(house: House, backend: Backend) -> None:
    answer = await backend.send("DELETE", f"/identities/8:acs:{house.resource_id}_{ZERO}")

    assert answer.status_code == 204
    assert house.user_witness.settled == []


# Verify


async def test_a_token_ends_when_its_time_is_over(house: House, backend: Backend) -> None:
    made = await create(backend, createTokenWithScopes=["voip"], expiresInMinutes=60)
    token = made["accessToken"]["token"]

    house.clock.advance(minutes=59)
    await house.identities.verify(token)
    house.clock.advance(minutes=1)

    with pytest.raises(TokenRefused, match="expired"):
        await house.identities.verify(token)


async def test_a_transaction_can_ask_whether_a_user_still_stands(
    house: House, backend: Backend
) -> None:
    user = user_of((await create(backend))["identity"]["id"])

    assert await house.stands(user, 1)
    assert not await house.stands(user, 2)
