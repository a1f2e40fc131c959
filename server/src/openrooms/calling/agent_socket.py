"""The agent socket: JSON in and out for one call agent, from its hello to its goodbye."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from openrooms.calling import operations, request_wire, wire
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
    strongest,
)
from openrooms.calling.ending_wire import view_of_end
from openrooms.calling.errors import BadMessage, CallingError, SignedOut, TryAgain
from openrooms.calling.event_wire import Event
from openrooms.calling.joining import Agent
from openrooms.calling.model import REVOKED, TOKEN_LAPSED, EndReason, Leg, clean_name
from openrooms.calling.operations import Desk
from openrooms.calling.own_legs import Own, OwnLegs
from openrooms.calling.tickets import NextTicket
from openrooms.calling.unsent import Unsent
from openrooms.calling.vitals import Link
from openrooms.identity.errors import TokenRefused
from openrooms.identity.model import Caller, Scope
from openrooms.kernel.clock import monotonic
from openrooms.kernel.identifiers import is_guid
from openrooms.kernel.ids import new_guid
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

HELLO_SECONDS = 5.0
WRITE_SECONDS = 15.0
EXPIRING = timedelta(minutes=10)
LONGEST_WAIT = 5.0
RETRY_SECONDS = 1.0
# How long a call goes on after its token, for a newer one to come.
GRACE_SECONDS = 60.0
# What a client may do that has no good token now, beside getting one.
IN_GRACE = (request_wire.Goodbye, request_wire.Leave, request_wire.Ping)
CALL_SCOPES = frozenset({Scope.VOIP, Scope.VOIP_JOIN})


class AgentSocket:
    """One connection of one call agent."""

    def __init__(self, desk: Desk, websocket: WebSocket, agent: Agent) -> None:
        self.agent = agent
        self._own = OwnLegs()
        self._desk = desk
        self._websocket = websocket
        self._unsent = Unsent()
        self._seq = 0
        self.next = NextTicket()
        self._requests = desk.agents.requests(agent.raw_id)
        self._messages = desk.agents.messages(agent.raw_id)
        self._renewed = asyncio.Event()
        self._token_lasts = False
        # How others see this agent once the connection is over; None while it is not.
        self._seen: Link | None = None

    # what others use: the Line protocol

    def is_in(self, call_id: str) -> bool:
        return self._own.is_in(call_id)

    def leg_in(self, call_id: str) -> Leg | None:
        return self._own.leg_in(call_id)

    def leg_told(self, leg_id: str) -> Leg | None:
        return self._own.told(leg_id)

    def tell_role(self, leg: Leg) -> None:
        before = self._own.change_role(leg)
        if before is not None:
            self.post(wire.role_changed(leg, before=before))

    def tell_end(self, leg: Leg, reason: EndReason) -> None:
        if self._own.end(leg.id, reason):
            self.post(wire.ended(leg, reason))

    def cut(self, code: int) -> None:
        self._unsent.put(code)

    def post(self, message: wire.Answer | Event, /) -> None:
        if not self._unsent.put(message):
            self.cut(TOO_MUCH)

    def offer(self, event: Event, /) -> None:
        self._unsent.offer(event)

    def look(self, now: datetime) -> None:
        if self._token_lasts and self._expires_on - now <= EXPIRING:
            self._renewed.set()

    # the life of the connection

    async def run(self, hello: request_wire.Hello) -> None:
        """Serve until one side closes. Gives back only after everything it started has stopped."""
        older = self._desk.agents.add(self)
        if older is not None:
            older.cut(REPLACED)
        # Whom we close did not hang up.
        code, link = GOING_AWAY, Link.LOST
        try:
            await self._welcome(hello)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write())
                tasks.create_task(self._expire())
                tasks.create_task(self._read())
        except* Closing as closing:
            code = strongest(closing)
        except* WebSocketDisconnect as gone:
            link = link_after(first_of(gone))
        except* DatabaseAway:
            log.warning("agent_socket_without_database", user=self.agent.raw_id)
        finally:
            self._part(link)
            if self._websocket.application_state is WebSocketState.CONNECTED:
                await close(self._websocket, code)

    def _part(self, link: Link) -> None:
        self._seen = link
        if self._desk.agents.remove(self):
            for leg_id in self._own.ids():
                self._desk.watches.agent(leg_id, link)

    def expect(self, leg: Leg) -> None:
        """A leg of ours lives from now on."""
        self._own.expect(leg)
        self._desk.watches.begin(leg)
        # The connection may have ended while the join was written.
        self._desk.watches.agent(leg.id, self._seen or Link.OPEN)

    def open(self, leg_id: str) -> Own:
        """Give the client an expected leg, as it is now."""
        return self._own.open(leg_id)

    async def _welcome(self, hello: request_wire.Hello) -> None:
        if not await self._desk.calls.stands(self.agent):
            # Revoked between the look at the token and now.
            self.post(wire.signed_out(REVOKED))
            self.cut(SIGNED_OUT)
            return
        welcome = wire.Welcome(
            version=wire.VERSION,
            agent_id=self.agent.id,
            raw_id=self.agent.raw_id,
            display_name=self.agent.display_name,
            expires_on=wire.moment(self._expires_on),
            server_time=wire.moment(self._desk.clock()),
            next=wire.Media(path=operations.MEDIA_PATH, ticket=self.next.text),
        )
        self.post(wire.Answer(hello.id, ok=welcome))
        if hello.agent_id == self.agent.id:
            await self._desk.lapses.renew(self.agent)
            await self._resume()
        for ringing in await self._desk.answers.answerable(self.agent):
            self.post(wire.incoming(ringing.leg, ringing.call, caller_name=ringing.caller_name))

    async def _resume(self) -> None:
        """Give the client its calls as they are, and the ends that it may have missed."""
        for leg in await self._desk.calls.legs_of_agent(self.agent):
            if leg.end is None:
                self.expect(leg)
        # Read once more: what happened before is in here, and what happens from now on is told.
        for leg in await self._desk.calls.legs_of_agent(self.agent):
            if leg.end is None:
                self.expect(leg)
                await self._show(leg)
            else:
                self._own.forget(leg.id)
                self.post(wire.ended(leg, leg.end))

    async def _show(self, leg: Leg) -> None:
        call = await self._desk.calls.call(leg.call_id)
        await self._desk.views.load(leg.call_id)
        own = self._own.open(leg.id)
        if own.end is not None:
            self.post(wire.ended(leg, own.end))
        elif call is not None:
            legs, features = self._desk.views.show(own.leg)
            self.post(
                wire.Snapshot(
                    call=wire.view_of_call(call),
                    leg=wire.own_leg(own.leg, self._desk.watches.state(leg.id)),
                    legs=legs,
                    features=features,
                    ending=view_of_end(self._desk.views.end_of(call.id)),
                )
            )

    async def _write(self) -> None:
        while True:
            message = await self._unsent.get()
            if isinstance(message, int):
                raise Closing(message)
            if isinstance(message, Event):
                self._seq += 1
                message.seq = self._seq
            try:
                async with asyncio.timeout(WRITE_SECONDS):
                    await self._websocket.send_text(wire.encode(message))
            except WebSocketDisconnect:
                # What the client said before it went is still read.
                return
            except TimeoutError as error:
                raise Closing(TOO_MUCH) from error

    async def _read(self) -> None:
        while True:
            text = await receive_text(self._websocket)
            try:
                request = request_wire.decode_request(text)
            except request_wire.UnreadableRequest as error:
                self._count(None, len(text))
                self.post(wire.Answer(error.request_id, error=wire.problem(error)))
                continue
            except BadMessage as error:
                raise Closing(NOT_ALLOWED) from error
            self._count(request, len(text))
            self.post(await self._answer(request))
            if isinstance(request, request_wire.Goodbye):
                self.cut(DONE)

    def _count(self, request: request_wire.Request | None, size: int) -> None:
        is_message = isinstance(request, request_wire.MESSAGES)
        if not (self._messages.take(size) if is_message else self._requests.take()):
            raise Closing(TOO_MUCH)

    async def _answer(self, request: request_wire.Request) -> wire.Answer:
        try:
            return wire.Answer(request.id, ok=await self._do(request))
        except CallingError as error:
            return wire.Answer(request.id, error=wire.problem(error))
        except TokenRefused:
            return wire.Answer(request.id, error=wire.problem(SignedOut()))
        except DatabaseAway as error:
            log.warning("request_without_database", op=request.op[:32], why=type(error).__name__)
            return wire.Answer(request.id, error=wire.problem(TryAgain()))

    async def _do(self, request: request_wire.Request) -> wire.Refreshed | operations.Answered:
        if isinstance(request, request_wire.RefreshToken):
            return await self._refresh(request)
        if self._expires_on <= self._desk.clock() and not isinstance(request, IN_GRACE):
            raise SignedOut
        return await operations.do(self._desk, self, request)

    # the token

    @property
    def _expires_on(self) -> datetime:
        return self.agent.caller.expires_on

    async def _refresh(self, request: request_wire.RefreshToken) -> wire.Refreshed:
        caller = await self._desk.identities.verify(request.token)
        check_scope(caller)
        if caller.user != self.agent.caller.user:
            raise SignedOut
        renewed = replace(self.agent, caller=caller)
        await self._desk.lapses.renew(renewed)
        self.agent = renewed
        self._renewed.set()
        return wire.Refreshed(wire.moment(caller.expires_on))

    async def _expire(self) -> None:
        """Warn before the token ends; when it has ended, end every leg and the connection.

        Who is in a call has a while more, for a newer token that is late.
        """
        warned: datetime | None = None
        lapsed: float | None = None
        while True:
            left = self._expires_on - self._desk.clock()
            if left <= timedelta(0):
                lapsed = monotonic() if lapsed is None else lapsed
                grace = lapsed + GRACE_SECONDS - monotonic() if self._own.ids() else 0.0
                if grace <= 0:
                    await self._sign_out()
                    return
                await self._renewal(min(grace, LONGEST_WAIT))
                continue
            lapsed = None
            if left <= EXPIRING and warned != self._expires_on:
                warned = self._expires_on
                self.post(wire.TokenExpiring(expires_on=wire.moment(self._expires_on)))
            if left > EXPIRING:
                await self._far_from_its_end()
            else:
                await self._renewal(min(left.total_seconds(), LONGEST_WAIT))

    async def _far_from_its_end(self) -> None:
        """No timer runs for those many whose tokens last: one look goes round to all of them."""
        self._token_lasts = True
        await self._renewed.wait()
        self._renewed.clear()
        self._token_lasts = False

    async def _renewal(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                await self._renewed.wait()
        except TimeoutError:
            return
        self._renewed.clear()

    async def _sign_out(self) -> None:
        while True:
            try:
                await self._desk.calls.sign_out(self.agent, TOKEN_LAPSED)
                break
            except DatabaseAway:
                await asyncio.sleep(RETRY_SECONDS)
        self.post(wire.signed_out(TOKEN_LAPSED))
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
            hello = request_wire.decode_request(await receive_text(websocket))
    except (TimeoutError, BadMessage, Closing):
        await close(websocket, NOT_ALLOWED)
        return
    except WebSocketDisconnect:
        return
    if not isinstance(hello, request_wire.Hello) or hello.version != wire.VERSION:
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
    await AgentSocket(desk, websocket, _agent(hello, caller, websocket)).run(hello)


def check_scope(caller: Caller) -> None:
    """Raise `SignedOut` when the token is good, but not for calls."""
    if not caller.scopes & CALL_SCOPES:
        raise SignedOut


def _agent(hello: request_wire.Hello, caller: Caller, websocket: WebSocket) -> Agent:
    known = hello.agent_id
    agent_id = known.lower() if known is not None and is_guid(known) else new_guid()
    program = clean_name(websocket.headers.get("user-agent", ""))
    return Agent(agent_id, caller, clean_name(hello.display_name), program)


async def _refuse(websocket: WebSocket, hello: request_wire.Hello) -> None:
    answer = wire.Answer(hello.id, error=wire.problem(SignedOut()))
    try:
        await websocket.send_text(wire.encode(answer))
    except WebSocketDisconnect:
        return
    await close(websocket, SIGNED_OUT)
