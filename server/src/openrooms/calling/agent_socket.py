"""The agent socket: JSON in and out for one call agent, from its hello to its goodbye."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.closing import (
    DONE,
    GOING_AWAY,
    NOT_ALLOWED,
    REPLACED,
    SIGNED_OUT,
    TOO_MUCH,
    Closing,
    close,
    first_of,
    link_after,
)
from openrooms.calling.errors import BadMessage, CallingError, SignedOut, TryAgain
from openrooms.calling.model import TOKEN_LAPSED, EndReason, Leg, clean_name
from openrooms.calling.rates import Rate
from openrooms.calling.service import Admission, Agent, Calls
from openrooms.calling.views import Views
from openrooms.calling.vitals import Link
from openrooms.calling.watches import Watches
from openrooms.identity.errors import TokenRefused
from openrooms.identity.model import Caller, Scope
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import is_guid
from openrooms.kernel.ids import new_guid
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

MEDIA_PATH = "/calling/v1/media"
HELLO_SECONDS = 5.0
WRITE_SECONDS = 15.0
MOST_UNSENT = 1_000
REQUESTS_A_SECOND = 20.0
REQUESTS_AT_ONCE = 100
EXPIRING = timedelta(minutes=10)
LONGEST_WAIT = 5.0
CALL_SCOPES = frozenset({Scope.VOIP, Scope.VOIP_JOIN})


@dataclass(frozen=True, slots=True)
class Desk:
    """All that an agent socket works with."""

    identities: Identities
    calls: Calls
    agents: Agents
    watches: Watches
    views: Views
    clock: Clock


class AgentSocket:
    """One connection of one call agent."""

    def __init__(self, desk: Desk, websocket: WebSocket, agent: Agent) -> None:
        self.agent = agent
        self.calls: set[str] = set()
        self._desk = desk
        self._websocket = websocket
        self._unsent: asyncio.Queue[wire.Answer | wire.Event | int] = asyncio.Queue()
        self._seq = 0
        self._rate = Rate(REQUESTS_A_SECOND, REQUESTS_AT_ONCE)
        self._expires_on = agent.caller.expires_on
        self._renewed = asyncio.Event()

    # what others use: the Line protocol

    def post(self, event: wire.Event) -> None:
        if isinstance(event, wire.Ended):
            self.calls.discard(event.call_id)
        self._put(event)

    def cut(self, code: int) -> None:
        self._unsent.put_nowait(code)

    def _put(self, message: wire.Answer | wire.Event) -> None:
        waiting = self._unsent.qsize()
        if waiting < MOST_UNSENT:
            self._unsent.put_nowait(message)
        elif waiting == MOST_UNSENT:
            self.cut(TOO_MUCH)

    # the life of the connection

    async def run(self, hello: wire.Hello) -> None:
        """Serve until one side closes. Gives back only after everything it started has stopped."""
        older = self._desk.agents.add(self)
        if older is not None:
            older.cut(REPLACED)
        code, link = DONE, Link.CLOSED
        try:
            await self._welcome(hello)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._expire())
                tasks.create_task(self._read())
        except* Closing as closing:
            code = first_of(closing).code
        except* WebSocketDisconnect as gone:
            link = link_after(first_of(gone))
        except* DatabaseAway:
            code = GOING_AWAY
        finally:
            await self._part(link, code)

    async def _part(self, link: Link, code: int) -> None:
        if self._desk.agents.remove(self):
            # A server that goes away is not a client that hung up.
            seen = Link.LOST if code == GOING_AWAY else link
            for leg_id in [leg.id for leg in await self._legs() if leg.end is None]:
                self._desk.watches.agent(leg_id, seen)
        if self._websocket.application_state is WebSocketState.CONNECTED:
            await close(self._websocket, code)

    async def _legs(self) -> list[Leg]:
        try:
            return await self._desk.calls.legs_of_agent(self.agent)
        except DatabaseAway:
            return []

    async def _welcome(self, hello: wire.Hello) -> None:
        welcome = wire.Welcome(
            version=wire.VERSION,
            agent_id=self.agent.id,
            raw_id=self.agent.raw_id,
            display_name=self.agent.display_name,
            expires_on=wire.moment(self._expires_on),
            server_time=wire.moment(self._desk.clock()),
        )
        self._put(wire.Answer(hello.id, ok=welcome))
        if hello.agent_id == self.agent.id:
            for leg in await self._desk.calls.legs_of_agent(self.agent):
                await self._resume(leg)

    async def _resume(self, leg: Leg) -> None:
        if leg.end is not None:
            self.post(wire.ended(leg, leg.end))
            return
        call = await self._desk.calls.call(leg.call_id)
        if call is None:
            return
        self._desk.watches.begin(leg)
        self._desk.watches.agent(leg.id, Link.OPEN)
        await self._desk.views.load(call.id)
        self.calls.add(call.id)
        state = self._desk.watches.state(leg.id)
        self.post(
            wire.Snapshot(
                call=wire.view_of_call(call),
                leg=wire.own_leg(leg, state),
                legs=self._desk.views.others(leg),
            )
        )

    async def _write(self) -> None:
        while True:
            message = await self._unsent.get()
            if isinstance(message, int):
                raise Closing(message)
            if isinstance(message, wire.Event):
                self._seq += 1
                message.seq = self._seq
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._websocket.send_text(wire.encode(message))
            except TimeoutError as error:
                raise Closing(TOO_MUCH) from error

    async def _read(self) -> None:
        while True:
            text = await receive_text(self._websocket)
            if not self._rate.take():
                raise Closing(TOO_MUCH)
            try:
                request = wire.decode_request(text)
            except wire.UnreadableRequest as error:
                self._put(wire.Answer(error.request_id, error=wire.problem(error)))
                continue
            except BadMessage as error:
                raise Closing(NOT_ALLOWED) from error
            self._put(await self._answer(request))
            if isinstance(request, wire.Goodbye):
                self.cut(DONE)

    async def _answer(self, request: wire.Request) -> wire.Answer:
        try:
            return wire.Answer(request.id, ok=await self._do(request))
        except CallingError as error:
            return wire.Answer(request.id, error=wire.problem(error))
        except TokenRefused:
            return wire.Answer(request.id, error=wire.problem(SignedOut()))
        except DatabaseAway:
            return wire.Answer(request.id, error=wire.problem(TryAgain()))

    async def _do(self, request: wire.Request) -> wire.Refreshed | wire.Done | wire.Joined:
        match request:
            case wire.Join():
                return await self._join(request)
            case wire.Leave():
                await self._desk.calls.leave(self.agent, request.call_id)
            case wire.Goodbye():
                await self._desk.calls.leave(self.agent)
            case wire.RefreshToken():
                return await self._refresh(request)
            case wire.Ping():
                pass
            case _:
                raise BadMessage("This connection has said hello already.")
        return wire.Done()

    async def _join(self, request: wire.Join) -> wire.Joined:
        if not is_guid(request.join_id):
            raise BadMessage("joinId is not a GUID.")
        admission = await self._admit(request)
        leg, call = admission.leg, admission.call
        log.info("join_admitted", call=call.id, leg=leg.id, user=leg.raw_id, role=leg.role.value)
        self._desk.watches.begin(leg)
        self._desk.watches.agent(leg.id, Link.OPEN)
        await self._desk.views.load(call.id)
        self.calls.add(call.id)
        return wire.Joined(
            call=wire.view_of_call(call),
            leg=wire.own_leg(leg, self._desk.watches.state(leg.id)),
            legs=self._desk.views.others(leg),
            media=wire.Media(path=MEDIA_PATH, ticket=admission.ticket),
        )

    async def _admit(self, request: wire.Join) -> Admission:
        try:
            return await self._desk.calls.join(self.agent, request.room_id, join_id=request.join_id)
        except CallingError as refused:
            log.info(
                "join_refused",
                room=request.room_id[:32],
                user=self.agent.raw_id,
                code=refused.code,
                sub_code=refused.sub_code,
            )
            raise

    # the token

    async def _refresh(self, request: wire.RefreshToken) -> wire.Refreshed:
        caller = await self._desk.identities.verify(request.token)
        check_scope(caller)
        if caller.user != self.agent.caller.user:
            raise SignedOut
        self.agent = replace(self.agent, caller=caller)
        self._expires_on = caller.expires_on
        self._renewed.set()
        return wire.Refreshed(wire.moment(caller.expires_on))

    async def _expire(self) -> None:
        """Warn before the token ends; when it has ended, end every leg and the connection."""
        warned: datetime | None = None
        while True:
            left = self._expires_on - self._desk.clock()
            if left <= timedelta(0):
                await self.sign_out(TOKEN_LAPSED)
                return
            if left <= EXPIRING and warned != self._expires_on:
                warned = self._expires_on
                self.post(wire.TokenExpiring(expires_on=wire.moment(self._expires_on)))
            wait = left if left <= EXPIRING else left - EXPIRING
            await self._renewal(min(wait.total_seconds(), LONGEST_WAIT))

    async def _renewal(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                await self._renewed.wait()
        except TimeoutError:
            return
        self._renewed.clear()

    async def sign_out(self, reason: EndReason) -> None:
        await self._desk.calls.sign_out(self.agent, reason)
        self.post(wire.signed_out(reason))
        self.cut(SIGNED_OUT)


async def receive_text(websocket: WebSocket) -> str:
    """The next text message. A binary one, or one that is too long, ends the connection."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message["code"])
    text = message.get("text")
    if not isinstance(text, str) or len(text) > wire.LONGEST_MESSAGE:
        raise Closing(NOT_ALLOWED)
    return text


