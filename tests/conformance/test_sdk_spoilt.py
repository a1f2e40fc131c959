"""Every official SDK, unchanged, tells what is wrong with a request that no SDK would send: it is spoilt on its way.

A token proves who calls and nothing of what is sent, so that the server gets as far as the mistake.
"""

from collections.abc import Iterator, Mapping

import pytest
from support.issuer import MANAGER
from support.relay import Relay, Trouble
from support.sdk_calls import identity_calls, refused, room_calls
from support.sdks import Driver, Refusal, able
from support.server import Server

MALFORMED = "The request could not be understood by the server due to malformed syntax."
GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"


@pytest.fixture
def spoilt(sdk: Driver, relay: Relay, issuer: str) -> Iterator[Driver]:
    """An SDK with a token, behind the relay."""
    with sdk.connected(endpoint=f"https://{relay.netloc}", issuer=issuer, client=MANAGER):
        yield sdk


def _refusals(
    sdk: Driver, relay: Relay, trouble: Trouble, *, calls: Mapping[str, Mapping[str, object]]
) -> dict[str, Refusal]:
    """What each call is told when its request has that trouble."""
    told = {}
    for name, given in calls.items():
        relay.trouble = trouble
        told[name] = refused(sdk, name, **given)
    return told


def test_a_body_about_rooms_that_is_no_json_is_refused_with_its_place(
    spoilt: Driver, relay: Relay
) -> None:
    told = _refusals(spoilt, relay, "alter", calls=room_calls(spoilt))

    assert {(one.status, one.code, one.message) for one in told.values()} == {
        (400, "BadRequest", MALFORMED)
    }
    places = [[(code, target) for code, _, target in one.details] for one in told.values()]
    assert places == [[("BadArgument", "$")]] * 4


def test_a_body_about_identities_that_is_no_json_is_refused_with_its_place(
    spoilt: Driver, relay: Relay
) -> None:
    told = _refusals(spoilt, relay, "alter", calls=identity_calls(spoilt))

    assert {(one.status, one.code, one.target) for one in told.values()} == {
        (400, "ValidationError", "$")
    }


def test_a_body_of_another_media_type_is_refused(spoilt: Driver, relay: Relay) -> None:
    calls = room_calls(spoilt) | identity_calls(spoilt)

    told = _refusals(spoilt, relay, "retype", calls=calls)

    words = "The content type of the request is not supported."
    assert {(one.status, one.code, one.message) for one in told.values()} == {
        (415, "UnsupportedMediaType", words)
    }


def test_a_role_that_nobody_knows_is_refused_with_its_place(spoilt: Driver, relay: Relay) -> None:
    user, room = spoilt.call("createUser"), spoilt.call("createRoom")["id"]
    people = {"participants": [{"rawId": user, "role": "Attendee"}]}
    calls = {"createRoom": people, "addOrUpdateParticipants": {"roomId": room, **people}}
    relay.words = (b'"Attendee"', b'"Stranger"')

    told = _refusals(spoilt, relay, "rewrite", calls=calls)

    assert {(one.status, one.code, one.message) for one in told.values()} == {
        (400, "BadRequest", MALFORMED)
    }
    place = f"$.participants.{user}.role"
    assert [[target for _, _, target in one.details] for one in told.values()] == [
        ["createRoomRequestDto", place],
        ["updateParticipantsRequestDto", place],
    ]
    assert spoilt.call("listParticipants", roomId=room) == []


def test_a_token_for_no_scopes_at_all_is_refused(spoilt: Driver, relay: Relay) -> None:
    given = {"user": spoilt.call("createUser"), "scopes": ["voip"]}
    relay.words = (b'["voip"]', b"null    ")

    told = _refusals(spoilt, relay, "rewrite", calls={"getToken": given})["getToken"]

    words = "Scopes: The Scopes field is required."
    found = (told.status, told.code, told.message, told.target)
    assert found == (400, "ValidationError", words, "Scopes")


def test_a_version_that_never_was_is_refused(spoilt: Driver, relay: Relay, server: Server) -> None:
    asked: dict[str, dict[str, object]] = {"listRooms": {}, "createRoom": {}, "createUser": {}}

    told = _refusals(spoilt, relay, "outdate", calls=asked)

    def words(path: str) -> str:
        uri = f"https://{relay.netloc}/{path}"
        return (
            f"The HTTP resource that matches the request URI '{uri}'"
            " does not support the API version '1999-01-01'."
        )

    assert [(one.status, one.code, one.message) for one in told.values()] == [
        (400, "UnsupportedApiVersion", words(path)) for path in ("rooms", "rooms", "identities")
    ]


def test_a_room_that_was_asked_for_a_year_ago_is_not_made(spoilt: Driver, relay: Relay) -> None:
    told = _refusals(spoilt, relay, "antedate", calls={"createRoom": {}})["createRoom"]

    words = "Repeatability-First-Sent must be within 5 minutes of the server's time."
    assert (told.status, told.code, told.message) == (412, "PreconditionFailed", words)


@pytest.mark.parametrize("sdk", able("teams"), indirect=True)
@pytest.mark.parametrize("trouble", ["alter", "retype", "outdate"])
def test_a_teams_exchange_that_is_spoilt_is_refused(
    spoilt: Driver, relay: Relay, trouble: Trouble
) -> None:
    asked = {"getTokenForTeamsUser": {"token": "x", "appId": GUID, "userId": GUID}}

    told = _refusals(spoilt, relay, trouble, calls=asked)["getTokenForTeamsUser"]

    wanted = {
        "alter": (400, "ValidationError"),
        "retype": (415, "UnsupportedMediaType"),
        "outdate": (400, "UnsupportedApiVersion"),
    }
    assert (told.status, told.code) == wanted[trouble]
