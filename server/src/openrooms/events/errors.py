"""What can be wrong with a question about events.

EventError
    BadSequence    400
"""


class EventError(Exception):
    """Anything wrong with a question about events."""

    status = 400
    code = "BadRequest"
    message = ""


class BadSequence(EventError):
    """The text is no sequence number."""

    message = "The value of after is not valid. Give the sequence number of an event, or 0."
