"""What a request's head must be, beyond what the parser checks. Pure."""

import re
from collections.abc import Sequence
from typing import TypeAlias

from openrooms.http.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    HttpError,
    TargetTooLong,
    Unframed,
)
from openrooms.http.limits import Limits

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

# Each header costs a name, a colon, a space and a line end.
OVERHEAD = 4
LONGEST_PARSED = 0xFFFF
_ONCE = (b"host", b"content-length", b"transfer-encoding")
_VISIBLE = re.compile(rb"[!-~]+\Z")


def check_target(target: bytes, limits: Limits) -> None:
    """Raise unless a request target, or the part of it that came so far, is short enough."""
    if len(target) > limits.target_limit(target):
        raise TargetTooLong


def check_length(target: bytes) -> None:
    """Raise when the parser of targets, which counts in 16 bits, cannot read this one."""
    if len(target) > LONGEST_PARSED:
        raise TargetTooLong


def check_sizes(headers: Headers, limits: Limits) -> None:
    """Raise unless every header, and all of them together, are small."""
    sizes = [len(name) + len(value) + OVERHEAD for name, value in headers]
    if max(sizes, default=0) > limits.header + OVERHEAD or sum(sizes) > limits.headers:
        raise HeadersTooLarge


def check_head(version: str, target: bytes, headers: Headers, *, limits: Limits) -> None:
    """Raise unless a whole head makes sense, and announces no larger body than is taken."""
    if len(headers) > limits.header_count:
        raise HeadersTooLarge
    fields = dict(headers)
    if len(fields) != len(headers) and _repeats(headers, _ONCE):
        raise Unframed
    host, length = fields.get(b"host"), fields.get(b"content-length")
    if host is None and version != "1.0":
        raise Unframed
    if not _VISIBLE.match(target) or not _is_ours(target, host):
        raise Unframed
    coding = fields.get(b"transfer-encoding")
    if coding is not None and (length is not None or coding.lower() != b"chunked"):
        raise Unframed
    if length is not None and announced(length) > limits.body:
        raise BodyTooLarge


def announced(content_length: bytes) -> int:
    """The number in a `Content-Length`."""
    if not content_length.isdigit():
        raise Unframed
    # Longer numbers than this are too large whatever they are.
    return int(content_length[:20])


def refusal(error: HttpError, body: bytes, date: bytes) -> bytes:
    """A whole answer that ends its connection."""
    reason = error.code.encode("ascii")
    return b"\r\n".join(
        [
            b"HTTP/1.1 %d %s" % (error.status, reason),
            b"date: " + date,
            b"content-type: application/json",
            b"content-length: %d" % len(body),
            b"x-ms-error-code: " + reason,
            b"connection: close",
            b"",
            body,
        ]
    )


def _repeats(headers: Headers, once: Sequence[bytes]) -> bool:
    names = [name for name, _ in headers]
    return any(names.count(name) > 1 for name in once)


def _is_ours(target: bytes, host: bytes | None) -> bool:
    if target.startswith(b"/"):
        return True
    # A proxy's form of the target; it must not name another host than the header does.
    return host is not None and target.startswith(
        (b"http://" + host + b"/", b"https://" + host + b"/")
    )
