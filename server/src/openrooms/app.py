"""The service, put together: opened in order, and closed in the reverse order."""

import asyncio
import signal
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from socket import socket

import structlog
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from openrooms import __version__
from openrooms.calling.assembly import CallSide, assemble
from openrooms.calling.routes import AGENT_PATH, EVENTS_PATH, calling_routes, report_route
from openrooms.calling.service import Calls
from openrooms.config import Config
from openrooms.demo import Demo, DemoMaker
from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.certificates import ensure_certificates
from openrooms.http.limits import Limits
from openrooms.http.listening import EVERYWHERE, LOOPBACK, listening, port_of
from openrooms.http.pages import Pages, Part, health_route
from openrooms.http.paging import NextLinks
from openrooms.http.server import Server
from openrooms.identity.resources import Resources, open_resources
from openrooms.identity.routes import IdentityRoutes
from openrooms.identity.service import Identities, open_tokens
from openrooms.kernel import ids
from openrooms.kernel.clock import Clock, monotonic, shifted_clock, system_clock
from openrooms.kernel.memory import settle_memory
from openrooms.media.address import claim_udp_port, media_address
from openrooms.media.engine import EngineEvent
from openrooms.media.errors import EngineAway, EngineFailed
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.process import Supervisor, supervised
from openrooms.rooms.routes import RoomsRoutes
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Database, open_database
from openrooms.storage.errors import DatabaseAway
from openrooms.storage.folder import check_folder
from openrooms.storage.secrets import Secrets, Vault, open_vault
from openrooms_engine import EngineUnusable, binary

log = structlog.get_logger(__name__)

STATIC = Path(__file__).with_name("static")
LIMITS = Limits(messages={AGENT_PATH.encode(): 64 * 1024})
SWEEP_SECONDS = 3600.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)
DEFAULT_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Doors:
    """The ports that are ours, and the URLs under which we are reached through them."""

    https: list[socket]
    http: list[socket]
    public_host: str | None

    @property
    def endpoint(self) -> str:
        """Where servers reach us, without a path."""
        return _url("https", self.public_host or "localhost", port_of(self.https))

    @property
    def browser_url(self) -> str:
        """Where browsers reach us: in TLS under a public name, else on this machine alone."""
        if self.public_host is not None:
            return self.endpoint
        return _url("http", "localhost", port_of(self.http))

    @property
    def report_url(self) -> str:
        """Where the engine reports to."""
        return _url("http", "127.0.0.1", port_of(self.http)) + EVENTS_PATH


@dataclass(frozen=True, slots=True)
class Place:
    """What every part stands on: the settings, the doors, the database, its secrets, the time."""

    config: Config
    doors: Doors
    database: Database
    vault: Vault
    clock: Clock

    @property
    def secrets(self) -> Secrets:
        return Secrets(self.database, self.vault)


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """The engine that will be started: its program, and the address of its media."""

    binary: Path
    address: str


@dataclass(frozen=True, slots=True)
class Features:
    """What servers manage."""

    resources: Resources
    identities: Identities
    rooms: Rooms


@dataclass(frozen=True, slots=True)
class Calling:
    """What runs calls: our side, and the engine's keeper."""

    side: CallSide
    supervisor: Supervisor


@dataclass(frozen=True, slots=True)
class Site:
    """A service that is ready: what a person or a program needs to use it."""

    endpoint: str
    browser_url: str
    connection_string: str
    authority: Path
    sdk_url: str | None
    demo: Demo | None


