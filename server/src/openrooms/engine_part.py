"""The media engine by itself: program, key pair, ways to it, and the unit that runs it apart from a server."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import structlog

from openrooms.calling.routes import EVENTS_PATH
from openrooms.config import BadSetting, Config
from openrooms.http.certificates import CertificateFiles, Certificates
from openrooms.http.urls import url
from openrooms.kernel import ids
from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.address import (
    claim_relay_port,
    claim_tcp_port,
    claim_udp_port,
    media_address,
)
from openrooms.media.client import local_client
from openrooms.media.engine import EventKind
from openrooms.media.errors import EngineAway, EngineFailed
from openrooms.media.livekit.adapter import LiveKitEngine, livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import sign_report
from openrooms.media.process import Supervisor, supervised
from openrooms.media.relay import RelaySettings, relayed
from openrooms.media.ways import Ways, at, relay_secret
from openrooms.storage.looking import read_secrets
from openrooms.storage.secrets import Secrets
from openrooms_engine import EngineUnusable, binary, probe, relay

log = structlog.get_logger(__name__)

KEY, SECRET = "engine_key", "engine_secret"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
LOOK_SECONDS = 0.5
DRAIN_SECONDS = 1.0
REPORT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Unit:
    """An engine that runs apart and is ready."""

    engine_url: str
    media_port: int


def find_engine(config: Config) -> Path:
    """The engine's program. Raises `EngineFailed` when there is none that can be trusted."""
    if config.engine_binary is not None:
        return config.engine_binary
    return _trusted(binary, "Media engine")


async def engine_keys(secrets: Secrets) -> KeyPair:
    """The one key pair of the engine, made at the first start."""
    key = await secrets.keep(KEY, ids.new_guid().encode())
    secret = await secrets.keep(SECRET, ids.new_secret().encode())
    return KeyPair(key.decode(), secret.decode())


async def find_ways(config: Config) -> Ways:
    """How browsers reach the engine's media by these settings.

    Raises `EngineFailed` when the public name has no address.
    """
    host = config.public_host or ""
    ways = Ways(
        address=await media_address(config.media_address or config.public_host),
        media_port=config.media_port,
        tcp_port=config.ice_tcp_port,
        turn_port=config.turn_port,
        turn_tls_port=config.turn_tls_port,
        turn_tls_told=config.turn_tls_address or at(host, config.turn_tls_port),
    )
    return ways.within_reach()


def claim_ports(ways: Ways) -> None:
    """Raise `EngineFailed` when a port is not to be had, before anything is made."""
    claim_udp_port(ways.address, ways.media_port)
    if ways.tcp_port:
        claim_tcp_port(ways.tcp_port, "ice_tcp_port")
    if ways.turn_port:
        claim_relay_port(ways.turn_port, "turn_port")
    if ways.turn_tls_port:
        claim_tcp_port(ways.turn_tls_port, "turn_tls_port")


def engine_settings(config: Config, keys: KeyPair, ways: Ways, *, reports: int) -> EngineSettings:
    """What the engine is told; `reports` is the port of ours that it reports to."""
    return EngineSettings(
        keys=keys,
        webhook_url=report_url(reports),
        media_port=config.media_port,
        address=ways.address,
        tcp_port=ways.tcp_port,
    )


@asynccontextmanager
async def with_relay(
    config: Config, keys: KeyPair, ways: Ways, *, supervisor: Supervisor
) -> AsyncIterator[None]:
    """The relay to an engine, where there is to be one, from when the engine is up."""
    if not ways.has_relay:
        yield
        return
    files = certificate_files(config)

    async def settings() -> RelaySettings:
        await supervisor.came_up()
        there = replace(ways, media_port=supervisor.media_port)
        return RelaySettings(there, relay_secret(keys.secret), files.chain, files.key)

    async with relayed(settings, binary=await asyncio.to_thread(find_relay), folder=config.data):
        yield


def certificate_files(config: Config) -> CertificateFiles:
    """The operator's own, or those that are made in the data directory."""
    if config.certificate is not None and config.certificate_key is not None:
        return CertificateFiles(config.certificate, config.certificate_key)
    return Certificates(config.data).files


def find_relay() -> Path:
    """The relay's program. Raises `EngineFailed` when there is none that can be trusted."""
    return _trusted(relay, "Relay")


def find_probe() -> Path:
    """The program that has a call with itself. Raises `EngineFailed` when there is none to be trusted."""
    return _trusted(probe, "Probe")


