"""The part of a server that runs calls: the media engine, and our side of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from openrooms.calling.assembly import CallServices, CallSide, assemble, open_services
from openrooms.calling.joining import EngineState
from openrooms.calling.reports import ReadReport
from openrooms.calling.timing import Ending, Terms
from openrooms.config import Config
from openrooms.engine_part import engine_keys, find_engine, report_url
from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.address import claim_udp_port, media_address
from openrooms.media.beacon import Beacon
from openrooms.media.engine import EngineEvent
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.neighbour import Neighbour, watched
from openrooms.media.process import supervised
from openrooms.place import Features, Place
from openrooms.rooms.settings.model import AtExpiry


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """The engine that will be started as our child: its program, and the address of its media."""

    binary: Path
    address: str


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """The engine that runs apart from us: where."""

    url: str


@dataclass(frozen=True, slots=True)
class Calling:
    """What runs calls: our side, and what tells how the engine is."""

    side: CallSide
    engine: Beacon


async def plan_engine(config: Config) -> ChildPlan | UnitPlan:
    if config.engine_url is not None:
        return UnitPlan(config.engine_url)
    address = await media_address(config.public_host)
    # Only looked at: the engine's keeper takes it.
    claim_udp_port(address, config.media_port)
    return ChildPlan(await asyncio.to_thread(find_engine, config), address)


@asynccontextmanager
async def open_calls(
    place: Place, features: Features, plan: ChildPlan | UnitPlan
) -> AsyncIterator[Calling]:
    keys = await engine_keys(place.secrets)
    async with AsyncExitStack() as stack:
        neighbour: Neighbour | None = None
        if isinstance(plan, UnitPlan):
            neighbour = await stack.enter_async_context(watched(plan.url, monotonic))
            beacon: Beacon = neighbour
        else:
            beacon = await stack.enter_async_context(_child(place, plan, keys))
        address = await media_address(place.config.public_host)
        engine = await stack.enter_async_context(
            livekit_engine(beacon, keys, system_clock, address=address)
        )
        state = EngineState(
            away=lambda: beacon.trouble is not None,
            leaving=lambda: neighbour is not None and neighbour.leaving,
        )
        services = await _services(place, features, state)
        side = assemble(
            services,
            features.identities,
            engine=engine,
            read_report=_reader(keys),
            clock=place.clock,
            engine_leaves=neighbour.leave if neighbour is not None else lambda: None,
        )
        features.tell(services.calls)
        beacon.on_loss(side.reconciler.engine_lost)
        beacon.watch(side.reconciler.engine_started_anew)
        place.database.hear(side.reconciler.hurry)
        await stack.enter_async_context(side.running())
        yield Calling(side, beacon)


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


def _child(place: Place, plan: ChildPlan, keys: KeyPair) -> AbstractAsyncContextManager[Beacon]:
    settings = EngineSettings(
        keys=keys,
        webhook_url=report_url(place.doors.report_port),
        media_port=place.config.media_port,
        address=plan.address,
    )
    return supervised(settings, binary=plan.binary, folder=place.config.data, monotonic=monotonic)


def _reader(keys: KeyPair) -> ReadReport:
    def read(body: bytes, headers: Mapping[str, str]) -> EngineEvent | None:
        return read_report(body, headers.get("authorization", ""), keys, now=system_clock())

    return read
