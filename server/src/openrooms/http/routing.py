"""How a feature declares its operations, and how a path finds one.

    Api("rooms", ROOMS, VERSIONS, [Operation("GET", "/rooms/{room_id}", get_room)])

`get_room` takes an `Incoming`, which is authenticated, of a supported version and of an accepted
media type, and gives back an `Answer` or raises an error that means one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import unquote

from openrooms.http.bodies import parse_json
from openrooms.http.problems import Dialect
from openrooms.http.versions import Versions


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request that is about to be carried out."""

    resource_id: str
    method: str
    path: str
    version: str
    # What stands in the place of `{name}` in the operation's path, percent-decoded.
    parts: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    # Names in lower case; a header that was sent twice is joined by a comma.
    headers: Mapping[str, str]
    body: bytes

    def ask(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for known, value in self.query if known == name), None)

    @property
    def document(self) -> object:
        """The body as JSON. Raises `MalformedBody`."""
        return parse_json(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered when all went well. `body` is JSON, or empty."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Run: TypeAlias = Callable[[Incoming], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API.

    `media_types` are those that its body may have; without any, a body is not looked at.
    `may_be_empty` lets a request without a body pass, whatever type it claims. Versions before
    `since` do not have the operation.
    """

    method: str
    path: str
    run: Run
    media_types: frozenset[str] = frozenset()
    may_be_empty: bool = False
    since: str = ""

    @property
    def segments(self) -> tuple[str, ...]:
        return tuple(self.path.split("/")[1:])


@dataclass(frozen=True, slots=True)
class Api:
    """One public API: everything below its first path segment."""

    name: str
    dialect: Dialect
    versions: Versions
    operations: Sequence[Operation]


def split_path(raw_path: str) -> tuple[str, ...] | None:
    """The decoded segments of a path; None for a path that no operation of ours can have.

    Split first, decoded then: `/rooms/1%2F2` is never taken for `/rooms/1/2`.
    """
    try:
        segments = tuple(unquote(part, errors="strict") for part in raw_path.split("/")[1:])
    except UnicodeDecodeError:
        return None
    whole = all(segment and "/" not in segment for segment in segments)
    return segments if raw_path.startswith("/") and whole else None


def fit(operation: Operation, segments: Sequence[str]) -> dict[str, str] | None:
    """The path parameters, when the operation's path fits; otherwise None."""
    if len(segments) != len(operation.segments):
        return None
    parts = {}
    for pattern, segment in zip(operation.segments, segments, strict=True):
        if pattern.startswith("{"):
            parts[pattern[1:-1]] = segment
        elif pattern != segment:
            return None
    return parts
