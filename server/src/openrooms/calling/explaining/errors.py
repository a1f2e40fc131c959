"""What can be wrong with a question why.

ExplainError
    NoSuchMoment    400
    UserMissing     400
"""


class ExplainError(Exception):
    """Anything wrong with a question why."""

    status = 400
    code = "BadRequest"
    message = ""


class NoSuchMoment(ExplainError):
    """The text names no moment."""

    message = "The value of at is not a date and time with the form yyyy-MM-ddTHH:mm:ssZ."


class UserMissing(ExplainError):
    """Nobody is asked about, or somebody who is no user of this service."""

    message = "Name the user that is asked about by the raw id: user=8:acs:..."
