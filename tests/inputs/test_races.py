"""Changes of one room that arrive at the same moment."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest
from support.inputs.house import House
from support.inputs.rows import Request, delete, get, patch, post
from support.inputs.wire import Heard

LIMIT = 350
MANY = 50
ROUNDS = 10


@pytest.fixture
def room(any_house: House) -> Iterator[str]:
    """An empty room."""
    made = any_house.well(post("/rooms", "{}")).json["id"]
    yield made
    any_house.well(delete(f"/rooms/{made}"))


@pytest.mark.line("G19", "G11")
def test_of_two_who_are_added_for_the_last_place_one_gets_it(any_house: House, room: str) -> None:
    nearly = {_someone(): {"role": "Attendee"} for _ in range(LIMIT - 1)}
    any_house.well(_change(room, nearly))

    heard = _together(any_house, [_change(room, {_someone(): {}}) for _ in range(2)])

    assert sorted(one.status for one in heard) == [200, 400]
    assert len(_roster(any_house, room)) == LIMIT


@pytest.mark.line("H06")
def test_fifty_who_are_added_at_once_are_all_there(any_house: House, room: str) -> None:
    people = [_someone() for _ in range(MANY)]

    heard = _together(any_house, [_change(room, {one: {"role": "Consumer"}}) for one in people])

    assert {one.status for one in heard} == {200}
    assert _roster(any_house, room) == dict.fromkeys(people, "Consumer")


@pytest.mark.line("H07")
def test_of_two_roles_given_at_once_one_holds_for_all(any_house: House, room: str) -> None:
    one = _someone()
    roles = ["Presenter", "Consumer"] * 5

    heard = _together(any_house, [_change(room, {one: {"role": role}}) for role in roles])
    seen = [_roster(any_house, room) for _ in range(3)]

    assert {answer.status for answer in heard} == {200}
    assert seen[0][one] in roles
    assert seen == [seen[0]] * 3


@pytest.mark.line("H09", "D04", "D05")
def test_a_room_deleted_while_it_is_changed_does_not_come_back(any_house: House) -> None:
    for _ in range(ROUNDS):
        room = any_house.well(post("/rooms", "{}")).json["id"]
        changes = [
            _change(room, {_someone(): {}}),
            patch(f"/rooms/{room}", {"pstnDialOutEnabled": True}),
        ]

        heard = _together(any_house, [changes[0], delete(f"/rooms/{room}"), changes[1]])

        assert heard[1].status == 204
        assert {heard[0].status, heard[2].status} <= {200, 404}
        gone = [
            any_house.well(get(f"/rooms/{room}{path}")).status for path in ("", "/participants")
        ]
        assert gone == [404, 404]


@pytest.mark.line("J03", "J04")
def test_rooms_that_stay_are_listed_once_while_others_come_and_go(any_house: House) -> None:
    stay = [any_house.well(post("/rooms", "{}")).json["id"] for _ in range(70)]
    come: list[str] = []
    pages = []
    for page in any_house.pages():
        pages.append(page)
        # The room that the next page starts after goes, and new ones come.
        come += [any_house.well(post("/rooms", "{}")).json["id"] for _ in range(10)]
        last = page[-1]["id"]
        if last in stay:
            stay.remove(last)
            any_house.well(delete(f"/rooms/{last}"))
            come.append(last)

    listed = [one["id"] for one in chain.from_iterable(pages)]
    for one in (*stay, *come):
        any_house.well(delete(f"/rooms/{one}"))
    assert len(listed) == len(set(listed))
    assert set(stay) <= set(listed)


@pytest.mark.line("K10")
def test_an_identity_that_could_not_get_its_token_was_not_made(any_house: House) -> None:
    before = any_house.count("identity")
    refused = any_house.well(post("/identities", {"createTokenWithScopes": ["voip", "x"]}))

    assert refused.status == 400
    assert any_house.count("identity") == before


def _someone() -> str:
    return f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}"


def _change(room: str, entries: object) -> Request:
    return patch(f"/rooms/{room}/participants", {"participants": entries})


def _together(house: House, requests: list[Request]) -> list[Heard]:
    with ThreadPoolExecutor(min(len(requests), 16)) as pool:
        return list(pool.map(house.ask, requests))


def _roster(house: House, room: str) -> dict[str, str]:
    listed = house.well(get(f"/rooms/{room}/participants")).json["value"]
    return {one["rawId"]: one["role"] for one in listed}
