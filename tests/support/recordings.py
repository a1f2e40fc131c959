"""Holds our table of exchanges against a folder of recorded answers: each recorded exchange has its row.

`python -m support.recordings FOLDER`. Both sides are brought into one plain form, in which ids, times and
tokens are the names of what they are; then each recording must be the beginning of a flow that names it.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from support.exchanges import Exchange, Flow, flows
from support.forms import FORM, MOMENTS, MORE, Ours

KEPT_HEADERS = ("content-type", "location", "repeatability-result", "x-ms-error-code")
TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)\Z")
ROOM = re.compile(r"\d{15,18}\Z")
USER = re.compile(r"8:acs:(?:sanitized\d+|[0-9a-f-]{36}_[0-9a-f-]{36})")
MASK = "sanitized"
BY_NAME = {"validFrom": "<time>", "validUntil": "<time>", "expiresOn": "<time>", "token": "<token>"}
# Long ago the services named the types of their own code.
WORDS = (
    (re.compile(r"Microsoft(?:\.\w+)+"), "<type>"),
    (re.compile(r"(?<=BytePositionInLine: )\d+"), "<number>"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One exchange in its plain form."""

    send: str
    version: str
    # The recordings of Java hold no bodies of requests.
    body: object
    status: int
    headers: Mapping[str, str]
    answer: object

    def tells(self, other: "Fact") -> bool:
        """Whether a recorded exchange is told by a row."""
        same_body = self.body in (UNKNOWN, other.body)
        return same_body and all(
            getattr(self, name) == getattr(other, name)
            for name in ("send", "version", "status", "headers", "answer")
        )


UNKNOWN = "unknown"


@dataclass(slots=True)
class Plain:
    """Brings values into the plain form. Users are counted in the order in which they come."""

    users: list[str] = field(default_factory=list)

    def user(self, text: str) -> str:
        if text not in self.users:
            self.users.append(text)
        return f"<user {self.users.index(text)}>"

    def value(self, value: object, name: str = "") -> object:
        if isinstance(value, Mapping):
            kept = {key: one for key, one in value.items() if not isinstance(one, Ours)}
            return {self.key(key, name): self.value(one, key) for key, one in kept.items()}
        if isinstance(value, list):
            items = [self.value(one, name) for one in value if one != MORE]
            return [one for one, _ in groupby(items)]
        return self.text(value, name) if isinstance(value, str) else value

    def key(self, key: str, parent: str) -> str:
        return self.text(key) if parent == "participants" else key

    def text(self, text: str, name: str = "") -> str:
        if FORM.search(text):
            return FORM.sub(self._form, text)
        if name in ("token", "appId", "userId") and text:
            return BY_NAME.get(name, "<text>")
        if name in BY_NAME or TIME.match(text):
            return "<time>"
        if text.lower() == MASK or USER.fullmatch(text):
            return self.user(text)
        if ROOM.match(text):
            return "<room>"
        if name == "nextLink":
            return self._link(text)
        text = USER.sub(lambda met: self.user(met[0]), text)
        for pattern, word in WORDS:
            text = pattern.sub(word, text)
        return text

    def target(self, path: str) -> str:
        """A path, its ids in plain form."""
        parts = path.split("/")
        at = 2
        if len(parts) > at and parts[at].lower() == MASK and parts[1] == "rooms":
            parts[at] = "<room>"
        return "/".join(self.text(one) for one in parts)

    def _form(self, form: re.Match[str]) -> str:
        kind = form["name"] if form["kind"] == "any" else form["kind"]
        if kind == "user":
            return self.user(form[0])
        return "<time>" if kind in MOMENTS else f"<{kind}>"

    @staticmethod
    def _link(text: str) -> str:
        url = urlsplit(text)
        query = dict(parse_qsl(url.query))
        return f"<endpoint>{url.path[1:]}?nextLink=<page>&api-version={query['api-version']}"


def fact_of(row: Exchange, plain: Plain) -> Fact:
    """A row of the table, as a fact."""
    headers = {
        name: row.wanted_headers[name] for name in KEPT_HEADERS if name in row.wanted_headers
    }
    return Fact(
        send=f"{row.method} {plain.target(row.path)}",
        version=row.version,
        body=plain.value(row.body),
        status=row.status,
        headers={name: plain.text(value) for name, value in headers.items()},
        answer=plain.value(row.answer),
    )


def facts_of(flow: Flow) -> list[Fact]:
    """A whole flow, less what only prepares."""
    plain = Plain()
    return [fact_of(row, plain) for row in flow.exchanges if not row.prepares]


def read_recording(path: Path) -> list[Fact]:
    """The exchanges of one recording, whichever of the two formats it has."""
    recording = json.loads(path.read_text())
    plain = Plain()
    if "Entries" in recording:
        return [_entry(one, plain) for one in recording["Entries"]]
    return [_call(one, plain) for one in recording["networkCallRecords"]]


def _entry(entry: Mapping[str, Any], plain: Plain) -> Fact:
    told = entry["RequestMethod"], entry["RequestUri"], entry["RequestBody"]
    return _fact(
        plain, told, (entry["StatusCode"], entry["ResponseHeaders"], entry["ResponseBody"])
    )


def _call(call: Mapping[str, Any], plain: Plain) -> Fact:
    response = dict(call["Response"])
    status, body = int(response.pop("StatusCode")), response.pop("Body", None)
    told = call["Method"], call["Uri"], UNKNOWN
    return _fact(plain, told, (status, response, json.loads(body) if body else None))


def _fact(plain: Plain, asked: tuple[str, str, object], got: tuple[int, Any, object]) -> Fact:
    method, address, body = asked
    status, headers, answer = got
    url = urlsplit(address)
    kept = {name.lower(): value for name, value in headers.items()}
    return Fact(
        send=f"{method} {plain.target(url.path)}",
        version=dict(parse_qsl(url.query))["api-version"],
        body=plain.value(body),
        status=status,
        headers={name: plain.text(kept[name]) for name in KEPT_HEADERS if name in kept},
        answer=plain.value(answer),
    )


def missing(path: Path, table: Sequence[Flow]) -> tuple[int, list[str]]:
    """How many exchanges a recording holds, and which of them have no row."""
    recorded = read_recording(path)
    naming = [flow for flow in table if any(one in path.name for one in flow.recorded)]
    gaps = [_gaps(recorded, facts_of(flow)) for flow in naming]
    return len(recorded), min(gaps, key=len) if gaps else [f"{path.name}: no flow names it"] * len(
        recorded
    )


def _gaps(recorded: Sequence[Fact], told: Sequence[Fact]) -> list[str]:
    lines = []
    for at, fact in enumerate(recorded):
        row = told[at] if at < len(told) else None
        if row is None or not fact.tells(row):
            lines.append(f"recorded {fact}\n   told  {row}")
    return lines


def recordings(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.json"))


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("usage: make recordings RECORDINGS=FOLDER", file=sys.stderr)
        raise SystemExit(2)
    total, gaps = 0, list[str]()
    for path in recordings(Path(arguments[0])):
        count, lines = missing(path, flows())
        total += count
        gaps += [f"{path.name}: {line}" for line in lines]
    print("\n".join(gaps))
    verdict = "ok" if total and not gaps else "MISSED"
    print(f"recorded exchanges with a row: {total - len(gaps)} (bar: = {total}) {verdict}")
    raise SystemExit(verdict != "ok")


if __name__ == "__main__":
    main(sys.argv[1:])
