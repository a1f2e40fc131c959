"""What PostgreSQL's errors mean for a job: try again, step aside, or tell the caller."""

from dataclasses import dataclass
from enum import Enum

from sqlalchemy.exc import DBAPIError

from openrooms.storage.errors import (
    DatabaseAway,
    DatabaseBusy,
    DatabaseFull,
    DatabaseLocked,
    OutcomeUnknown,
)


class Course(Enum):
    """What is done with a job."""

    TELL = "its caller is told what came of it"
    IN_ORDER = "its caller is told in the order of the commits"
    REPEAT = "it is run again"
    RECONNECT = "it is run again on another connection"
    STEP_ASIDE = "it waits for a lock where it holds up nobody"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A course, and what the caller is told when there is no other."""

    course: Course
    error: Exception


LOCK_NOT_AVAILABLE = "55P03"
# Serialization failure and deadlock: others were first. A duplicate key, too, may be the work of one
# whom the transaction could not see: run again, it sees him.
_CONFLICTS = ("40001", "40P01")
_DUPLICATE = "23505"
_TROUBLES = {
    "53100": DatabaseFull,
    "53200": DatabaseBusy,
    "53300": DatabaseBusy,
    "53400": DatabaseBusy,
    LOCK_NOT_AVAILABLE: DatabaseLocked,
    "57014": DatabaseBusy,
    "40001": DatabaseBusy,
    "40P01": DatabaseBusy,
}
# The server that was reached only reads: another one has taken over, or it is being restored.
READ_ONLY = "25006"


def state_of(error: BaseException) -> str | None:
    """The SQLSTATE of a driver's error; None of any other."""
    return getattr(error.orig, "sqlstate", None) if isinstance(error, DBAPIError) else None


def judge(error: Exception, *, lost: bool) -> Verdict:
    """What to do about an error of a transaction.

    `lost` says that the connection is no more: unless the outcome is unknown, nothing happened.
    """
    if isinstance(error, OutcomeUnknown):
        return Verdict(Course.TELL, error)
    state = state_of(error)
    if lost or state == READ_ONLY:
        return Verdict(Course.RECONNECT, _caused(DatabaseAway(), error))
    if state == LOCK_NOT_AVAILABLE:
        return Verdict(Course.STEP_ASIDE, _caused(DatabaseLocked(), error))
    if state == _DUPLICATE:
        return Verdict(Course.REPEAT, error)
    course = Course.REPEAT if state in _CONFLICTS else Course.TELL
    kind = _TROUBLES.get(state or "")
    return Verdict(course, error if kind is None else _caused(kind(), error))


def _caused(named: Exception, cause: Exception) -> Exception:
    named.__cause__ = cause
    return named
