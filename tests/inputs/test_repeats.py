"""Repeatable requests: whatever goes wrong on the way, one request makes one room."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from support.inputs.house import House
from support.inputs.oracle import check_envelope
from support.inputs.rows import Request, delete, get, post
from support.inputs.wire import Heard, exchange

TOGETHER = 8


@pytest.fixture
def rooms(any_house: House) -> Iterator[set[str]]:
    """The rooms that were there before; those that a test made go when it ends."""
    before = _listed(any_house)
    yield before
    for room in _listed(any_house) - before:
        any_house.well(delete(f"/rooms/{room}"))


def repeatable(body: object = None, request_id: str | None = None) -> Request:
    """A new room, asked for by a request that may be sent again."""
    made = post("/rooms", {} if body is None else body)  # type: ignore[arg-type]
    now = format_datetime(datetime.now(UTC), usegmt=True)
    headers = (
        ("Repeatability-Request-ID", request_id or str(uuid.uuid4())),
        ("Repeatability-First-Sent", now),
    )
    return Request(made.method, made.target, made.body, made.headers + headers)


@pytest.mark.line("I05", "B17")
def test_a_repeated_request_gets_the_first_answer_and_makes_no_second_room(
    any_house: House, rooms: set[str]
) -> None:
    request = repeatable({"participants": {"<user>": {"role": "Presenter"}}})

    first, *others = [any_house.ask(request) for _ in range(3)]

    assert first.status == 201
    assert {one.answer.body for one in others} == {first.answer.body}
    assert {one.answer.headers["repeatability-result"] for one in others} == {"accepted"}
    assert {one.answer.headers["location"] for one in others} == {first.json["id"]}
    assert _listed(any_house) - rooms == {first.json["id"]}


@pytest.mark.line("B16", "B17")
def test_the_very_same_signed_bytes_sent_twice_make_one_room(
    any_house: House, rooms: set[str]
) -> None:
    octets = any_house.bytes_of(repeatable())

    first, second = _sent(any_house, octets), _sent(any_house, octets)

    assert (first.status, second.status) == (201, 201)
    assert first.answer.body == second.answer.body
    assert len(_listed(any_house) - rooms) == 1


@pytest.mark.line("I06")
@pytest.mark.parametrize("body", [{"pstnDialOutEnabled": True}, {"unknown": 1}])
def test_a_known_id_with_another_body_is_refused(
    any_house: House, rooms: set[str], body: object
) -> None:
    known = str(uuid.uuid4())
    any_house.ask(repeatable({}, known))

    refused = any_house.ask(repeatable(body, known))

    assert refused.status == 400
    assert refused.answer.headers["repeatability-result"] == "rejected"
    check_envelope(refused, "rooms")
    assert len(_listed(any_house) - rooms) == 1


@pytest.mark.line("I07")
def test_the_same_request_many_times_at_once_makes_one_room(
    any_house: House, rooms: set[str]
) -> None:
    request = repeatable()

    with ThreadPoolExecutor(TOGETHER) as pool:
        heard = list(pool.map(any_house.ask, [request] * TOGETHER))

    made = {one.json["id"] for one in heard if one.status == 201}
    assert {one.status for one in heard} <= {201, 409}
    assert len(made) == 1
    assert _listed(any_house) - rooms == made


@pytest.mark.line("I10")
def test_a_refused_request_is_refused_again_and_makes_nothing(
    any_house: House, rooms: set[str]
) -> None:
    request = repeatable({"participants": {"wrong_mri": {}}})

    first, second = any_house.ask(request), any_house.ask(request)

    assert (first.status, second.status) == (400, 400)
    assert first.answer.body == second.answer.body
    assert _listed(any_house) == rooms


def _sent(house: House, octets: bytes) -> Heard:
    with house.doors.open("tls") as channel:
        return exchange(channel, [octets], method="POST")


def _listed(house: House) -> set[str]:
    """The newest rooms: the others are the house's own."""
    return {room["id"] for room in house.well(get("/rooms")).json["value"]}
