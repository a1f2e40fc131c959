"""Replays a flow of the table against a server and says what was different."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime

from support.exchanges import Exchange, Flow
from support.forms import Book
from support.headers import wanted, watched
from support.signed import Answered, Ask, Caller, Key

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
        api = row.path.strip("/").partition("/")[0].partition("?")[0]
        whole = wanted(
            api, row.wanted_headers, request_id=request_id, tells_versions=row.tells_versions
        )
        place = f"{row.send} {row.version}"
        found = [] if got.status == row.status else [f"{place}: {got.status}, not {row.status}"]
        found += self.book.differences(row.answer, got.json, f"{place} $")
        found += self.book.differences(whole, watched(got.headers), f"{place} headers")
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
