"""What can be wrong with a question about the record of calls.

RecordError
    CallNotFound    404
    NoSuchUser      400
    NoSuchCallId    400
"""


class RecordError(Exception):
    """Anything wrong with a question about the record."""

    status = 400
    code = "BadRequest"
    message = ""


class CallNotFound(RecordError):
    """Unknown, of another resource, or kept long enough."""

    status = 404
    code = "NotFound"
    message = "The server cannot find the requested resource."


class NoSuchUser(RecordError):
    """The text names no user of this service."""

    message = "This is not the raw id of a user."


class NoSuchCallId(RecordError):
    """The text is no id of a call."""

    message = "This is not a call id: it has to be a GUID."
