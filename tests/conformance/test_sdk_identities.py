"""Every official SDK, unchanged, manages users and their tokens."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from support.sdk_calls import refused
from support.sdks import Driver, able
from support.server import Server

STRANGER = "8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000"
DENIED = (401, "Denied", "Denied by the resource provider.", None)
EXPIRED = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3MDAwMDAwMDB9.c2lnbmF0dXJl"
GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _lasts(token: str) -> float:
    return float(_claims(token)["exp"]) - datetime.now(UTC).timestamp()


def _refusal(sdk: Driver, name: str, **given: object) -> tuple[object, ...]:
    told = refused(sdk, name, **given)
    return told.status, told.code, told.message, told.target


def test_users_are_named_by_their_resource_and_themselves(sdk: Driver) -> None:
    one, other = sdk.call("createUser"), sdk.call("createUser")

    assert one != other
    assert one.startswith("8:acs:")
    assert one.partition("_")[0] == other.partition("_")[0]


def test_a_user_made_with_a_token_may_use_it_for_a_day(sdk: Driver, server: Server) -> None:
    user, token = sdk.call("createUserAndToken", scopes=["voip"])
    server.secrets.add("user token", token)

    claims = _claims(token)
    assert f"8:{claims['skypeid']}" == user
    assert claims["acsScope"] == "voip"
    assert abs(_lasts(token) - 86_400) < 60


def test_a_token_is_good_for_the_scopes_it_was_asked_for(sdk: Driver) -> None:
    user = sdk.call("createUser")

    token = sdk.call("getToken", user=user, scopes=["chat", "voip"])

    assert _claims(token)["acsScope"] == "chat,voip"


@pytest.mark.parametrize("sdk", able("lifetime"), indirect=True)
@pytest.mark.parametrize("minutes", [60, 90, 1440])
def test_a_token_lives_as_long_as_asked(sdk: Driver, minutes: int) -> None:
    user, first = sdk.call("createUserAndToken", scopes=["voip"], minutes=minutes)

    second = sdk.call("getToken", user=user, scopes=["voip"], minutes=minutes)

    assert abs(_lasts(first) - minutes * 60) < 30
    assert abs(_lasts(second) - minutes * 60) < 30


@pytest.mark.parametrize("sdk", able("lifetime"), indirect=True)
@pytest.mark.parametrize("minutes", [59, 1441])
def test_a_lifetime_out_of_bounds_is_refused_in_the_services_words(
    sdk: Driver, minutes: int
) -> None:
    user = sdk.call("createUser")

    create = _refusal(sdk, "createUserAndToken", scopes=["voip"], minutes=minutes)
    issue = _refusal(sdk, "getToken", user=user, scopes=["voip"], minutes=minutes)

    words = (
        f"ExpiresInMinutes value {minutes} is invalid."
        " Value must be within the [60, 1440] interval."
    )
    assert create == issue == (400, "ValidationError", words, "ExpiresInMinutes")


def test_a_token_must_be_for_something(sdk: Driver) -> None:
    user = sdk.call("createUser")

    told = _refusal(sdk, "getToken", user=user, scopes=[])

    assert told == (400, "ValidationError", "Scopes: The Scopes field is required.", "Scopes")


@pytest.mark.parametrize("sdk", able("no scopes"), indirect=True)
def test_no_scopes_at_all_are_refused_in_the_services_words(sdk: Driver) -> None:
    user = sdk.call("createUser")

    told = _refusal(sdk, "getToken", user=user, scopes=None)

    assert told == (400, "ValidationError", "Scopes: The Scopes field is required.", "Scopes")


def test_a_scope_that_nobody_knows_is_refused(sdk: Driver) -> None:
    user = sdk.call("createUser")

    status, code, _, target = _refusal(sdk, "getToken", user=user, scopes=["video"])

    assert (status, code, target) == (400, "ValidationError", "Scopes")


def test_tokens_may_be_revoked_and_issued_anew_at_once(sdk: Driver) -> None:
    user, old = sdk.call("createUserAndToken", scopes=["voip"])

    sdk.call("revokeTokens", user=user)
    new = sdk.call("getToken", user=user, scopes=["voip"])

    assert _claims(new)["gen"] > _claims(old)["gen"]


def test_a_deleted_user_gets_no_more_tokens(sdk: Driver) -> None:
    user = sdk.call("createUser")

    sdk.call("deleteUser", user=user)
    sdk.call("deleteUser", user=user)

    told = _refusal(sdk, "getToken", user=user, scopes=["voip"])
    assert told == (404, "NotFound", "The identity does not exist.", None)


def test_a_user_who_never_was_gets_no_tokens_and_may_be_deleted(sdk: Driver) -> None:
    nobody = sdk.call("createUser")[:-12] + "000000000000"

    sdk.call("deleteUser", user=nobody)

    told = _refusal(sdk, "getToken", user=nobody, scopes=["voip"])
    assert told == (404, "NotFound", "The identity does not exist.", None)


def test_the_users_of_others_are_none_of_our_business(sdk: Driver) -> None:
    told = [
        _refusal(sdk, "getToken", user=STRANGER, scopes=["voip"]),
        _refusal(sdk, "revokeTokens", user=STRANGER),
        _refusal(sdk, "deleteUser", user=STRANGER),
    ]

    assert told == [DENIED] * 3


@pytest.mark.parametrize("sdk", able("teams"), indirect=True)
def test_a_teams_exchange_is_judged_in_the_services_words(sdk: Driver) -> None:
    nobody = _refusal(sdk, "getTokenForTeamsUser", token="x", appId="", userId=GUID)
    garbage = _refusal(sdk, "getTokenForTeamsUser", token="x", appId=GUID, userId=GUID)
    nothing = _refusal(sdk, "getTokenForTeamsUser", token="", appId=GUID, userId=GUID)
    expired = _refusal(sdk, "getTokenForTeamsUser", token=EXPIRED, appId=GUID, userId=GUID)
    # Nobody looks further into a token that is not trusted.
    other = _refusal(sdk, "getTokenForTeamsUser", token="x", appId=GUID, userId="no GUID")

    assert nobody == (400, "ValidationError", "AppId: The AppId field is required.", "AppId")
    refused = (401, "InvalidAccessToken", "Provided access token is not valid.", None)
    assert [garbage, nothing, expired, other] == [refused] * 4
