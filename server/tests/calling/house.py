"""The call side as it runs: a real listener, a real engine, clients made by hand."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from livekit.protocol import models, rtc
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

import openrooms_engine
from openrooms.calling.assembly import CallSide, assemble
from openrooms.calling.gate import Gate
from openrooms.calling.operations import MEDIA_PATH
from openrooms.calling.routes import calling_routes, report_route
from openrooms.http.server import Server
from openrooms.identity.model import Scope, TokenWish
from openrooms.kernel.clock import Monotonic, monotonic, system_clock
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_secret
from openrooms.media.engine import Engine, Grants, Presence, Source
from openrooms.media.errors import EngineAway
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.process import Supervisor, supervised
from openrooms.rooms.model import Role, Room

from .world import LIFETIME, World, open_world

PATIENCE = 10.0
TALK = Grants(frozenset({Source.CAMERA, Source.MICROPHONE}))


class Refused(Exception):
    """An error that a request was answered with."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error)
        self.codes = (error["code"], error["subCode"])


@dataclass(slots=True)
class AgentClient:
    """An agent socket, spoken by hand."""

    socket: ClientConnection
    events: list[dict[str, Any]] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    last: int = 0
    agent_id: str = ""

    async def ask(self, op: str, **fields: object) -> dict[str, Any]:
        self.last += 1
        await self.socket.send(json.dumps({"id": self.last, "op": op, **fields}))
        while True:
            message = await self.receive()
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise Refused(message["error"])
            else:
                answer: dict[str, Any] = message["ok"]
                return answer

    async def join(self, room_id: object, **fields: object) -> dict[str, Any]:
        return await self.ask("join", roomId=str(room_id), **{"joinId": str(uuid4()), **fields})

    async def event(self, name: str) -> dict[str, Any]:
        """The next event of that name; others that came before it are kept."""
        for kept in self.events:
            if kept["event"] == name:
                self.events.remove(kept)
                return kept
        while True:
            message = await self.receive()
            if message.get("event") == name:
                return message
            self.events.append(message)

    async def receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            text = await self.socket.recv(decode=True)
        self.heard.append(text)
        message: dict[str, Any] = json.loads(text)
        return message

    async def close_code(self) -> int:
        return await close_code(self.socket)


@dataclass(slots=True)
class MediaClient:
    """A media connection through the gate, spoken by hand."""

    socket: ClientConnection

    async def hear(self, kind: str) -> rtc.SignalResponse:
        while True:
            async with asyncio.timeout(PATIENCE):
                frame = await self.socket.recv()
            assert isinstance(frame, bytes)
            heard = rtc.SignalResponse.FromString(frame)
            if heard.WhichOneof("message") == kind:
                return heard

    async def say(self, request: rtc.SignalRequest) -> None:
        await self.socket.send(request.SerializeToString())

    async def close_code(self) -> int:
        return await close_code(self.socket)


