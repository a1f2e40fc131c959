"""Every operation of every official SDK, unchanged, on a bad day of the network.

A request that was refused, or whose answer was lost, is sent again. What that means is shown for each:
the same as once, and for what makes something new, what is made.
"""

import base64
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.relay import Relay, relaying
from support.sdk_calls import END, START
from support.sdks import Driver, Refusal, able
from support.server import Server
from support.signed import Ask, Caller

VERSION = "api-version=2025-03-13"
ROOM, IDENTITY = f"/rooms?{VERSION}", "/identities?api-version=2023-10-01"
REQUEST_ID = "repeatability-request-id"
PAGE = 30
GUID = "5fa0c7bb-1111-4444-8888-0123456789ab"


@dataclass(frozen=True, slots=True)
class BadDay:
    """An SDK that reaches the server through a relay, a room and two people: one in it, one not yet."""

    sdk: Driver
    relay: Relay
    room: str
    doctor: str
    guest: str

    def roster(self) -> list[list[str]]:
        roster: list[list[str]] = self.sdk.call("listParticipants", roomId=self.room)
        return roster

    def is_gone(self) -> bool:
        with pytest.raises(Refusal) as gone:
            self.sdk.call("getRoom", roomId=self.room)
        return gone.value.status == 404

    def gets_tokens(self) -> bool:
        try:
            return bool(self.sdk.call("getToken", user=self.doctor, scopes=["voip"]))
        except Refusal as refused:
            return refused.status != 404


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: what it is given, and whether what came of it is as if nothing had been in its way."""

    name: str
    given: Callable[[BadDay], dict[str, Any]]
    # Any: what the call gives.
    holds: Callable[[BadDay, Any], bool]
    # Requests that come before the one that has trouble.
    spared: int = 0


def _people(who: str, role: str) -> list[dict[str, str]]:
    return [{"rawId": who, "role": role}]


def _room(day: BadDay) -> dict[str, Any]:
    return {"roomId": day.room}


def _doctor(day: BadDay) -> dict[str, Any]:
    return {"user": day.doctor}


ROOMS = (
    Operation("getRoom", _room, lambda day, got: bool(got["id"] == day.room)),
    Operation(
        "updateRoom",
        lambda day: {"roomId": day.room, "validFrom": START, "validUntil": END},
        lambda day, got: bool(got == day.sdk.call("getRoom", roomId=day.room)),
    ),
    Operation("listRooms", lambda _: {}, lambda _, got: _is_whole(got)),
    Operation("listRooms", lambda _: {}, lambda _, got: _is_whole(got), spared=1),
    Operation("listParticipants", _room, lambda day, got: bool(got == [[day.doctor, "Presenter"]])),
    Operation(
        "addOrUpdateParticipants",
        lambda day: {"roomId": day.room, "participants": _people(day.guest, "Consumer")},
        lambda day, _: day.roster() == [[day.doctor, "Presenter"], [day.guest, "Consumer"]],
    ),
    Operation(
        "removeParticipants",
        lambda day: {"roomId": day.room, "participants": [day.doctor]},
        lambda day, _: day.roster() == [],
    ),
    Operation("deleteRoom", _room, lambda day, _: day.is_gone()),
)
IDENTITIES = (
    Operation("createUser", lambda _: {}, lambda day, got: _made(day)[-1] == got),
    Operation(
        "createUserAndToken",
        lambda _: {"scopes": ["voip"]},
        lambda day, got: _made(day)[-1] == got[0] and f"8:{_claims(got[1])['skypeid']}" == got[0],
    ),
    Operation(
        "getToken",
        lambda day: {"user": day.doctor, "scopes": ["voip"]},
        lambda day, got: f"8:{_claims(got)['skypeid']}" == day.doctor,
    ),
    Operation("revokeTokens", _doctor, lambda day, _: day.gets_tokens()),
    Operation("deleteUser", _doctor, lambda day, _: not day.gets_tokens()),
)
OPERATIONS = [
    pytest.param(one, id=f"{one.name}{' page 2' if one.spared else ''}")
    for one in (*ROOMS, *IDENTITIES)
]


def _is_whole(pages: list[list[str]]) -> bool:
    listed = [room for page in pages for room in page]
    return len(pages[0]) == PAGE and len(set(listed)) == len(listed) > PAGE


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _made(day: BadDay) -> list[str]:
    """The users that the server made, one after the other."""
    answers = [json.loads(one.answered) for one in day.relay.tries if one.answered]
    return [answer["identity"]["id"] for answer in answers if "identity" in answer]


@pytest.fixture(scope="module")
def relay(server: Server, caller: Caller, no_rooms: None) -> Iterator[Relay]:
    """A relay, before a server that has rooms for two pages."""
    rooms = [_create(caller, ROOM)["id"] for _ in range(PAGE + 1)]
    with relaying(server) as made:
        yield made
    for room in rooms:
        caller.call(Ask("DELETE", f"/rooms/{room}?{VERSION}"))


@pytest.fixture
def day(sdk: Driver, relay: Relay, caller: Caller) -> Iterator[BadDay]:
    doctor, guest = (_create(caller, IDENTITY)["identity"]["id"] for _ in range(2))
    room = _create(caller, ROOM, participants={doctor: {"role": "Presenter"}})["id"]
    relay.calm()
    with sdk.connected(connectionString=relay.connection_string):
        yield BadDay(sdk, relay, room, doctor, guest)
    caller.call(Ask("DELETE", f"/rooms/{room}?{VERSION}"))


def _create(caller: Caller, target: str, **given: object) -> Any:  # noqa: ANN401 (what came back)
    ask = Ask("POST", target, json.dumps(given).encode(), {"Content-Type": "application/json"})
    return caller.call(ask).json


def _newest(caller: Caller) -> list[str]:
    """The two newest rooms."""
    page = caller.call(Ask("GET", ROOM)).json["value"]
    return [room["id"] for room in page[:2]]


def _request_ids(relay: Relay) -> list[str]:
    headers = [{name.lower(): value for name, value in one.headers.items()} for one in relay.tries]
    return [one[REQUEST_ID] for one in headers]


def test_a_room_that_was_refused_once_is_made_at_the_second_try(
    day: BadDay, caller: Caller
) -> None:
    day.relay.trouble = "refuse"
    day.relay.retry_after = 1
    start = time.monotonic()

    room = day.sdk.call("createRoom")["id"]

    # It waits as long as it is told to.
    assert time.monotonic() - start >= 1
    assert [one.answered is None for one in day.relay.tries] == [True, False]
    assert _newest(caller) == [room, day.room]


def test_a_room_whose_answer_was_lost_is_made_once(day: BadDay, caller: Caller) -> None:
    day.relay.trouble = "lose"

    room = day.sdk.call("createRoom")["id"]

    ids = [json.loads(one.answered or b"{}")["id"] for one in day.relay.tries]
    assert ids == [room, room]
    assert len(set(_request_ids(day.relay))) == 1
    assert _newest(caller) == [room, day.room]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_refused_once_is_done_at_the_second_try(day: BadDay, operation: Operation) -> None:
    given = operation.given(day)
    day.relay.spared, day.relay.trouble = operation.spared, "refuse"

    got = day.sdk.call(operation.name, **given)

    tried = [one.answered is None for one in day.relay.tries[operation.spared :][:2]]
    assert tried == [True, False]
    assert operation.holds(day, got)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_was_done_and_not_heard_of_does_no_harm_at_the_second_try(
    day: BadDay, operation: Operation
) -> None:
    given = operation.given(day)
    day.relay.spared, day.relay.trouble = operation.spared, "lose"

    got = day.sdk.call(operation.name, **given)

    first, second = day.relay.tries[operation.spared :][:2]
    assert first.method == second.method
    assert first.answered is not None
    assert second.answered is not None
    assert operation.holds(day, got)


@pytest.mark.parametrize("name", ["createUser", "createUserAndToken"])
def test_a_user_whose_answer_was_lost_stays_and_another_is_made(day: BadDay, name: str) -> None:
    """Making a user names no repeatability, at the hosted service neither: nobody ever hears of the first."""
    day.relay.trouble = "lose"

    day.sdk.call(name, **({"scopes": ["voip"]} if name == "createUserAndToken" else {}))

    assert len(set(_made(day))) == 2


def test_tokens_whose_revocation_was_not_heard_of_are_worth_nothing_and_new_ones_are(
    day: BadDay,
) -> None:
    old = day.sdk.call("getToken", user=day.doctor, scopes=["voip"])
    day.relay.trouble = "lose"

    day.sdk.call("revokeTokens", user=day.doctor)
    new = day.sdk.call("getToken", user=day.doctor, scopes=["voip"])

    assert _claims(new)["gen"] > _claims(old)["gen"]


@pytest.mark.parametrize("sdk", able("teams"), indirect=True)
@pytest.mark.parametrize("trouble", ["refuse", "lose"])
def test_a_teams_exchange_is_tried_again_and_judged_the_same(day: BadDay, trouble: Any) -> None:  # noqa: ANN401 (one of the relay's)
    day.relay.trouble = trouble

    with pytest.raises(Refusal) as refused:
        day.sdk.call("getTokenForTeamsUser", token="x", appId=GUID, userId=GUID)

    assert len(day.relay.tries) == 2
    assert (refused.value.status, refused.value.code) == (401, "InvalidAccessToken")
