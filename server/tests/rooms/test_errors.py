"""What errors of rooms say: status, code and texts, to the letter where the wire fixes them."""

import pytest

from openrooms.rooms import errors
from openrooms.rooms.errors import Fault, MalformedRequest, RoomError

FLAT = [
    (errors.RoomNotFound(), 404, "NotFound", "The server cannot find the requested resource."),
    (errors.InvalidRoomIdLength(), 400, "BadRequest", "Invalid room ID length."),
    (errors.InvalidRoomId(), 400, "BadRequest", "Invalid room ID."),
    (
        errors.InvalidIdentifier(),
        400,
        "BadRequest",
        "Invalid format for communication identifier.",
    ),
    (errors.InvalidParticipants(), 400, "BadRequest", "Invalid value for the Participants."),
    (errors.RosterFull(350), 400, "BadRequest", "A room can have at most 350 participants."),
]
WINDOWS = [
    (errors.EndsInThePast(), "ValidUntil", "The time range end is in the past."),
    (
        errors.StartsTooLate(180),
        "ValidFrom",
        "Value is incorrect or more than 180 days in the future.",
    ),
    (
        errors.WindowTooLong(180),
        "ValidUntil",
        "The time range is incorrect, or larger than 180 days.",
    ),
]
MALFORMED = "The request could not be understood by the server due to malformed syntax."


@pytest.mark.parametrize(("error", "status", "code", "message"), FLAT)
def test_a_broken_rule_has_one_code_and_one_message(
    error: RoomError, status: int, code: str, message: str
) -> None:
    assert (error.status, error.code, error.message) == (status, code, message)
    assert not error.details


@pytest.mark.parametrize(("error", "target", "message"), WINDOWS)
def test_a_wrong_window_names_the_end_that_is_wrong(
    error: RoomError, target: str, message: str
) -> None:
    assert (error.status, error.code, error.message) == (400, "BadRequest", MALFORMED)
    assert error.details == (Fault(message, target, "BadArgument"),)


@pytest.mark.parametrize("kind", [errors.StartsTooLate, errors.WindowTooLong])
def test_a_wrong_window_names_the_limit_that_holds(
    kind: type[errors.StartsTooLate | errors.WindowTooLong],
) -> None:
    assert "30 days" in kind(30).details[0].message


def test_what_was_refused_before_is_refused_in_the_same_words() -> None:
    fault = Fault("one", "$.a")

    error = errors.RefusedBefore(400, "BadRequest", "message", details=[fault])

    assert (error.status, error.code, error.message) == (400, "BadRequest", "message")
    assert error.details == [fault]


def test_a_request_that_is_still_running_says_when_to_come_back() -> None:
    error = errors.StillRunning()

    assert (error.status, error.code, error.retry_after) == (409, "Conflict", 1)


def test_a_malformed_request_names_each_place() -> None:
    faults = (Fault("one", "$.a"), Fault("two", "$.b"))

    error = MalformedRequest(*faults)

    assert error.message == MALFORMED
    assert error.details == faults


def test_a_refused_repeat_says_so_in_a_header() -> None:
    error = errors.FirstSentTooFarOff()

    assert error.headers == {"Repeatability-Result": "rejected"}
    assert (error.status, error.code) == (412, "PreconditionFailed")
    assert not errors.RoomNotFound.headers
