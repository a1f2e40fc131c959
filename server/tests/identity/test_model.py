"""The rules of identities: scopes, lifetimes, whose identity it is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.identity.errors import (
    Denied,
    InvalidExpiry,
    InvalidIdentity,
    InvalidScopes,
    ScopesRequired,
)
from openrooms.identity.model import (
    AccessToken,
    Identity,
    Resource,
    Scope,
    choose_lifetime,
    parse_identity,
    parse_scopes,
)
from openrooms.kernel.identifiers import CommunicationUser

OURS = "5fa0c7bb-1111-4444-8888-0123456789ab"
THEIRS = "00000000-0000-0000-0000-000000000000"
USER = "00000013-22e9-78c5-88f7-084822008c5e"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@given(st.integers(60, 1440))
def test_a_token_may_live_from_an_hour_to_a_day(minutes: int) -> None:
    assert choose_lifetime(minutes) == timedelta(minutes=minutes)


@given(st.integers(max_value=59) | st.integers(min_value=1441))
def test_a_token_may_not_live_shorter_or_longer(minutes: int) -> None:
    with pytest.raises(InvalidExpiry, match=str(minutes)):
        choose_lifetime(minutes)


def test_a_token_lives_a_day_when_nothing_is_said() -> None:
    assert choose_lifetime(None) == timedelta(days=1)


@given(st.lists(st.sampled_from(Scope), min_size=1, max_size=5))
def test_scopes_are_taken_once_each_in_their_order(scopes: list[Scope]) -> None:
    parsed = parse_scopes([scope.value for scope in scopes])

    assert parsed == tuple(dict.fromkeys(scopes))


@pytest.mark.parametrize("before", [None, NOW - timedelta(hours=1), NOW])
def test_a_later_token_is_the_last_one(before: datetime | None) -> None:
    identity = Identity(CommunicationUser(OURS, USER), "ada", before)

    assert identity.with_token(NOW) == Identity(identity.user, "ada", NOW)
    assert identity.with_token(NOW).with_token(NOW - timedelta(hours=1)).last_token_issued_at == NOW


@pytest.mark.parametrize("names", [None, []])
def test_a_token_for_nothing_is_refused(names: list[str] | None) -> None:
    with pytest.raises(ScopesRequired):
        parse_scopes(names)


@pytest.mark.parametrize(
    "names", [["calls"], ["voip", "Voip"], [""], ["voip", "chat,voip"], ["voip"] * 10_000]
)
def test_an_unknown_scope_or_too_many_are_refused(names: list[str]) -> None:
    with pytest.raises(InvalidScopes):
        parse_scopes(names)


def test_an_identity_of_the_own_resource_is_taken() -> None:
    assert parse_identity(f"8:acs:{OURS}_{USER}", OURS) == CommunicationUser(OURS, USER)


@pytest.mark.parametrize("raw_id", [f"8:acs:{THEIRS}_{THEIRS}", f"8:acs:{USER}_{USER}"])
def test_an_identity_of_another_resource_is_denied(raw_id: str) -> None:
    with pytest.raises(Denied):
        parse_identity(raw_id, OURS)


@pytest.mark.parametrize(
    "raw_id",
    [
        "",
        "foo",
        "8:acs:",
        f"8:acs:{OURS}_{USER}_{USER}",
        f"8:acs:{OURS}_{USER}\n",
        f"8:acs:{OURS.upper()}_{USER}",
        f"8:dod-acs:{OURS}_{USER}",
        "x" * 10_000,
    ],
)
def test_what_names_no_user_of_ours_is_refused(raw_id: str) -> None:
    with pytest.raises(InvalidIdentity):
        parse_identity(raw_id, OURS)


def test_keys_and_tokens_never_show_in_a_log() -> None:
    resource = Resource(OURS, "default", b"first secret", b"second secret", NOW)

    assert "secret" not in repr(resource)
    assert "eyJ" not in repr(AccessToken("eyJhbGciOi", NOW))
    assert resource.access_keys == (b"first secret", b"second secret")
