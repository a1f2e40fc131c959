"""How a feature declares its operations, and how a path finds one.

    Api("rooms", ROOMS, VERSIONS, [Operation("GET", "/rooms/{room_id}", get_room)])

`get_room` takes an `Incoming`, which is authenticated, of a supported version and of an accepted
media type, and gives back an `Answer` or raises an error that means one.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

import msgspec

from openrooms.http.bodies import parse_json
from openrooms.http.errors import MethodNotAllowed, RouteNotFound
from openrooms.http.problems import Dialect
from openrooms.http.versions import Versions


class Incoming(msgspec.Struct, eq=False):
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
    # What the access line tells of the request: numbers, flags and ids, never names or texts.
    facts: dict[str, object] = msgspec.field(default_factory=dict)

    def note(self, **facts: object) -> None:
        """Tell these facts in the access line, whatever comes of the request."""
        self.facts.update(facts)

    def ask(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for known, value in self.query if known == name), None)

    @property
    def document(self) -> object:
        """The body as JSON. Raises `MalformedBody`."""
        return parse_json(self.body)


class Answer(msgspec.Struct, eq=False):
    """What is answered when all went well. `body` is JSON, or empty."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


Run: TypeAlias = Callable[[Incoming], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of an API.

    `media_types` are those that its body may have; without any, a body is not looked at.
    `may_be_empty` lets a request without a body pass, whatever type it claims. Versions before
    `since` do not have the operation. `name` is what logs and metrics call it,
    `quota` the quota that it takes from (`quotas`).
    """

    method: str
    path: str
    run: Run
    media_types: frozenset[str] = frozenset()
    may_be_empty: bool = False
    since: str = ""
    name: str = "Unnamed"
    quota: str = ""

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


class Routes:
    """The operations of an API, prepared so that a path finds its own without trying all of them."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        # By the number of segments; then the patterns, each with its operations by method.
        self._patterns: dict[int, dict[tuple[str, ...], dict[str, Operation]]] = {}
        for one in operations:
            segments = one.segments
            fitting = self._patterns.setdefault(len(segments), {})
            fitting.setdefault(segments, {})[one.method] = one

    def find(self, raw_path: str, method: str) -> tuple[Operation, dict[str, str]]:
        """The operation, with its path parameters. Raises `RouteNotFound`, `MethodNotAllowed`."""
        segments = split_path(raw_path)
        if segments is None:
            raise RouteNotFound
        allowed: list[str] = []
        for pattern, operations in self._patterns.get(len(segments), {}).items():
            parts = fit(pattern, segments)
            if parts is None:
                continue
            operation = operations.get(method)
            if operation is not None:
                return operation, parts
            allowed += operations
        if allowed:
            raise MethodNotAllowed(allowed)
        raise RouteNotFound


def split_path(raw_path: str) -> Sequence[str] | None:
    """The decoded segments of a path; None for a path that no operation of ours can have.

    Split first, decoded then: `/rooms/1%2F2` is never taken for `/rooms/1/2`.
    """
    nothing, *segments = raw_path.split("/")
    if nothing or not segments or not all(segments):
        return None
    if "%" not in raw_path:
        return segments
    try:
        segments = [unquote(part, errors="strict") for part in segments]
    except UnicodeDecodeError:
        return None
    return None if any("/" in segment for segment in segments) else segments


def fit(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    """The path parameters, when a path of as many segments fits the pattern; otherwise None."""
    parts = {}
    for wanted, segment in zip(pattern, segments, strict=True):
        if wanted[0] == "{":
            parts[wanted[1:-1]] = segment
        elif wanted != segment:
            return None
    return parts