async def serve_agent(desk: Desk, websocket: WebSocket) -> None:
    """One agent socket, from the upgrade on."""
    await websocket.accept()
    try:
        async with asyncio.timeout(HELLO_SECONDS):
            hello = wire.decode_request(await receive_text(websocket))
    except (TimeoutError, BadMessage, Closing):
        await close(websocket, NOT_ALLOWED)
        return
    except WebSocketDisconnect:
        return
    if not isinstance(hello, wire.Hello) or hello.version != wire.VERSION:
        await close(websocket, NOT_ALLOWED)
        return
    try:
        caller = await desk.identities.verify(hello.token)
        check_scope(caller)
    except (TokenRefused, SignedOut):
        await _refuse(websocket, hello)
        return
    except DatabaseAway:
        await close(websocket, GOING_AWAY)
        return
    await AgentSocket(desk, websocket, _agent(hello, caller)).run(hello)


def check_scope(caller: Caller) -> None:
    """Raise `SignedOut` when the token is good, but not for calls."""
    if not caller.scopes & CALL_SCOPES:
        raise SignedOut


def _agent(hello: wire.Hello, caller: Caller) -> Agent:
    known = hello.agent_id
    agent_id = known.lower() if known is not None and is_guid(known) else new_guid()
    return Agent(agent_id, caller, clean_name(hello.display_name))


async def _refuse(websocket: WebSocket, hello: wire.Hello) -> None:
    answer = wire.Answer(hello.id, error=wire.problem(SignedOut()))
    try:
        await websocket.send_text(wire.encode(answer))
    except WebSocketDisconnect:
        return
    await close(websocket, SIGNED_OUT)
