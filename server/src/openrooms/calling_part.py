"""The part of a server that runs calls: the media engine, and our side of it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from openrooms.calling.assembly import CallSide, assemble, open_services
from openrooms.config import Config
from openrooms.kernel import ids
from openrooms.kernel.clock import monotonic, system_clock
from openrooms.media.address import claim_udp_port, media_address
from openrooms.media.engine import EngineEvent
from openrooms.media.errors import EngineAway, EngineFailed
from openrooms.media.livekit.adapter import livekit_engine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.livekit.webhooks import read_report
from openrooms.media.process import Supervisor, supervised
from openrooms.place import Features, Place
from openrooms.storage.secrets import Secrets
from openrooms_engine import EngineUnusable, binary


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """The engine that will be started: its program, and the address of its media."""

    binary: Path
    address: str


@dataclass(frozen=True, slots=True)
class Calling:
    """What runs calls: our side, and the engine's keeper."""

    side: CallSide
    supervisor: Supervisor

    async def engine_works(self) -> bool:
        try:
            await self.supervisor.ready(within=0)
        except EngineAway:
            return False
        return True


def find_engine(config: Config) -> Path:
    """The engine's program. Raises `EngineFailed` when there is none that can be trusted."""
    if config.engine_binary is not None:
        return config.engine_binary
    try:
        return binary()
    except EngineUnusable as error:
        raise EngineFailed(f"Media engine: {error}.") from error


async def plan_engine(config: Config) -> EnginePlan:
    address = await media_address(config.public_host)
    # Only looked at: the engine's keeper takes it.
    claim_udp_port(address, config.media_port)
    return EnginePlan(await asyncio.to_thread(find_engine, config), address)


@asynccontextmanager
async def open_calls(place: Place, features: Features, plan: EnginePlan) -> AsyncIterator[Calling]:
    keys = await _engine_keys(place.secrets)
    settings = EngineSettings(
        keys=keys,
        webhook_url=place.doors.report_url,
        media_port=place.config.media_port,
        address=plan.address,
    )
    services = open_services(
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
        livekit_engine(supervisor, keys, system_clock, address=plan.address) as engine,
    ):
        side = assemble(
            services, features.identities, engine=engine, read_report=read, clock=place.clock
        )
        features.tell(services.calls)
        supervisor.watch(side.reconciler.engine_started_anew)
        place.database.hear(side.reconciler.hurry)
        async with side.running():
            yield Calling(side, supervisor)


async def _engine_keys(secrets: Secrets) -> KeyPair:
    """The one key pair of the engine, made at the first start."""
    key = await secrets.keep("engine_key", ids.new_guid().encode())
    secret = await secrets.keep("engine_secret", ids.new_secret().encode())
    return KeyPair(key.decode(), secret.decode())
