"""The part of a server that runs calls: the media engine, and our side of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from openrooms.calling.assembly import CallServices, CallSide, assemble, open_services
from openrooms.calling.joining import EngineState
from openrooms.calling.operations import MEDIA_PATH
from openrooms.calling.reports import ReadReport
from openrooms.calling.timing import Ending, Terms
from openrooms.config import Config
from openrooms.engine_part import (
    claim_ports,
    engine_keys,
    engine_settings,
    find_engine,
    find_probe,
    find_ways,
    with_relay,
)
from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.engine import EngineEvent
from openrooms.media.figures import figures
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.neighbour import Neighbour, watched
from openrooms.media.process import SETTINGS_FILE, Supervisor, started
from openrooms.media.ways import Ways
from openrooms.place import Features, Place
from openrooms.probing import Prober, Surroundings
from openrooms.rooms.settings.model import AtExpiry


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """The engine that will be started as our child: its program, and the ways to it."""

    binary: Path
    ways: Ways


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The engine that runs apart from us: where."""

    url: str


@dataclass(frozen=True, slots=True)
class Media:
    """The engine: who keeps or watches it, the keys to it, and the ways that browsers have to its media.

    `settings_file`: what it was started with, by whoever started it.
    """

    beacon: Supervisor | Neighbour
    keys: KeyPair
    ways: Ways
    settings_file: Path

    async def came_up(self) -> None:
        """Return once an engine of our own is up. One that runs apart may be away, or come later."""
        if isinstance(self.beacon, Supervisor):
            await self.beacon.came_up()

    async def figures(self) -> bytes:
        """What the engine counts."""
        return await figures(self.settings_file)

    def away(self) -> bool:
        return self.beacon.trouble is not None

    def leaving(self) -> bool:
        """Whether it is about to end, and takes no new rooms."""
        return isinstance(self.beacon, Neighbour) and self.beacon.leaving

    def leave(self) -> None:
        """It says that it is about to end. One of our own never does."""
        if isinstance(self.beacon, Neighbour):
            self.beacon.leave()


@dataclass(frozen=True, slots=True)
class Calling:
    """What runs calls: our side, and the engine."""

    side: CallSide
    media: Media

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The background work, for as long as the context is open: from when the engine is up."""
        await self.media.came_up()
        async with self.side.running():
            yield


async def plan_engine(config: Config) -> ChildPlan | UnitPlan:
    if config.engine_url is not None:
        return UnitPlan(config.engine_url)
    ways = await find_ways(config)
    # Only looked at: the engine and the relay take them.
    claim_ports(ways)
    return ChildPlan(await asyncio.to_thread(find_engine, config), ways)


@asynccontextmanager
async def open_media(place: Place, plan: ChildPlan | UnitPlan) -> AsyncIterator[Media]:
    """Start the engine, or watch the one that runs apart. It comes up while others are opened."""
    keys, file = await engine_keys(place.secrets), place.config.data / SETTINGS_FILE
    if isinstance(plan, UnitPlan):
        ways = await find_ways(place.config)
        async with watched(plan.url, monotonic) as neighbour:
            yield Media(neighbour, keys, ways, file)
    else:
        async with (
            _child(place, plan, keys) as supervisor,
            with_relay(place.config, keys, plan.ways, supervisor=supervisor),
        ):
            yield Media(supervisor, keys, plan.ways, file)


@asynccontextmanager
async def open_calls(place: Place, features: Features, media: Media) -> AsyncIterator[Calling]:
    """Put the call side together. It does nothing by itself until it is `running`."""
    async with livekit_engine(
        media.beacon,
        media.keys,
        system_clock,
        ways=media.ways,
        open_microphones=place.config.open_microphones,
    ) as engine:
        state = EngineState(away=media.away, leaving=media.leaving)
        services = await _services(place, features, state)
        side = assemble(
            services,
            features.identities,
            engine=engine,
            read_report=_reader(media.keys),
            clock=place.clock,
            engine_leaves=media.leave,
        )
        features.tell(services.calls)
        media.beacon.on_loss(side.reconciler.engine_lost)
        media.beacon.watch(side.reconciler.engine_started_anew)
        place.database.hear(side.reconciler.hurry)
        yield Calling(side, media)


async def open_prober(place: Place, calling: Calling) -> Prober | None:
    """What tries whether people could call; None where that is switched off."""
    if not place.config.probe_seconds:
        return None
    media = calling.media
    around = Surroundings(
        gate=f"ws://127.0.0.1:{place.doors.report_port}{MEDIA_PATH}",
        ways=media.ways,
        keys=media.keys,
        away=lambda: media.away() or media.leaving(),
        lives=lambda: media.beacon.lives,
    )
    program = await asyncio.to_thread(find_probe)
    return Prober(
        calling.side.hidden, around, program=program, period=float(place.config.probe_seconds)
    )


async def _services(place: Place, features: Features, state: EngineState) -> CallServices:
    return await open_services(
        place.database,
        place.clock,
        rooms=features.rooms,
        identities=features.identities,
        most_legs=place.config.participant_limit,
        presenters_manage=place.config.presenters_manage_participants,
        engine=state,
        terms=_terms(place.config),
    )


def _terms(config: Config) -> Terms:
    """What is set for the time of calls."""
    grace = timedelta(minutes=config.call_grace_minutes)
    return Terms(
        timedelta(hours=config.longest_call_hours),
        Ending(AtExpiry(config.call_at_expiry), grace),
    )


def _child(place: Place, plan: ChildPlan, keys: KeyPair) -> AbstractAsyncContextManager[Supervisor]:
    reports = place.doors.report_port
    settings = engine_settings(place.config, keys, plan.ways, reports=reports)
    return started(settings, binary=plan.binary, folder=place.config.data, monotonic=monotonic)


def _reader(keys: KeyPair) -> ReadReport:
    def read(body: bytes, headers: Mapping[str, str]) -> EngineEvent | None:
        return read_report(body, headers.get("authorization", ""), keys, now=system_clock())

    return read
