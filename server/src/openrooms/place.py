"""What every part of a server stands on: its settings, ports, database, secrets and clock; its features."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import socket
from typing import Protocol

from openrooms.calling.doorway import Doorway
from openrooms.calling.explaining.service import Explainer, Kept
from openrooms.calling.records.service import Records
from openrooms.calling.surveys.service import Surveys
from openrooms.config import Config
from openrooms.events.service import Events
from openrooms.events.webhooks.courier import Courier
from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.sender import Patience, Sender
from openrooms.events.webhooks.service import Webhooks, open_webhooks
from openrooms.http.listening import EVERYWHERE, LOOPBACK, listening, port_of
from openrooms.http.urls import url
from openrooms.identity.resources import Resources, open_resources
from openrooms.identity.service import Identities, IdentityWatcher, open_tokens
from openrooms.identity.signing_keys import SigningKeys
from openrooms.kernel.clock import Clock, shifted_clock, system_clock
from openrooms.rooms.model import Limits
from openrooms.rooms.service import Rooms
from openrooms.rooms.watcher import RoomWatcher
from openrooms.storage.database import Database, open_database
from openrooms.storage.secrets import Secrets, Vault, open_vault


@dataclass(frozen=True, slots=True)
class Doors:
    """The ports that are ours, and the URLs under which we are reached through them."""

    https: list[socket]
    http: list[socket]
    public_host: str | None
    public_port: int | None = None

    @property
    def endpoint(self) -> str:
        """Where servers reach us, without a path."""
        return self.endpoint_under(None)

    def endpoint_under(self, host: str | None) -> str:
        """The same under another name of ours."""
        port = self.public_port or port_of(self.https)
        return url("https", host or self.public_host or "localhost", port)

    @property
    def browser_url(self) -> str:
        """Where browsers reach us: in TLS under a public name, else on this machine alone."""
        if self.public_host is not None:
            return self.endpoint
        return url("http", "localhost", port_of(self.http))

    @property
    def report_port(self) -> int:
        """The port that the engine reports to."""
        return port_of(self.http)


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


class Watcher(RoomWatcher, IdentityWatcher, Protocol):
    """Whoever must know of everything that calls stand on."""


@dataclass(frozen=True, slots=True)
class Features:
    """What servers manage."""

    resources: Resources
    identities: Identities
    rooms: Rooms
    signing_keys: SigningKeys
    records: Records
    surveys: Surveys
    explainer: Explainer
    events: Events
    webhooks: Webhooks
    deliveries: Deliveries
    courier: Courier

    def tell(self, watcher: Watcher) -> None:
        """Let it know of everything that calls stand on."""
        self.rooms.watch(watcher)
        self.identities.watch(watcher)


@contextmanager
def open_doors(config: Config) -> Iterator[Doors]:
    everywhere = EVERYWHERE if config.public_host else LOOPBACK
    with (
        listening(config.https_port, everywhere, option="--https-port") as https,
        listening(config.http_port, LOOPBACK, option="--http-port") as http,
    ):
        yield Doors(https, http, config.public_host, config.public_port)


@asynccontextmanager
async def open_place(config: Config, doors: Doors) -> AsyncIterator[Place]:
    clock = system_clock if config.clock_offset is None else shifted_clock(config.clock_offset)
    async with open_database(
        config.data, config.database, runs_calls=not config.api_only
    ) as database:
        vault = open_vault(config.data, config.master_key)
        yield Place(config, doors, database, vault, clock)


async def open_features(place: Place) -> Features:
    database, vault, clock = place.database, place.vault, place.clock
    resources = await open_resources(database, vault, clock)
    tokens = await open_tokens(
        database, vault, clock, issuer=place.doors.browser_url, adopts=place.config.api_only
    )
    rooms = Rooms(database, clock, limits=_room_limits(place.config))
    resources.watch(rooms)
    signing_keys = SigningKeys(database, vault, clock, tokens=tokens)
    identities = Identities(database, clock, tokens, refresh=signing_keys.refresh)
    kept = timedelta(days=place.config.call_record_days)
    events_kept = timedelta(days=place.config.event_days)
    explainer = Explainer(
        database,
        clock,
        Doorway(rooms, place.config.participant_limit),
        generations=identities.generations,
        kept=Kept(kept, events_kept),
    )
    events = Events(database, clock, kept=events_kept)
    host, patience = place.doors.public_host, Patience.of(place.config.webhook_seconds)
    sender = Sender(place.config.webhook_reach, patience=patience)
    webhooks = await open_webhooks(
        database, vault, clock, sender=sender, origin=host or "localhost"
    )
    deliveries = Deliveries(database, clock)
    return Features(
        resources,
        identities,
        rooms,
        signing_keys,
        Records(database, clock, kept=kept),
        Surveys(database, clock, kept=kept),
        explainer,
        events,
        webhooks,
        deliveries,
        Courier(webhooks, deliveries, clock),
    )


def _room_limits(config: Config) -> Limits:
    return Limits(
        longest_window=timedelta(days=config.longest_window_days),
        default_window=timedelta(days=config.default_window_days or config.longest_window_days),
        grace=timedelta(days=config.grace_days),
        roster=config.roster_limit,
        rooms_page=config.rooms_page,
        participants_page=config.participants_page,
    )