async def close_code(connection: ClientConnection) -> int:
    """The code with which the server closes; what it says before is passed over."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await connection.recv()
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006


@dataclass(slots=True)
class Gates:
    """The gate that serves now; a test may put one before it."""

    serving: Gate


@dataclass(slots=True)
class House:
    """Everything that runs, and the way in."""

    world: World
    side: CallSide
    gates: Gates
    engine: Engine
    address: str
    # None where the engine is a fake.
    engine_keeper: Supervisor | None = None

    @property
    def supervisor(self) -> Supervisor:
        assert self.engine_keeper is not None
        return self.engine_keeper

    async def token(self, user: CommunicationUser) -> str:
        wish = TokenWish((Scope.VOIP,), LIFETIME)
        issued = await self.world.identities.issue(self.world.resource_id, user.raw_id, wish)
        return issued.token

    @asynccontextmanager
    async def call(self, program: str | None = None) -> AsyncIterator[AgentClient]:
        """An agent socket before its hello. `program`: what the client says that it is."""
        url = f"ws://{self.address}/calling/v1/agent"
        async with connect(
            url, compression=None, proxy=None, user_agent_header=program
        ) as connection:
            yield AgentClient(connection)

    @asynccontextmanager
    async def agent(self, user: CommunicationUser, **fields: object) -> AsyncIterator[AgentClient]:
        """An agent socket that is signed in."""
        async with self.call() as client:
            await client.ask("hello", version=1, token=await self.token(user), **fields)
            yield client

    @asynccontextmanager
    async def media(self, ticket: str) -> AsyncIterator[MediaClient]:
        """A media connection, when the gate lets it in."""
        url = f"ws://{self.address}/calling/v1/media/rtc/v1?{media_query(ticket)}"
        async with connect(url, compression=None, proxy=None) as connection:
            yield MediaClient(connection)


def media_query(ticket: str) -> str:
    """The query as livekit-client makes it, without compression."""
    asked = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16)
    )
    wrapped = rtc.WrappedJoinRequest(join_request=asked.SerializeToString())
    encoded = base64.urlsafe_b64encode(wrapped.SerializeToString()).decode()
    return f"access_token={ticket}&join_request={encoded}"


@asynccontextmanager
async def open_house(folder: Path, database_url: str | None = None) -> AsyncIterator[House]:
    keys = KeyPair(new_secret(), new_secret())
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    settings = EngineSettings(
        keys=keys, webhook_url=f"http://{address}/engine/v1/events", media_port=0
    )
    async with (
        open_world(folder, database_url) as world,
        supervised(
            settings, binary=openrooms_engine.binary(), folder=folder, monotonic=monotonic
        ) as supervisor,
        livekit_engine(supervisor, keys, system_clock) as engine,
    ):
        side = assemble(
            world.services,
            world.identities,
            engine=engine,
            read_report=lambda body, headers: read_report(
                body, headers.get("authorization", ""), keys, now=system_clock()
            ),
            clock=world.clock,
        )
        async with serving(world, side, engine, listener=listener) as house:
            house.engine_keeper = supervisor
            yield house


@asynccontextmanager
async def open_fake_house(
    folder: Path,
    database_url: str | None,
    engine: Engine,
    *,
    most_legs: int = 350,
    seconds: Callable[[World], Monotonic] = lambda _: monotonic,
) -> AsyncIterator[House]:
    """The same with an engine that a test has in its hand; its reports are the test's to deliver.

    `seconds`: what measures for how long somebody is quiet.
    """
    async with open_world(folder, database_url, most_legs=most_legs) as world:
        side = assemble(
            world.services,
            world.identities,
            engine=engine,
            read_report=lambda _body, _headers: None,
            clock=world.clock,
            seconds=seconds(world),
        )
        listener = socket.create_server(("127.0.0.1", 0))
        async with serving(world, side, engine, listener=listener) as house:
            yield house


@asynccontextmanager
async def serving(
    world: World, side: CallSide, engine: Engine, *, listener: socket.socket
) -> AsyncIterator[House]:
    """The call side behind a listener."""
    gates = Gates(side.gate)
    address = f"127.0.0.1:{listener.getsockname()[1]}"

    async def media(websocket: WebSocket) -> None:
        await gates.serving.serve(websocket)

    routes = [WebSocketRoute(f"{MEDIA_PATH}/rtc/v1", media), *calling_routes(side)]
    app = Starlette(routes=[*routes, report_route(side)])
    async with Server(app, clock=system_clock) as server, side.running():
        server.listen([listener], None)
        yield House(world, side, gates, engine, address)
        side.go_away()
        await server.drain(1)
    listener.close()


async def soon(look: Callable[[], Awaitable[bool]]) -> bool:
    """Whether it becomes so within ten seconds; each look asks another process."""
    async with asyncio.timeout(PATIENCE):
        while not await look():
            pass
    return True


async def invited(house: House, role: Role = Role.ATTENDEE) -> tuple[CommunicationUser, Room]:
    """A user, and a room that he may come to."""
    user = await house.world.person()
    return user, await house.world.room(**{user.raw_id: role})


async def there(house: House, call: str, user: CommunicationUser) -> list[Presence]:
    """The user's presences at the engine. Asked of a room that just closes, it fails after three seconds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                presences = await house.engine.presences(call)
            except EngineAway:
                continue
            return [one for one in presences if one.identity.startswith(user.raw_id)]
