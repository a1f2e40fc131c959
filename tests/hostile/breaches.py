"""What the server is without each of its guards: from the guard to what stands in its place.

A guard is `module:name`. Its breach is made from what stood there, and does the rest of its work.
"""

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

import httpx2
import jwt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocketDisconnect

# Any: what stands in a guard's place takes and gives whatever the guard did.
Breach: TypeAlias = Callable[[Any], Any]

HEADERS: ContextVar[Mapping[str, str]] = ContextVar("headers")
CLIENTS = ("x-forwarded-for", "cf-connecting-ip", "x-real-ip")


def always(value: object) -> Breach:
    """Whatever it is asked, it says this."""
    return lambda _: lambda *given, **named: value


def becomes(value: object) -> Breach:
    """Not a function, but a value."""
    return lambda _: value


def through(_: Any) -> Any:
    """A filter that lets its first argument through as it is."""
    return lambda first, *given, **named: first


def settings(**changed: Any) -> Breach:
    """The engine's settings file with other values; a dot is written as two underscores."""

    def breach(render: Any) -> Any:
        def rendered(*given: Any, **named: Any) -> str:
            told = json.loads(render(*given, **named))
            for path, value in changed.items():
                *outer, name = path.split("__")
                part = told
                for one in outer:
                    part = part[one]
                part[name] = value
            return json.dumps(told)

        return rendered

    return breach


def lax_admit(admit: Any) -> Any:
    """Lets in whoever is refused for a reason other than his token."""
    from openrooms.rooms.model import Role

    def lax(door: Any, *given: Any, **named: Any) -> Any:
        return Role.ATTENDEE if door.role is None else door.role

    return lax


def lax_read(_: Any) -> Any:
    """Believes every token, whoever signed it, whatever it says."""
    from openrooms.identity.model import Claims, Scope
    from openrooms.kernel.identifiers import parse_user

    def read(self: Any, token: str, now: Any) -> Any:
        text = re.sub(r"[^A-Za-z0-9_.-]", "", token).removeprefix("Bearer")
        claims = jwt.decode(text, options={"verify_signature": False})
        named = str(claims.get("skypeid") or claims.get("sub"))
        if named.startswith("orgid:"):
            named = f"acs:{claims['resourceId']}_{named.removeprefix('orgid:')}"
        user: Any = parse_user(f"8:{named}")
        end = int(now.timestamp()) + 3600
        return Claims(user, int(claims.get("gen", 1)), (Scope.VOIP,), end - 3600, end, self.issuer)

    return read


def any_leg(known: Any) -> Any:
    """Whoever knocks without a good ticket is taken for the last who came."""

    async def leg(self: Any, connection: Any) -> Any:
        with contextlib.suppress(Exception):
            return await known(self, connection)
        return (await self.legs._calls.calls.all_live_legs())[-1]

    return leg


def ended_leg(_: Any) -> Any:
    """A ticket is good for ever."""
    from openrooms.calling import store
    from openrooms.calling.joining import ticket_hash

    return lambda self, connection, *, ticket: store.leg_of_ticket(connection, ticket_hash(ticket))


def first_look(live: Any) -> Any:
    """What the gate saw of a leg at its first connect is what it is for ever."""
    seen: dict[str, Any] = {}

    async def look(self: Any, leg_id: str) -> Any:
        if leg_id not in seen:
            seen[leg_id] = await live(self, leg_id)
        return seen[leg_id]

    return look


async def _nothing(*given: Any, **named: Any) -> None:
    return None


def nothing(_: Any) -> Any:
    return _nothing


def text_too(_: Any) -> Any:
    """Text frames go to the engine as they are."""

    async def up(self: Any, websocket: Any, upstream: Any, passage: Any) -> None:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message["code"])
            if message.get("text") is not None:
                await upstream._socket.send(message["text"])
            else:
                await upstream.send(message["bytes"], passage.grants)

    return up


def loose_connect(connect: Any) -> Any:
    """Passes a client's headers on, and takes the path on which the engine reads more of a query."""

    def connected(url: str, **named: Any) -> Any:
        path = url if "join_request=" in url else url.replace("/rtc/v1?", "/rtc?")
        headers = {**named.pop("additional_headers"), **HEADERS.get({})}
        return connect(path, additional_headers=headers, **named)

    return connected


def whole_query(_: Any) -> Any:
    def query(asked: str, *given: Any, **named: Any) -> str:
        return "&".join(one for one in asked.split("&") if one.startswith("publish="))

    return query


