"""A client that notes when it was answered, and how, while something is wrong with the server."""

import http.client
import json
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from support.server import Server
from support.signed import Key

VERSION = "api-version=2025-03-13"
IDENTITY_VERSION = "api-version=2023-10-01"
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, and how long it took."""

    status: int
    took: float
    code: str
    retry_after: int | None
    json: Any

    @property
    def is_kept_waiting(self) -> bool:
        """Whether it says, in the one proper way, to come again."""
        return self.status in {503, 507} and self.retry_after is not None and self.retry_after > 0


class Asker:
    """One customer on the plain port, with a connection for each request."""

    def __init__(self, server: Server) -> None:
        self._host = f"localhost:{server.ports.http}"
        self._key = Key(server.ready.connection_string.partition("accesskey=")[2])

    def create(self, people: int = 0) -> Told:
        roster: dict[str, object] = {
            f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}": {} for _ in range(people)
        }
        return self.ask("POST", "/rooms", {"participants": roster})

    def room(self) -> str:
        """A new room's id, at a time when all is well."""
        told = self.create(1)
        assert told.status == 201, told
        return str(told.json["id"])

    def get(self, room: str) -> Told:
        return self.ask("GET", f"/rooms/{room}")

    def page(self) -> Told:
        return self.ask("GET", "/rooms")

    def roster(self, room: str) -> Told:
        return self.ask("GET", f"/rooms/{room}/participants")

    def invite(self, room: str) -> Told:
        one = {f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}": {"role": "Presenter"}}
        return self.ask("PATCH", f"/rooms/{room}/participants", {"participants": one})

    def change(self, room: str) -> Told:
        return self.ask("PATCH", f"/rooms/{room}", {"pstnDialOutEnabled": True})

    def identity(self) -> Told:
        return self.ask("POST", "/identities", version=IDENTITY_VERSION)

    def user(self) -> str:
        """A new user's raw id, at a time when all is well."""
        told = self.identity()
        assert told.status == 201, told
        return str(told.json["identity"]["id"])

    def issue(self, user: str) -> Told:
        target = f"/identities/{user}/:issueAccessToken"
        return self.ask("POST", target, {"scopes": ["voip"]}, version=IDENTITY_VERSION)

    def ask(self, method: str, path: str, body: object = None, *, version: str = VERSION) -> Told:
        """Sign a request and send it."""
        octets = b"" if body is None else json.dumps(body).encode()
        target = f"{path}?{version}"
        at = format_datetime(datetime.now(UTC), usegmt=True)
        headers = self._key.headers(method, target, self._host, at=at, body=octets)
        if octets:
            kind = "application/json" if method == "POST" else "application/merge-patch+json"
            headers["Content-Type"] = kind
        start = time.monotonic()
        connection = http.client.HTTPConnection(self._host, timeout=PATIENCE)
        try:
            # Who is turned away at the door gets his answer while he still writes: it is there to be
            # read all the same, as the SDKs' own HTTP library does.
            with suppress(BrokenPipeError):
                connection.request(method, target, octets or None, headers)
            answer = connection.getresponse()
            said = answer.read()
        finally:
            connection.close()
        retry_after = answer.getheader("Retry-After")
        told = json.loads(said) if said else {}
        return Told(
            status=answer.status,
            took=time.monotonic() - start,
            code=told.get("error", {}).get("code", "") if isinstance(told, dict) else "",
            retry_after=None if retry_after is None else int(retry_after),
            json=told,
        )
