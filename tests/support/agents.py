"""A call agent made by hand: speaks the agent socket as its page describes it, and no better."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from support.deadlines import TooLate
from support.secrets import Secrets

ANSWER_WITHIN = 10.0


@dataclass(slots=True)
class Refusal(Exception):
    """An error that the server answered with."""

    code: int
    sub_code: int
    message: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What a `join` gave."""

    call_id: str
    participant_id: str
    role: str
    ticket: str
    path: str
    legs: list[dict[str, Any]]


class Agent:
    """One agent socket. Every request waits for its answer; events that come are kept."""

    def __init__(self, socket: ClientConnection, secrets: Secrets) -> None:
        self._socket = socket
        self._secrets = secrets
        self._last = 0
        self.events: list[dict[str, Any]] = []
        self.agent_id: str | None = None

    def hello(self, token: str, *, name: str = "By Hand", agent_id: str | None = None) -> None:
        fields: dict[str, Any] = {"version": 1, "token": token, "displayName": name}
        if agent_id is not None:
            fields["agentId"] = agent_id
        self.agent_id = self.ask("hello", **fields)["agentId"]

    def join(self, room: str, *, join_id: str | None = None) -> Joined:
        """Ask to be let into a room; raises the `Refusal`."""
        said = self.ask("join", roomId=room, joinId=join_id or str(uuid.uuid4()))
        self._secrets.add("ticket", said["media"]["ticket"])
        return Joined(
            call_id=said["call"]["callId"],
            participant_id=said["leg"]["participantId"],
            role=said["leg"]["role"],
            ticket=said["media"]["ticket"],
            path=said["media"]["path"],
            legs=said["legs"],
        )

    def leave(self, call_id: str) -> None:
        self.ask("leave", callId=call_id)

    def ask(self, op: str, **fields: object) -> dict[str, Any]:
        """Send a request and wait for its answer."""
        self._last += 1
        self.send(json.dumps({"id": self._last, "op": op, **fields}))
        while True:
            message = self._receive(ANSWER_WITHIN, f"the answer to {op}")
            if message.get("id") != self._last:
                continue
            if "error" in message:
                error = message["error"]
                raise Refusal(error["code"], error["subCode"], error["message"])
            answer: dict[str, Any] = message["ok"]
            return answer

    def send(self, message: str | bytes) -> None:
        self._socket.send(message)

    def event(self, name: str, *, within: float) -> dict[str, Any]:
        """The next event of that name, kept or still to come."""
        while True:
            for kept in self.events:
                if kept["event"] == name:
                    self.events.remove(kept)
                    return kept
            self._receive(within, f"the event {name}")

    def drain(self) -> None:
        """Keep the events that have come. Who does not read for long loses the connection."""
        with suppress(TooLate, ConnectionClosed):
            while True:
                self._receive(0, "more")

    def closed_with(self, *, within: float) -> int:
        """The code that the server closes with."""
        try:
            while True:
                self._receive(within, "the end of the socket")
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def _receive(self, within: float, what: str) -> dict[str, Any]:
        try:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=within))
        except TimeoutError:
            raise TooLate(f"{what}: not within {within} s; kept: {self.events}") from None
        if "event" in message:
            self.events.append(message)
        return message


@contextmanager
def agent(browser_url: str, secrets: Secrets) -> Iterator[Agent]:
    """A fresh agent socket, before its `hello`."""
    url = browser_url.replace("http", "ws", 1) + "calling/v1/agent"
    with connect(url, compression=None, proxy=None) as socket:
        yield Agent(socket, secrets)
