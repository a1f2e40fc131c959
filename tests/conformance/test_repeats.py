"""A request that comes more than once, as clients send it on bad days, makes one room."""

import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from support.server import Server
from support.signed import Answered, Ask, Caller

COPIES = 8
CREATE = "/rooms?api-version=2025-03-13"


def _create(body: object, *, request_id: str) -> Ask:
    headers = {
        "Content-Type": "application/json",
        "Repeatability-Request-ID": request_id,
        "Repeatability-First-Sent": format_datetime(datetime.now(UTC), usegmt=True),
    }
    return Ask("POST", CREATE, json.dumps(body).encode(), headers)


def _at_once(server: Server, asks: Sequence[Ask]) -> list[Answered]:
    """Each request on a connection of its own, all together."""

    def call(ask: Ask) -> Answered:
        caller = Caller(server.ready)
        try:
            return caller.call(ask)
        finally:
            caller.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(call, asks))


@pytest.mark.parametrize("round_", range(5))
def test_copies_of_a_request_that_come_at_once_make_one_room(server: Server, round_: int) -> None:
    ask = _create({"pstnDialOutEnabled": True}, request_id=str(uuid.uuid4()))

    answers = _at_once(server, [ask] * COPIES)

    assert {one.status for one in answers} == {201}
    assert len({one.body for one in answers}) == 1
    assert {one.headers["repeatability-result"] for one in answers} == {"accepted"}


def test_different_requests_under_one_id_make_one_room(server: Server) -> None:
    request_id = str(uuid.uuid4())
    asks = [
        _create({"pstnDialOutEnabled": flag}, request_id=request_id)
        for flag in [True, False] * (COPIES // 2)
    ]

    answers = _at_once(server, asks)

    made = {one.json["id"] for one in answers if one.status == 201}
    refused = [one for one in answers if one.status == 400]
    assert len(made) == 1
    assert len(refused) == COPIES // 2
    assert {one.headers["repeatability-result"] for one in refused} == {"rejected"}


def test_a_request_that_was_refused_is_refused_again(caller: Caller) -> None:
    ask = _create({"participants": {"wrong_mri": {}}}, request_id=str(uuid.uuid4()))

    answers = [caller.call(ask) for _ in range(2)]

    assert [one.status for one in answers] == [400, 400]
    assert answers[0].body == answers[1].body
