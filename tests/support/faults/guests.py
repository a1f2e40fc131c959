"""People in a call without a browser: an agent socket and a signalling connection each, by hand."""

import base64
import hashlib
import json
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import jwt
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus

from support.agents import Agent, Joined, agent
from support.deadlines import TooLate, wait_for
from support.gates import Line, ShutOut, open_line
from support.office import Office, User
from support.server import Server

NOT_THERE = (OSError, InvalidStatus, InvalidMessage, ConnectionClosed, TooLate)


class Guest:
    """Someone who joins one room."""

    def __init__(self, server: Server, user: User) -> None:
        self.server = server
        self.user = user
        self.room = ""
        self.line: Line | None = None
        self.joined: Joined | None = None
        self._end = ExitStack()
        self._agent: Agent | None = None
        self._agent_id: str | None = None

    @property
    def agent(self) -> Agent:
        assert self._agent is not None, "not signed in"
        return self._agent

    @property
    def is_signed_in(self) -> bool:
        return self._agent is not None

    @property
    def leg(self) -> Joined:
        assert self.joined is not None, "not in a call"
        return self.joined

    @property
    def seat(self) -> str:
        """Where he sits at the media engine."""
        return f"{self.user.raw_id}~{self.leg.participant_id}"

    def call(self) -> None:
        """Sign in; again as the same agent, when he did before."""
        opened = agent(self.server.ready.browser_url, self.server.secrets)
        self._agent = self._end.enter_context(opened)
        self._agent.hello(self.user.token, agent_id=self._agent_id)
        self._agent_id = self._agent.agent_id

    def join(self, room: str) -> None:
        if self._agent is None:
            self.call()
        self.room = room
        self.joined = self.agent.join(room)

    def open_media(self) -> None:
        """Open the gate and hear the engine's answer. Raises `ShutOut` and others."""
        line = open_line(self.server.ready.browser_url, self.leg.ticket)
        line.hear("join", within=5)
        self.line = line

    def come_back(self, *, within: float) -> float:
        """Open the gate as soon as it lets him; gives the seconds that took."""

        def tried() -> bool:
            try:
                self.open_media()
            except (ShutOut, *NOT_THERE):
                return False
            return True

        _, took = wait_for("the gate to let him in", tried, within=within)
        return took

    def listen(self) -> None:
        """Take in whatever has come on both connections."""
        if self._agent is not None:
            self._agent.drain()
        if self.line is not None:
            self.line.drain()

    def hang_up_agent(self) -> None:
        """Close the agent socket as a page that goes away does: with a close, without a goodbye."""
        self._end.close()
        self._agent = None

    def hang_up_media(self) -> None:
        if self.line is not None:
            self.line.hang_up()
            self.line = None

    def leave_the_page(self) -> None:
        for close in (self.hang_up_media, self.hang_up_agent):
            with suppress(*NOT_THERE):
                close()

    def end_seen_on_return(self) -> tuple[int, int]:
        """Sign in as the same agent once more, and be told how the leg ended."""
        self.call()
        told = self.agent.event("ended", within=5)
        assert told["participantId"] == self.leg.participant_id
        return told["code"], told["subCode"]


@contextmanager
def guests(
    server: Server, office: Office, roles: tuple[str, ...]
) -> Iterator[tuple[str, list[Guest]]]:
    """A room, and those who are invited to it, in these roles; nobody is in it yet."""
    people = [Guest(server, office.user()) for _ in roles]
    room = office.room({each.user: role for each, role in zip(people, roles, strict=True)})
    try:
        yield room, people
    finally:
        for each in people:
            each.leave_the_page()


class Reporter:
    """Says to the server, with the engine's own key, what the engine would say about media."""

    def __init__(self, server: Server) -> None:
        self._url = f"{server.ready.browser_url}engine/v1/events"
        self._key, self._secret = server.engine_key()

    def up(self, who: Guest, stay: str) -> None:
        self._say("participant_joined", who, stay)

    def down(self, who: Guest, stay: str, reason: str) -> None:
        self._say("participant_left", who, stay, disconnectReason=reason)

    def _say(self, event: str, who: Guest, stay: str, **more: str) -> None:
        told: dict[str, Any] = {
            "event": event,
            "id": str(uuid.uuid4()),
            "room": {"name": who.leg.call_id},
            "participant": {"identity": who.seat, "sid": stay, **more},
        }
        body = json.dumps(told).encode()
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        claims = {"iss": self._key, "exp": int(time.time()) + 60, "sha256": digest}
        request = urllib.request.Request(
            self._url,
            data=body,
            headers={"Authorization": jwt.encode(claims, self._secret, "HS256")},
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.status == 200
