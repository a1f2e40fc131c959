"""Replays a flow of the table against a server and says what was different."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from support.exchanges import Exchange, Flow, versions
from support.forms import Book
from support.signed import Answered, Ask, Caller, Key

# An answer has a header of these exactly when its row says so.
WATCHED = frozenset(
    {
        *("content-type", "location", "repeatability-result", "x-ms-error-code", "retry-after"),
        *("www-authenticate", "allow", "x-ms-client-request-id"),
        *("api-supported-versions", "api-deprecated-versions"),
    }
)
STRANGERS_KEY = Key("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")


@dataclass(frozen=True, slots=True)
class Replay:
    """One flow on one server."""

    caller: Caller
    book: Book

    def exchange(self, row: Exchange) -> list[str]:
        """Do one exchange, as often as it says, and compare."""
        return [line for _ in range(row.times) for line in self._once(row)]

    def _once(self, row: Exchange) -> list[str]:
        request_id = str(uuid.uuid4())
        got = self._send(row, self._ask(row, request_id))
        wanted = self._headers(row, request_id)
        watched = {name: value for name, value in got.headers.items() if name in WATCHED}
        place = f"{row.send} {row.version}"
        found = [] if got.status == row.status else [f"{place}: {got.status}, not {row.status}"]
        found += self.book.differences(row.answer, got.json, f"{place} $")
        found += self.book.differences(wanted, watched, f"{place} headers")
        return [*found, f"{place} answered {got.body.decode()}"] if found else []

    def _ask(self, row: Exchange, request_id: str) -> Ask:
        body = (row.raw or "").encode()
        if row.body is not None:
            body = json.dumps(self.book.fill(row.body)).encode()
        headers = {"Accept": "application/json", "x-ms-client-request-id": request_id}
        if row.media_type:
            headers["Content-Type"] = row.media_type
        if row.send == "POST /rooms":
            headers["Repeatability-Request-ID"] = str(uuid.uuid4())
            headers["Repeatability-First-Sent"] = format_datetime(datetime.now(UTC), usegmt=True)
        headers |= {name: str(self.book.fill(value)) for name, value in row.sends.items()}
        kept = {name: value for name, value in headers.items() if value}
        return Ask(row.method, self._target(row), body, kept)

    def _target(self, row: Exchange) -> str:
        path = str(self.book.fill(row.path))
        if not row.version:
            return path
        return f"{path}{'&' if '?' in path else '?'}api-version={row.version}"

    def _headers(self, row: Exchange, request_id: str) -> Mapping[str, str]:
        api = row.path.strip("/").partition("/")[0].partition("?")[0]
        wanted = dict(row.wanted_headers)
        if api != "rooms":
            wanted["x-ms-client-request-id"] = request_id
        if row.tells_versions:
            told = versions()[api]
            wanted |= {"api-supported-versions": told.supported}
            wanted |= {"api-deprecated-versions": told.deprecated} if told.deprecated else {}
        return wanted

    def _send(self, row: Exchange, ask: Ask) -> Answered:
        match row.proof:
            case "key":
                return self.caller.call(ask)
            case "none":
                return self.caller.send(ask)
            case "another key":
                return self.caller.send(
                    _proved(ask, self.caller.host, STRANGERS_KEY, body=ask.body)
                )
            case "another body":
                return self.caller.send(_proved(ask, self.caller.host, self.caller.key, body=b"{}"))
            case _:
                raise AssertionError(f"{row.send}: no proof is called {row.proof!r}")


def replay(flow: Flow, caller: Caller) -> list[str]:
    """Every difference between a flow and what the server did, up to the first exchange that has any."""
    book = Book(datetime.now(UTC))
    book.known["endpoint"] = caller.endpoint
    book.known["host"] = caller.host
    run = Replay(caller, book)
    for row in flow.exchanges:
        differences = run.exchange(row)
        if differences:
            return differences
    return []


def _proved(ask: Ask, host: str, key: Key, *, body: bytes) -> Ask:
    at = format_datetime(datetime.now(UTC), usegmt=True)
    proof = key.headers(ask.method, ask.target, host, at=at, body=body)
    return Ask(ask.method, ask.target, ask.body, proof | dict(ask.headers))
