"""The answers to a handshake that are good, and those that are not."""

import json
from datetime import UTC, datetime

import pytest

from openrooms.events.model import KeptEvent
from openrooms.events.webhooks import wire
from openrooms.events.webhooks.model import Form

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ONE = KeptEvent("r", 7, "i", "OpenRooms.RoomCreated", "room/1", '{"room":{"id":"1"}}', AT)


def test_the_code_has_to_be_given_back() -> None:
    assert wire.reads_code(b'{"validationResponse":"abc","more":1}', "abc")


@pytest.mark.parametrize(
    "body",
    [b"", b"abc", b'"abc"', b"[]", b"{}", b'{"validationResponse":"ab"}', b"[" * 10_000, b"\xff"],
)
def test_anything_else_is_no_answer(body: bytes) -> None:
    assert not wire.reads_code(body, "abc")


def test_an_event_of_event_grid_is_an_array_of_one_that_says_how_often_it_was_sent() -> None:
    letter = wire.write_letter(Form.EVENT_GRID, ONE, tries=3)

    assert [one["eventType"] for one in json.loads(letter.body)] == ["OpenRooms.RoomCreated"]
    assert letter.headers["aeg-delivery-count"] == "3"
    assert letter.headers["openrooms-sequence"] == "7"


def test_a_validation_event_is_of_no_sequence() -> None:
    asked = ONE._replace(type=wire.VALIDATION, data='{"validationCode":"abc"}')

    letter = wire.write_letter(Form.EVENT_GRID, asked)

    assert letter.headers["aeg-event-type"] == "SubscriptionValidation"
    assert "openrooms-sequence" not in letter.headers


def test_a_cloud_event_is_one_object() -> None:
    letter = wire.write_letter(Form.CLOUD_EVENTS, ONE)

    assert json.loads(letter.body)["specversion"] == "1.0"
    assert letter.headers["openrooms-sequence"] == "7"
