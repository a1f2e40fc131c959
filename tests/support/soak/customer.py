"""A customer's server in a hurry: rooms and identities over raw signed requests, on one connection."""

import json
import threading
import uuid
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Protocol

from support.office import User
from support.signed import Ask, Caller

ROOMS, IDENTITIES = "api-version=2025-03-13", "api-version=2023-10-01"
JSON = {"Content-Type": "application/json"}
MERGE = {"Content-Type": "application/merge-patch+json"}
SCOPES = ["voip"]
# How often somebody comes again whom a busy server has sent away.
BUSY, PATIENCE = 503, 10


class Clock(Protocol):
    """The service's clock, which somebody moves on."""

    def now(self) -> datetime: ...

    def held(self) -> AbstractContextManager[None]:
        """While the context is open, nobody moves it."""


class Customer:
    """Each method is one operation, and raises unless it is done as it should be."""

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock

    def close(self) -> None:
        self._caller.close()

    # -- identities -------------------------------------------------------------------------

    def user(self) -> User:
        """A new user, with a token."""
        made = self._ask("POST", "/identities", 201, body={"createTokenWithScopes": SCOPES})
        return User(made["identity"]["id"], made["accessToken"]["token"])

    def token(self, user: User) -> User:
        """The user with one more token."""
        target = f"/identities/{user.raw_id}/:issueAccessToken"
        made = self._ask("POST", target, 200, body={"scopes": SCOPES})
        return User(user.raw_id, made["token"])

    def revoke(self, user: User) -> None:
        """End every token that was issued to the user so far."""
        self._ask("POST", f"/identities/{user.raw_id}/:revokeAccessTokens", 204)

    def forget(self, user: User) -> None:
        """Delete a user."""
        self._ask("DELETE", f"/identities/{user.raw_id}", 204)

    # -- rooms ------------------------------------------------------------------------------

    def room(self, roster: Mapping[User, str], *, open_for: timedelta) -> str:
        """A new room, asked for twice with one repeatability id: it is made once."""
        people = {user.raw_id: {"role": role} for user, role in roster.items()}
        # What was first sent too long ago by the service's clock is refused.
        with self._clock.held():
            now = self._clock.now()
            body = {"participants": people, "validUntil": (now + open_for).isoformat()}
            repeats = {
                "Repeatability-Request-ID": str(uuid.uuid4()),
                "Repeatability-First-Sent": format_datetime(now, usegmt=True),
            }
            made, again = (
                self._ask("POST", "/rooms", 201, body=body, headers=JSON | repeats)["id"]
                for _ in range(2)
            )
        assert made == again, "a room was made twice"
        return str(made)

    def prolong(self, room: str, *, open_for: timedelta) -> None:
        """Give the room another end."""
        until = (self._clock.now() + open_for).isoformat()
        self._ask("PATCH", f"/rooms/{room}", 200, body={"validUntil": until}, headers=MERGE)

    def invite(self, room: str, user: User, role: str | None) -> None:
        """Put a user on the roster, change his role, or with None take him off."""
        people = {user.raw_id: None if role is None else {"role": role}}
        target = f"/rooms/{room}/participants"
        self._ask("PATCH", target, 200, body={"participants": people}, headers=MERGE)

    def look(self, room: str) -> None:
        """Read the room, its roster, and a page of all rooms."""
        for target in (f"/rooms/{room}", f"/rooms/{room}/participants", "/rooms"):
            self._ask("GET", target, 200)

    def delete(self, room: str) -> None:
        self._ask("DELETE", f"/rooms/{room}", 204)

    # -- inside -----------------------------------------------------------------------------

    # Any: JSON, looked into where it is known what must be there.
    def _ask(
        self,
        method: str,
        path: str,
        status: int,
        *,
        body: object = None,
        headers: Mapping[str, str] = JSON,
    ) -> Any:  # noqa: ANN401 - as above
        version = IDENTITIES if path.startswith("/identities") else ROOMS
        octets = b"" if body is None else json.dumps(body).encode()
        ask = Ask(method, f"{path}?{version}", octets, headers if octets else {})
        answer = self._caller.call(ask)
        for _ in range(PATIENCE):
            if answer.status != BUSY:
                break
            # Nothing was done: the server says when to come again.
            threading.Event().wait(float(answer.headers["retry-after"]))
            answer = self._caller.call(ask)
        assert answer.status == status, (method, path, answer)
        return answer.json