def remembers_headers(serve: Any) -> Any:
    async def served(self: Any, websocket: Any) -> None:
        HEADERS.set({name: value for name, value in websocket.headers.items() if name in CLIENTS})
        await serve(self, websocket)

    return served


def open_doors(calling_routes: Any) -> Any:
    """Everything else is handed to the engine."""

    def routes(side: Any, *given: Any, **named: Any) -> list[Any]:
        async def hand_over(request: Request) -> Response:
            where = await side.gate.engine._where.ready(within=5)
            async with httpx2.AsyncClient(trust_env=False) as client:
                answer = await client.request(
                    request.method,
                    f"{where}{request.url.path}?{request.url.query}",
                    content=await request.body(),
                    headers={
                        name: value
                        for name, value in request.headers.items()
                        if name in {"authorization", "content-type"}
                    },
                )
            return Response(answer.content, answer.status_code)

        paths = ("/twirp/{rest:path}", "/rtc", "/rtc/{rest:path}", "/whip/{rest:path}", "/agent")
        methods = ["GET", "POST", "DELETE", "PATCH"]
        doors = [Route(path, hand_over, methods=methods) for path in paths]
        return [*calling_routes(side, *given, **named), *doors]

    return routes


def any_floor(look: Any) -> Any:
    """Whoever is not in a call is taken for the first who is."""
    from openrooms.calling import store
    from openrooms.calling.errors import CallingError
    from openrooms.calling.moderation import Floor

    def looked(self: Any, connection: Any, agent: Any, call_id: Any) -> Any:
        try:
            return look(self, connection, agent, call_id)
        except CallingError:
            call, legs = store.call(connection, call_id), store.live_legs(connection, call_id)
            if call is None or not legs:
                raise
            return Floor(connection, call, legs[0], legs[0].capabilities)

    return looked


def all_places(_: Any) -> Any:
    """Everyone who was let in counts as connected."""
    from openrooms.calling import store
    from openrooms.calling.model import Place

    def places(connection: Any, call_id: str) -> Any:
        legs = store.live_legs(connection, call_id)
        return [Place(leg.id, leg.raw_id, leg.agent_id) for leg in legs]

    return places


def complains(leave: Any) -> Any:
    """Leaving what one is not in is an error."""
    from openrooms.calling.errors import SignedOut

    async def left(self: Any, agent: Any, call_id: Any = None) -> None:
        if not any(leg.end is None for leg in await self.legs_of_agent(agent)):
            raise SignedOut
        await leave(self, agent, call_id)

    return left


def swallows(client_message: Any) -> Any:
    """What cannot be read is no reason to close."""

    def told(*given: Any, **named: Any) -> Any:
        with contextlib.suppress(Exception):
            return client_message(*given, **named)
        return None

    return told


def all_grants(_: Any) -> Any:
    from openrooms.media.engine import Grants, Source

    return property(lambda self: Grants(frozenset(Source)))


def no_limits(limits: Any) -> Any:
    """Messages of any size, for as long as it takes somebody to read them."""
    from dataclasses import replace

    lax = {"message": 64 * 1024 * 1024, "messages": {}, "ping_seconds": 3600, "stall_seconds": 3600}
    return lambda config: replace(limits(config), **lax)


def stranger(with_servers: Any) -> Any:
    """Browsers are told what an engine tells that was given no list of its own."""
    from livekit.protocol import rtc

    named = [rtc.ICEServer(urls=["stun:global.stun.twilio.com:3478"])]
    return lambda data, kind, servers: with_servers(data, kind, [*servers, *named])


async def all_addresses(self: Any, target: Any) -> Any:
    """Wherever a name leads to."""
    return await self._resolve(target.host, target.port)


def lax_url(_: Any) -> Any:
    """Takes whatever has a host."""
    from urllib.parse import urlsplit

    from openrooms.events.webhooks.model import Target

    def parsed(text: str) -> Any:
        parts = urlsplit(text)
        return Target(parts.scheme, parts.hostname or "", parts.port or 80, parts.path)

    return parsed


def trusting(_: Any) -> Any:
    """Goes wherever it is led, and believes whoever is there."""

    def made(self: Any, trusted: Any) -> Any:
        return httpx2.AsyncClient(verify=False, trust_env=False, follow_redirects=True, timeout=30)

    return made


def patient(_: Any) -> Any:
    """Waits for ever."""
    from openrooms.events.webhooks.sender import Patience

    return lambda seconds: Patience(3600, 3600)


