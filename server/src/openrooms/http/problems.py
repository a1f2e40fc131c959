"""The error answer of every API: what went wrong, in the envelope that Azure's clients read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeGuard

import msgspec
import structlog

from openrooms.http.errors import LONGEST_ECHO, Fault, MalformedBody, Unforeseen

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one API words its answers."""

    # Rooms repeats the error's code in the header `x-ms-error-code`.
    code_in_header: bool
    # Identity names one place in the error itself and knows no `details`.
    has_details: bool
    # Identity sends the caller's `x-ms-client-request-id` back.
    echoes_request_id: bool
    # Identity names a charset when all went well, and none with an error.
    error_type: str


PLAIN_JSON = "application/json"
JSON_TEXT = "application/json; charset=utf-8"
ROOMS = Dialect(
    code_in_header=True, has_details=True, echoes_request_id=False, error_type=JSON_TEXT
)
IDENTITY = Dialect(
    code_in_header=False, has_details=False, echoes_request_id=True, error_type=PLAIN_JSON
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One error answer, before it is worded for an API."""

    status: int
    code: str
    message: str
    target: str | None = None
    details: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    # Refused while the body was bound: the hosted service tells its versions only later.
    unbound: bool = False


class Told(Protocol):
    """An error that means an answer.

    It may also have `target`, `details` (each with `code`, `message` and `target`), `headers`,
    `retry_after` and `unbound`. One with `details` is unbound.
    """

    status: int
    code: str
    message: str


def problem_of(error: Exception, dialect: Dialect) -> Problem:
    """Say what the caller is told of an error. One that means no answer is our fault: it is logged."""
    told = _told(error)
    if isinstance(error, MalformedBody) and not dialect.has_details:
        fault = error.details[0]
        return Problem(400, "ValidationError", _cut(fault.message), fault.target, unbound=True)
    headers = dict(getattr(error, "headers", {}))
    details = tuple(getattr(error, "details", ()))
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return Problem(
        status=told.status,
        code=told.code,
        message=_cut(told.message),
        target=getattr(error, "target", None),
        details=details,
        headers=headers,
        unbound=bool(details) or getattr(error, "unbound", False),
    )


def encode_problem(problem: Problem) -> bytes:
    """The error envelope."""
    details = [_Detail(fault.code, _cut(fault.message), fault.target) for fault in problem.details]
    error = _Error(problem.code, problem.message, problem.target, details)
    return msgspec.json.encode({"error": error})


def _told(error: Exception) -> Told:
    if _means_an_answer(error):
        return error
    log.error("request_failed", exc_info=error)
    return Unforeseen()


def _means_an_answer(error: object) -> TypeGuard[Told]:
    return isinstance(getattr(error, "status", None), int)


class _Detail(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    target: str | None = None


class _Error(msgspec.Struct, omit_defaults=True):
    code: str
    message: str
    target: str | None = None
    details: list[_Detail] = msgspec.field(default_factory=list)


def _cut(text: str) -> str:
    # An answer may echo input; it never becomes an amplifier of it.
    return text if len(text) <= 2 * LONGEST_ECHO else text[: 2 * LONGEST_ECHO] + "…"