@asynccontextmanager
async def open_site(config: Config) -> AsyncGenerator[Site]:
    """Run the whole service for as long as the context is open.

    Folder, ports and engine are looked at first: what cannot start leaves nothing behind.
    """
    check_folder(config.data)
    async with AsyncExitStack() as stack:
        doors = stack.enter_context(_open_doors(config))
        plan = await _plan_engine(config)
        place = await stack.enter_async_context(_open_place(config, doors))
        features = await _open_features(place)
        calling = await stack.enter_async_context(_open_calls(place, features, plan))
        pages = await asyncio.to_thread(Pages, STATIC)
        app = await _application(place, features, calling, pages=pages)
        server = Server(app, clock=place.clock, limits=LIMITS)
        stack.push_async_callback(_close, server, calling.side, config.stop_seconds)
        demo = await _demo(place, features) if config.demo else None
        authority = await _listen(server, place)
        yield Site(
            endpoint=f"{doors.endpoint}/",
            browser_url=f"{doors.browser_url}/",
            connection_string=features.resources.connection_string(f"{doors.endpoint}/"),
            authority=authority,
            sdk_url=doors.browser_url + pages.tarballs[0] if pages.tarballs else None,
            demo=demo,
        )


async def serve(config: Config, ready: Callable[[Site], None]) -> None:
    """Run the service until SIGINT or SIGTERM; a second one ends it at once."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def ask() -> None:
        stop.set()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    async with open_site(config) as site:
        settle_memory()
        ready(site)
        await stop.wait()
        log.info("stopping")


def find_engine(config: Config) -> Path:
    """The engine's program. Raises `EngineFailed` when there is none that can be trusted."""
    if config.engine_binary is not None:
        return config.engine_binary
    try:
        return binary()
    except EngineUnusable as error:
        raise EngineFailed(f"Media engine: {error}.") from error


@contextmanager
def _open_doors(config: Config) -> Iterator[Doors]:
    everywhere = EVERYWHERE if config.public_host else LOOPBACK
    with (
        listening(config.https_port, everywhere, option="--https-port") as https,
        listening(config.http_port, LOOPBACK, option="--http-port") as http,
    ):
        yield Doors(https, http, config.public_host)


async def _plan_engine(config: Config) -> EnginePlan:
    address = await media_address(config.public_host)
    # Only looked at: the engine's keeper takes it.
    claim_udp_port(address, config.media_port)
    return EnginePlan(await asyncio.to_thread(find_engine, config), address)


@asynccontextmanager
async def _open_place(config: Config, doors: Doors) -> AsyncIterator[Place]:
    clock = system_clock if config.clock_offset is None else shifted_clock(config.clock_offset)
    async with open_database(config.data, config.database, runs_calls=True) as database:
        vault = open_vault(config.data, config.master_key)
        yield Place(config, doors, database, vault, clock)


async def _open_features(place: Place) -> Features:
    database, vault, clock = place.database, place.vault, place.clock
    resources = await open_resources(database, vault, clock)
    tokens = await open_tokens(database, vault, clock, issuer=place.doors.browser_url)
    return Features(
        resources=resources,
        identities=Identities(database, clock, tokens),
        rooms=Rooms(database, clock, roster_limit=place.config.roster_limit),
    )


@asynccontextmanager
async def _open_calls(place: Place, features: Features, plan: EnginePlan) -> AsyncIterator[Calling]:
    keys = await _engine_keys(place.secrets)
    settings = EngineSettings(
        keys=keys,
        webhook_url=place.doors.report_url,
        media_port=place.config.media_port,
        address=plan.address,
    )
    calls = Calls(
        place.database,
        place.clock,
        rooms=features.rooms,
        identities=features.identities,
        most_legs=place.config.participant_limit,
    )

    def read(body: bytes, headers: Mapping[str, str]) -> EngineEvent | None:
        return read_report(body, headers.get("authorization", ""), keys, now=system_clock())

    async with (
        supervised(
            settings, binary=plan.binary, folder=place.config.data, monotonic=monotonic
        ) as supervisor,
        livekit_engine(supervisor, keys, system_clock) as engine,
    ):
        side = assemble(
            calls, features.identities, engine=engine, read_report=read, clock=place.clock
        )
        features.rooms.watch(calls)
        features.identities.watch(calls)
        supervisor.watch(side.reconciler.engine_started_anew)
        async with side.running(), _sweeping(features.rooms):
            yield Calling(side, supervisor)


