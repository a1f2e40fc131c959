"""The JSON of identities: what is read, what is written, what is refused."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.errors import MalformedBody
from openrooms.identity.errors import (
    AppIdRequired,
    IdentityError,
    InvalidCustomId,
    InvalidExpiry,
    InvalidRequest,
    InvalidScopes,
    ScopesRequired,
    Unreadable,
)
from openrooms.identity.model import (
    AccessToken,
    Claims,
    Identity,
    NewIdentity,
    Scope,
    TokenWish,
)
from openrooms.identity.tokens import Tokens, new_signing_key
from openrooms.identity.wire import (
    VERSIONS,
    read_creation,
    read_exchange,
    read_issue,
    write_creation,
    write_identity,
    write_keys,
    write_token,
)
from openrooms.kernel.identifiers import CommunicationUser

DAY = timedelta(days=1)
USER = CommunicationUser(
    "5fa0c7bb-1111-4444-8888-0123456789ab", "00000013-22e9-78c5-88f7-084822008c5e"
)
TOKEN = AccessToken("eyJ.eyJ.abc", datetime(2026, 11, 23, 9, 30, 0, 123400, tzinfo=UTC))
SHOWN = {"token": "eyJ.eyJ.abc", "expiresOn": "2026-11-23T09:30:00.1234+00:00"}


def body(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"{}",
        b'{"createTokenWithScopes": null, "expiresInMinutes": null}',
        b'{"expiresInMinutes": 60, "customId": null, "other": "of a later version"}',
    ],
)
def test_an_identity_can_be_made_without_a_token(sent: bytes) -> None:
    assert read_creation(sent) == NewIdentity()


def test_an_identity_can_be_made_with_a_token() -> None:
    sent = body({"createTokenWithScopes": ["voip", "chat"], "expiresInMinutes": 60})

    wish = TokenWish((Scope.VOIP, Scope.CHAT), timedelta(hours=1))
    assert read_creation(sent) == NewIdentity(wish)


def test_an_identity_can_be_made_under_a_custom_id() -> None:
    assert read_creation(body({"customId": "a person"})) == NewIdentity(custom_id="a person")


def test_a_token_is_for_a_day_when_nothing_is_said() -> None:
    assert read_issue(body({"scopes": ["voip.join"]})) == TokenWish((Scope.VOIP_JOIN,), DAY)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, ScopesRequired),
        ({"scopes": None, "expiresInMinutes": None}, ScopesRequired),
        ({"scopes": []}, ScopesRequired),
        ({"scopes": [], "expiresInMinutes": 59}, ScopesRequired),
        ({"scopes": "voip"}, Unreadable),
        ({"scopes": ["voip", 1]}, Unreadable),
        ({"scopes": ["calls"]}, InvalidScopes),
        ({"scopes": ["voip"] * 10_000}, InvalidScopes),
        ({"scopes": ["voip"], "expiresInMinutes": 59}, InvalidExpiry),
        ({"scopes": ["voip"], "expiresInMinutes": 1441}, InvalidExpiry),
        ({"scopes": ["voip"], "expiresInMinutes": 0}, InvalidExpiry),
        ({"scopes": ["voip"], "expiresInMinutes": 2**31}, InvalidExpiry),
        ({"scopes": ["voip"], "expiresInMinutes": 2**63}, Unreadable),
        ({"scopes": ["voip"], "expiresInMinutes": 60.5}, Unreadable),
        ({"scopes": ["voip"], "expiresInMinutes": "60"}, Unreadable),
        ({"scopes": ["voip"], "expiresInMinutes": True}, Unreadable),
        ([], Unreadable),
        (None, Unreadable),
    ],
)
def test_a_token_that_cannot_be_is_refused(sent: object, error: type[IdentityError]) -> None:
    with pytest.raises(error):
        read_issue(body(sent))


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({"createTokenWithScopes": []}, ScopesRequired),
        ({"createTokenWithScopes": ["voip", "calls"]}, InvalidScopes),
        ({"createTokenWithScopes": {}}, Unreadable),
        ({"createTokenWithScopes": ["voip"], "expiresInMinutes": 1441}, InvalidExpiry),
        ({"expiresInMinutes": 1441}, InvalidExpiry),
        ({"customId": ""}, InvalidCustomId),
        ({"customId": "x" * 257}, InvalidCustomId),
        ({"customId": 1}, Unreadable),
        ("x", Unreadable),
    ],
)
def test_an_identity_is_not_made_for_a_token_that_cannot_be(
    sent: object, error: type[IdentityError]
) -> None:
    with pytest.raises(error):
        read_creation(body(sent))


# What is unknown to the server takes another way through the reader, and changes nothing.
USUAL = st.fixed_dictionaries(
    {},
    optional={
        "scopes": st.none()
        | st.just("voip")
        | st.lists(st.sampled_from([*Scope, "calls", 1, None]), max_size=7),
        "expiresInMinutes": st.sampled_from([None, 59, 60, 1440, 1441, 2**63, 60.0, "60", True]),
    },
)


@given(USUAL)
def test_what_is_unknown_changes_nothing(sent: dict[str, object]) -> None:
    more = sent | {"somethingNew": {"of": "a later version"}}

    assert _outcome(body(sent)) == _outcome(body(more))


def _outcome(sent: bytes) -> object:
    try:
        return read_issue(sent)
    except IdentityError as refused:
        return type(refused), refused.message, refused.target


@pytest.mark.parametrize(
    "sent", [b'{"scopes": ["\\u0000"]}', b'{"scopes": ["\xff"]}', b'{"scopes"', b""]
)
def test_what_no_body_may_hold_is_refused(sent: bytes) -> None:
    with pytest.raises(MalformedBody):
        read_issue(sent)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_value_anywhere_is_read_or_refused(value: object) -> None:
    with suppress(InvalidRequest, MalformedBody):
        read_issue(body({"scopes": ["chat"], "expiresInMinutes": value}))
    with suppress(InvalidRequest, MalformedBody):
        read_issue(body({"scopes": value}))


@pytest.mark.parametrize(
    ("sent", "token"),
    [
        ({"token": "eyJ", "appId": "a", "userId": "u"}, "eyJ"),
        ({"token": "eyJ", "appId": "a"}, "eyJ"),
        ({"token": "", "appId": "a", "userId": ""}, ""),
        ({"token": None, "appId": "a", "userId": None}, ""),
        ({"appId": "a"}, ""),
    ],
)
def test_the_token_of_a_teams_user_is_read(sent: object, token: str) -> None:
    assert read_exchange(body(sent)) == token


@pytest.mark.parametrize("app", [{}, {"appId": None}, {"appId": ""}, {"appId": "  "}])
def test_a_teams_user_comes_with_an_application(app: dict[str, object]) -> None:
    with pytest.raises(AppIdRequired):
        read_exchange(body({"token": "eyJ", "userId": "u"} | app))


@pytest.mark.parametrize("name", ["token", "appId", "userId"])
@pytest.mark.parametrize("value", [1, True, [], {}])
def test_what_is_no_text_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(Unreadable) as refused:
        read_exchange(body({"token": "eyJ", "appId": "a", "userId": "u", name: value}))

    assert refused.value.target == name[0].upper() + name[1:]


def test_a_new_identity_is_shown_without_a_token_it_has_not() -> None:
    assert json.loads(write_creation(USER, None)) == {"identity": {"id": USER.raw_id}}


def test_a_new_identity_is_shown_with_the_custom_id_it_was_given() -> None:
    assert json.loads(write_creation(USER, None, "a person")) == {
        "identity": {"id": USER.raw_id, "customId": "a person"}
    }


def test_an_identity_is_shown_with_what_there_is() -> None:
    bare, full = Identity(USER, None, None), Identity(USER, "a person", TOKEN.expires_on)

    assert json.loads(write_identity(bare)) == {"id": USER.raw_id}
    assert json.loads(write_identity(full)) == {
        "id": USER.raw_id,
        "customId": "a person",
        "lastTokenIssuedAt": SHOWN["expiresOn"],
    }


def test_a_new_identity_is_shown_with_its_token() -> None:
    assert json.loads(write_creation(USER, TOKEN)) == {
        "identity": {"id": USER.raw_id},
        "accessToken": SHOWN,
    }


def test_a_token_is_shown_with_its_end() -> None:
    assert json.loads(write_token(TOKEN)) == SHOWN


def test_anyone_can_check_our_tokens_with_the_keys_we_show() -> None:
    keys = [new_signing_key(), new_signing_key()]
    claims = Claims(USER, 1, (Scope.VOIP,), issued_at=1, expires_at=2**40, issuer="http://x")
    token = Tokens(keys, "http://x", frozenset()).mint(claims)

    shown = jwt.PyJWKSet.from_json(write_keys(keys).decode())

    assert [key.key_id for key in shown.keys] == [key.id for key in keys]
    checked = jwt.decode(token, shown[keys[0].id], options={"verify_iat": False})
    assert checked["skypeid"] == USER.raw_id[2:]


def test_only_the_public_half_of_a_key_is_shown() -> None:
    (shown,) = json.loads(write_keys([new_signing_key()]))["keys"]

    assert set(shown) == {"kid", "x", "y", "kty", "crv", "alg", "use"}


def test_a_version_the_hosted_service_once_listed_is_another_name() -> None:
    assert VERSIONS.choose(["2023-08-01"]) == "2023-10-01"
