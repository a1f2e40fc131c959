"""The official Identity SDK for Python, unchanged, makes users and tokens."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.communication.identity import (
    CommunicationIdentityClient,
    CommunicationTokenScope,
    CommunicationUserIdentifier,
)
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from support.office import Office

VOIP = CommunicationTokenScope.VOIP
GUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def identities(office: Office) -> CommunicationIdentityClient:
    return office.identities


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    padded = payload + "=" * (-len(payload) % 4)
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(padded))
    return read


def test_a_user_is_named_by_its_resource_and_a_guid(
    identities: CommunicationIdentityClient,
) -> None:
    user = identities.create_user()

    assert re.fullmatch(f"8:acs:{GUID}_{GUID}", user.properties["id"])
    assert user.raw_id == user.properties["id"]


def test_users_of_one_resource_share_its_part_of_the_name(
    identities: CommunicationIdentityClient,
) -> None:
    one, other = identities.create_user(), identities.create_user()

    assert one.raw_id != other.raw_id
    assert one.raw_id.partition("_")[0] == other.raw_id.partition("_")[0]


def test_a_user_made_with_a_token_may_use_it_for_a_day(
    identities: CommunicationIdentityClient,
) -> None:
    user, token = identities.create_user_and_token([VOIP])

    claims = _claims(token.token)
    assert f"8:{claims['skypeid']}" == user.raw_id
    assert claims["acsScope"] == "voip"
    assert abs(claims["exp"] - datetime.now(UTC).timestamp() - 86_400) < 60


@pytest.mark.parametrize("minutes", [60, 90, 1440])
def test_a_token_lives_as_long_as_asked(
    identities: CommunicationIdentityClient, minutes: int
) -> None:
    user = identities.create_user()

    token = identities.get_token(user, [VOIP], token_expires_in=timedelta(minutes=minutes))

    lasts = _claims(token.token)["exp"] - datetime.now(UTC).timestamp()
    assert abs(lasts - minutes * 60) < 30


@pytest.mark.parametrize("minutes", [59, 1441])
def test_a_lifetime_out_of_bounds_is_refused_in_the_services_words(
    identities: CommunicationIdentityClient, minutes: int
) -> None:
    user = identities.create_user()

    with pytest.raises(HttpResponseError) as refused:
        identities.get_token(user, [VOIP], token_expires_in=timedelta(minutes=minutes))

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "ValidationError"
    assert refused.value.error.message == (
        f"ExpiresInMinutes value {minutes} is invalid."
        " Value must be within the [60, 1440] interval."
    )


def test_a_token_without_scopes_is_refused(identities: CommunicationIdentityClient) -> None:
    user = identities.create_user()

    with pytest.raises(HttpResponseError) as refused:
        identities.get_token(user, None)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.message == "Scopes: The Scopes field is required."


def test_a_user_of_another_resource_is_denied(identities: CommunicationIdentityClient) -> None:
    nobody = "8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000"

    with pytest.raises(ClientAuthenticationError):
        identities.get_token(CommunicationUserIdentifier(nobody), [VOIP])


def test_a_deleted_user_gets_no_more_tokens(identities: CommunicationIdentityClient) -> None:
    user = identities.create_user()

    identities.delete_user(user)
    identities.delete_user(user)

    with pytest.raises(HttpResponseError) as refused:
        identities.get_token(user, [VOIP])
    assert refused.value.status_code == 404


def test_tokens_of_a_user_may_be_revoked_and_issued_anew_at_once(
    identities: CommunicationIdentityClient,
) -> None:
    user, old = identities.create_user_and_token([VOIP])

    identities.revoke_tokens(user)
    new = identities.get_token(user, [VOIP])

    assert _claims(new.token)["gen"] > _claims(old.token)["gen"]