async def _engine_keys(secrets: Secrets) -> KeyPair:
    """The one key pair of the engine, made at the first start."""
    key = await secrets.keep("engine_key", ids.new_guid().encode())
    secret = await secrets.keep("engine_secret", ids.new_secret().encode())
    return KeyPair(key.decode(), secret.decode())


async def _application(
    place: Place, features: Features, calling: Calling, *, pages: Pages
) -> ASGIApp:
    links = NextLinks(await place.secrets.keep("next_links", ids.new_key()), place.doors.endpoint)
    identity = IdentityRoutes(features.identities)
    minutes = place.config.signature_window_minutes
    authentication = Authentication(
        features.resources, place.clock, timedelta(minutes=minutes) if minutes else None
    )
    rooms = RoomsRoutes(features.rooms, place.clock, links)
    apis = Apis([rooms.api, *identity.apis], authentication)
    routes = [
        *calling_routes(calling.side),
        identity.keys,
        health_route(_parts(place, calling), __version__),
        *pages.routes(),
    ]
    everything_else = Route("/{path:path}", apis)
    return apis_first(
        apis,
        by_listener(
            tls=Starlette(routes=[*routes, everything_else]),
            # What only this machine may reach.
            plain=Starlette(routes=[report_route(calling.side), *routes, everything_else]),
        ),
    )


def apis_first(apis: Apis, others: ASGIApp) -> ASGIApp:
    """The server APIs at once, for they are what is asked for most; the rest by another application."""

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        app = apis if apis.serve(scope) else others
        return app(scope, receive, send)

    return choose


def by_listener(*, tls: ASGIApp, plain: ASGIApp) -> ASGIApp:
    """One application for the TLS listener, another for the plain one."""

    def choose(scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        app = tls if scope["scheme"] in {"https", "wss"} else plain
        return app(scope, receive, send)

    return choose


def _parts(place: Place, calling: Calling) -> Mapping[str, Part]:
    async def database_works() -> bool:
        return place.database.usable

    async def engine_works() -> bool:
        try:
            await calling.supervisor.ready(within=0)
        except EngineAway:
            return False
        return True

    return {"database": database_works, "engine": engine_works}


async def _demo(place: Place, features: Features) -> Demo:
    maker = DemoMaker(
        rooms=features.rooms,
        identities=features.identities,
        secrets=place.secrets,
        clock=place.clock,
        resource_id=features.resources.first.id,
    )
    return await maker.prepare(f"{place.doors.browser_url}/")


async def _listen(server: Server, place: Place) -> Path:
    """Let clients in; gives the certificate that they have to trust."""
    # By the machine's time, like those who check it.
    certificates = ensure_certificates(place.config.data, place.doors.public_host, system_clock())
    await server.listen(place.doors.https, certificates.context)
    await server.listen(place.doors.http, None)
    return certificates.authority


async def _close(server: Server, side: CallSide, grace: float) -> None:
    """Let nobody in, tell everyone to come back, and let what runs end. Calls go on."""
    server.stop_accepting()
    side.go_away()
    await server.drain(grace)


@asynccontextmanager
async def _sweeping(rooms: Rooms) -> AsyncIterator[None]:
    """Drop what has been kept long enough, once an hour."""

    async def sweep() -> None:
        while True:
            try:
                await rooms.forget_repeats()
            except DatabaseAway as error:
                log.warning("sweep_failed", why=type(error).__name__)
            await asyncio.sleep(SWEEP_SECONDS)

    async with asyncio.TaskGroup() as tasks:
        sweeper = tasks.create_task(sweep())
        try:
            yield
        finally:
            sweeper.cancel()


def _url(scheme: str, host: str, port: int) -> str:
    with suppress(ValueError):
        host = f"[{host}]" if ip_address(host).version == 6 else host
    return f"{scheme}://{host}" if port == DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"
