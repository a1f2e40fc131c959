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
_VISIBLE = re.compile(rb"[!-~]+\Z")


def check_target(target: bytes, limits: Limits) -> None:
    """Raise unless a request target, or the part of it that came so far, is short enough."""
    if len(target) > limits.target_limit(target):
        raise TargetTooLong


def check_length(target: bytes) -> None:
    """Raise when the parser of targets, which counts in 16 bits, cannot read this one."""
    if len(target) > LONGEST_PARSED:
        raise TargetTooLong


def check_headers(headers: Headers, limits: Limits) -> None:
    """Raise unless the headers that came so far are few and small."""
    size = sum(len(name) + len(value) + OVERHEAD for name, value in headers)
    if len(headers) > limits.header_count or size > limits.headers:
        raise HeadersTooLarge
    if headers and sum(map(len, headers[-1])) > limits.header:
        raise HeadersTooLarge


def check_head(version: str, target: bytes, headers: Headers, *, limits: Limits) -> None:
    """Raise unless a whole head makes sense and announces no larger body than is taken."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (version != "1.0" and not hosts):
        raise Unframed
    if not _VISIBLE.match(target) or not _is_ours(target, hosts):
        raise Unframed
    lengths = [value for name, value in headers if name == b"content-length"]
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if len(lengths) + len(codings) > 1 or any(one.lower() != b"chunked" for one in codings):
        raise Unframed
    if lengths and announced(lengths[0]) > limits.body:
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


def _is_ours(target: bytes, hosts: Sequence[bytes]) -> bool:
    if target.startswith(b"/"):
        return True
    # A proxy's form of the target; it must not name another host than the header does.
    return any(
        target.startswith((b"http://" + host + b"/", b"https://" + host + b"/")) for host in hosts
    )
