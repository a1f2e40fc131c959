"""Our table of exchanges: what is sent, and what the hosted service answers, row by row.

The rows stand in `tests/conformance/exchanges/*.yaml`; tests/README.md says how to read one. A flow is a
few of them in order: what one made, the next may use.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from support.forms import Ours

FOLDER = Path(__file__).parent.parent / "conformance" / "exchanges"
JSON = "application/json"
JSON_UTF8 = "application/json; charset=utf-8"
MERGE_PATCH = "application/merge-patch+json"
TYPES = {"POST": JSON, "PATCH": MERGE_PATCH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer."""

    send: str
    status: int
    version: str = ""
    body: object = None
    # A body that is no JSON, as it goes over the wire.
    raw: str | None = None
    type: str | None = None
    sends: Mapping[str, str] = field(default_factory=dict)
    # Which proof the request carries: `key`, or one of those that are none.
    proof: str = "key"
    answer: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tells_versions: bool = True
    # How often it is done; a preparation is no fact about the service.
    times: int = 1
    prepares: bool = False

    @property
    def method(self) -> str:
        return self.send.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.send.partition(" ")[2]

    @property
    def media_type(self) -> str | None:
        """The type of the request's body."""
        has_body = self.body is not None or self.raw is not None
        return self.type or (TYPES.get(self.method) if has_body else None)

    @property
    def wanted_headers(self) -> Mapping[str, str]:
        """The headers that matter, in lower case."""
        given = {name.lower(): value for name, value in self.headers.items()}
        return ({"content-type": JSON_UTF8} if self.answer is not None else {}) | given


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Exchanges that follow one another."""

    name: str
    exchanges: Sequence[Exchange]
    # The public recording that the flow restates, by its name; several, when they say the same.
    recorded: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What an API says of its versions in the headers of an answer."""

    supported: str
    deprecated: str


class _Loader(yaml.SafeLoader):
    """YAML with one tag of our own: `!ours`."""


def _ours(loader: _Loader, node: yaml.Node) -> Ours:
    text = str(node.value)
    return Ours(yaml.safe_load(text))


_Loader.add_constructor("!ours", _ours)
# A version looks like a date, and is text.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def flows() -> tuple[Flow, ...]:
    """The whole table."""
    return tuple(flow for path in sorted(FOLDER.glob("*.yaml")) for flow in _read(path))


@cache
def versions() -> Mapping[str, Told]:
    """For each API, by the first part of its paths, what it says of its versions."""
    told = load(FOLDER.parent / "versions.yaml")
    return {name: Told(**lists) for name, lists in told.items()}


def _read(path: Path) -> Iterator[Flow]:
    for flow in load(path):
        exchanges = [Exchange(**one) for one in flow["exchanges"]]
        yield Flow(name=flow["flow"], exchanges=exchanges, recorded=flow.get("recorded", ()))


def load(path: Path) -> Any:  # noqa: ANN401 (whatever the file holds; the rows refuse the rest)
    """What a table's file holds."""
    return yaml.load(path.read_text(), _Loader)  # noqa: S506 (a safe loader with one tag more)
