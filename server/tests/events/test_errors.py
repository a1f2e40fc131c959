"""What can be wrong with a question about events."""

from openrooms.events.errors import BadSequence


def test_what_is_no_sequence_is_a_bad_request_that_says_what_to_give() -> None:
    assert (BadSequence.status, BadSequence.code) == (400, "BadRequest")
    assert "sequence number" in BadSequence.message