GROUND = "openrooms.media.livekit"
WEBHOOKS = "openrooms.events.webhooks"
NO_THROTTLE = dict.fromkeys(("low_quality", "mid_quality", "high_quality"), "1ms")
BREACHES: Mapping[str, Breach] = {
    f"{GROUND}.frames:server_message": through,
    f"{GROUND}.frames:client_message": through,
    f"{GROUND}.frames:admits": always(True),
    f"{GROUND}.frames:_with_servers": stranger,
    f"{GROUND}.frames:weigh": always(1),
    f"{GROUND}.frames:LARGEST_OTHER": becomes(1 << 30),
    f"{GROUND}.adapter:client_message": swallows,
    f"{GROUND}.descriptions:description": through,
    f"{GROUND}.descriptions:Candidates.admit": always(True),
    f"{GROUND}.query:upstream_query": whole_query,
    f"{GROUND}.query:hushed": through,
    f"{GROUND}.microphones:Microphones._admits": always(True),
    f"{GROUND}.query:LARGEST_CLIENT_INFO": becomes(1 << 30),
    f"{GROUND}.dialing:connect": loose_connect,
    f"{GROUND}.config:render": settings(room__auto_create=True, rtc__pli_throttle=NO_THROTTLE),
    "openrooms.calling.gate:Gate.serve": remembers_headers,
    "openrooms.calling.gate:Gate._leg": any_leg,
    "openrooms.calling.gate:Gate._live": first_look,
    "openrooms.calling.gate:Gate._make_true": nothing,
    "openrooms.calling.gate:Gate._up": text_too,
    "openrooms.calling.rates:Rate.take": always(True),
    "openrooms.calling.rates:Rates.take": always(True),
    "openrooms.calling.passages:BYTES_AT_ONCE": becomes(1 << 40),
    "openrooms.calling.passages:BYTES_A_SECOND": becomes(1 << 40),
    "openrooms.calling.passages:Passages.knock": always(None),
    "openrooms.calling.agents:Agents.enter": always(None),
    "openrooms.calling.routes:calling_routes": open_doors,
    "openrooms.calling.ringing:Rings.remove": nothing,
    "openrooms.calling.service:Calls._leg_of_ticket": ended_leg,
    "openrooms.calling.service:Calls.leave": complains,
    "openrooms.calling.store:change_ticket": always(None),
    "openrooms.calling.reports:Reports._room_started": nothing,
    "openrooms.calling.publications:too_many": always(False),
    "openrooms.calling.reconciler:Reconciler._close": nothing,
    "openrooms.calling.moderation:Moderation._look": any_floor,
    "openrooms.calling.store:places": all_places,
    "openrooms.calling.capabilities:Capabilities.require": always(None),
    "openrooms.calling.model:Leg.grants": all_grants,
    "openrooms.calling.model:admit": lax_admit,
    "openrooms.calling.model:fall": always(None),
    "openrooms.calling.model:clean_name": through,
    "openrooms.calling.model:group_id": through,
    "openrooms.calling.wire:LONGEST_MESSAGE": becomes(1 << 30),
    "openrooms.calling.model:room_number": always(99400000000000001),
    "openrooms.calling.agent_socket:check_scope": always(None),
    "openrooms.rooms.model:Window.admits": always(True),
    "openrooms.identity.tokens:Tokens.read": lax_read,
    "openrooms.identity.service:Identities.stands": always(True),
    "openrooms.http.origins:Origins.admit": always(True),
    "openrooms.allowances:limits_of": no_limits,
    f"{WEBHOOKS}.addresses:may_reach": always(True),
    f"{WEBHOOKS}.addresses:_is_public": always(True),
    f"{WEBHOOKS}.addresses:_within": always(()),
    f"{WEBHOOKS}.addresses:_INSIDE": becomes(()),
    f"{WEBHOOKS}.model:parse_url": lax_url,
    f"{WEBHOOKS}.sender:LONGEST_ANSWER": becomes(1 << 40),
    f"{WEBHOOKS}.sender:Patience.of": patient,
    f"{WEBHOOKS}.sender:Sender._addresses": becomes(all_addresses),
    f"{WEBHOOKS}.sender:Sender._made": trusting,
    f"{WEBHOOKS}.service:Webhooks._ask_for_leave": nothing,
    f"{WEBHOOKS}.service:Webhooks._give_code_back": nothing,
    f"{WEBHOOKS}.service:Webhooks._shake_hands": nothing,
    f"{WEBHOOKS}.signature:sign": always({}),
    f"{WEBHOOKS}.wire:reads_code": always(True),
}
