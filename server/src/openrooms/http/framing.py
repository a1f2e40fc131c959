"""What a request's head must be, beyond what the parser checks. Pure."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

from openrooms.http.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    HttpError,
    TargetTooLong,
    Unframed,
)
from openrooms.http.headers import Headers
from openrooms.http.limits import Limits
from openrooms.http.problems import Dialect, encode_problem, problem_of

Sent: TypeAlias = Sequence[tuple[bytes, bytes]]

# Each header costs a name, a colon, a space and a line end.
OVERHEAD = 4
LONGEST_PARSED = 0xFFFF
_ONCE = frozenset({"host", "content-length", "transfer-encoding"})
_VISIBLE = re.compile(rb"[!-~]+\Z")


def check_target(target: bytes, limits: Limits) -> None:
    """Raise unless a request target, or the part of it that came so far, is short enough."""
    if len(target) > limits.target_limit(target):
        raise TargetTooLong


def check_length(target: bytes) -> None:
    """Raise when the parser of targets, which counts in 16 bits, cannot read this one."""
    if len(target) > LONGEST_PARSED:
        raise TargetTooLong


def check_sizes(
    headers: Sent, limits: Limits, *, upgrades: bool = False, came: int | None = None
) -> None:
    """Raise unless headers are few, and every one and all of them together small.

    `upgrades`: whether they ask for another protocol. `came`: in how many bytes they have come, if
    that is known.
    """
    count, longest = len(headers), limits.header_limit(upgrades=upgrades)
    if count > limits.header_count:
        raise HeadersTooLarge
    if came is not None and came + count * OVERHEAD <= min(longest, limits.headers):
        # Hardly ever is all that has come larger than one header may be.
        return
    total = sum(map(len, chain.from_iterable(headers))) + count * OVERHEAD
    largest = max((len(name) + len(value) for name, value in headers), default=0)
    if total > limits.headers or largest > longest:
        raise HeadersTooLarge


def check_head(version: str, target: bytes, headers: Headers, *, limits: Limits) -> None:
    """Raise unless a whole head makes sense, and announces no larger body than is taken."""
    if headers.repeated and not headers.repeated.isdisjoint(_ONCE):
        raise Unframed
    host, length = headers.get("host"), headers.get("content-length")
    if host is None and version != "1.0":
        raise Unframed
    if not _VISIBLE.match(target) or not _is_ours(target, host):
        raise Unframed
    coding = headers.get("transfer-encoding")
    if coding is not None and (length is not None or coding.lower() != "chunked"):
        raise Unframed
    if length is not None and announced(length) > limits.body:
        raise BodyTooLarge


def announced(content_length: str) -> int:
    """The number in a `Content-Length`."""
    if not (content_length.isascii() and content_length.isdigit()):
        raise Unframed
    # Longer numbers than this are too large whatever they are.
    return int(content_length[:20])


def refusal(error: HttpError, dialect: Dialect, date: bytes) -> bytes:
    """A whole answer that ends its connection."""
    reason = error.code.encode("ascii")
    body = encode_problem(problem_of(error, dialect))
    code = [b"x-ms-error-code: " + reason] if dialect.code_in_header else []
    return b"\r\n".join(
        [
            b"HTTP/1.1 %d %s" % (error.status, reason),
            b"date: " + date,
            b"content-type: " + dialect.error_type.encode("ascii"),
            b"content-length: %d" % len(body),
            *code,
            b"connection: close",
            b"",
            body,
        ]
    )


def _is_ours(target: bytes, host: str | None) -> bool:
    if target.startswith(b"/"):
        return True
    # A proxy's form of the target; it must not name another host than the header does.
    return host is not None and target.decode("latin-1").startswith(
        (f"http://{host}/", f"https://{host}/")
    )