def _trusted(find: Callable[[], Path], what: str) -> Path:
    try:
        return find()
    except EngineUnusable as error:
        raise EngineFailed(f"{what}: {error}.") from error


def report_url(http_port: int) -> str:
    """Where an engine reports to: the plain port of the server that runs the calls."""
    return url("http", "127.0.0.1", http_port) + EVENTS_PATH


async def serve_engine(config: Config, ready: Callable[[Unit], None]) -> None:
    """Run the engine until SIGINT or SIGTERM, then until nobody is in it; a second one ends it.

    Raises `BadSetting`, `EngineFailed`, or what is wrong with the database.
    """
    check_unit(config)
    loop, stop, now = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def ask() -> None:
        (now if stop.is_set() else stop).set()

    for number in SIGNALS:
        loop.add_signal_handler(number, ask)
    try:
        keys = await _wait_for_keys(config, stop)
        if keys is None:
            return
        async with _running(config, keys) as (supervisor, engine):
            ready(Unit(await supervisor.ready(within=0), supervisor.media_port))
            await stop.wait()
            await _drain(_Drain(config, keys, engine), now)
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


def check_unit(config: Config) -> None:
    """Raise `BadSetting` for settings with which no engine can run apart."""
    if config.engine_url is None:
        raise BadSetting(
            "Setting engine_url: not set, so the server runs an engine of its own. Give "
            "http://127.0.0.1:7880 to both, best in one settings file."
        )
    if config.http_port == 0:
        raise BadSetting(
            "Setting http_port: 0, so the engine does not know where to report to. "
            "Give the port of the server."
        )


async def _wait_for_keys(config: Config, stop: asyncio.Event) -> KeyPair | None:
    """The key pair, once the server has made it at its first start; None when told to stop."""
    told = False
    while not stop.is_set():
        found = await asyncio.to_thread(read_secrets, config, (KEY, SECRET))
        if found is not None:
            key, secret = (one.decode() for one in found)
            return KeyPair(key, secret)
        if not told:
            told = True
            log.warning("engine_waits_for_first_start_of_server", data=str(config.data))
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await stop.wait()
        except TimeoutError:
            pass
    return None


@asynccontextmanager
async def _running(
    config: Config, keys: KeyPair
) -> AsyncIterator[tuple[Supervisor, LiveKitEngine]]:
    ways = await find_ways(config)
    claim_ports(ways)
    settings = engine_settings(config, keys, ways, reports=config.http_port)
    program = await asyncio.to_thread(find_engine, config)
    async with (
        supervised(
            settings,
            binary=program,
            folder=config.data,
            monotonic=monotonic,
            http_port=urlsplit(config.engine_url or "").port,
        ) as supervisor,
        with_relay(config, keys, ways, supervisor=supervisor),
        livekit_engine(supervisor, keys, system_clock) as engine,
    ):
        yield supervisor, engine


@dataclass(frozen=True, slots=True)
class _Drain:
    """What a stop of the engine works with."""

    config: Config
    keys: KeyPair
    engine: LiveKitEngine


async def _drain(drain: _Drain, now: asyncio.Event) -> None:
    """Have the server begin no new call here, and wait until nobody is in one.

    The engine is killed afterwards, without a word to its clients: who is in it still goes over to
    the next one, as after a crash.
    """
    most = drain.config.engine_drain_seconds
    deadline = monotonic() + most
    log.info("engine_drains", at_most_seconds=most)
    async with local_client(timeout=REPORT_SECONDS) as client:
        while not now.is_set() and monotonic() < deadline:
            await _report(client, drain)
            if not await _is_used(drain.engine):
                break
            try:
                async with asyncio.timeout(DRAIN_SECONDS):
                    await now.wait()
            except TimeoutError:
                pass
    log.info("engine_stops", used=await _is_used(drain.engine))


async def _report(client: httpx2.AsyncClient, drain: _Drain) -> None:
    body, headers = sign_report(
        EventKind.LEAVING, drain.keys, report_id=ids.new_guid(), now=system_clock()
    )
    try:
        await client.post(report_url(drain.config.http_port), content=body, headers=headers)
    except httpx2.HTTPError:
        # It is told again and again; a server that is away begins no calls either.
        log.debug("drain_not_heard")


async def _is_used(engine: LiveKitEngine) -> bool:
    try:
        rooms = await engine.rooms()
        return any([await engine.presences(room) for room in rooms])
    except EngineAway:
        return False
