"""A server without listeners for tests of operations: real database, real signatures, over HTTP."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import httpx2
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.clock import HandClock
from tests.http.taskless import taskless

from openrooms.calling.doorway import Doorway
from openrooms.calling.explaining.routes import ExplainRoutes
from openrooms.calling.explaining.service import Explainer
from openrooms.calling.records.routes import RecordRoutes
from openrooms.calling.records.service import Records
from openrooms.calling.surveys.routes import SurveyRoutes
from openrooms.calling.surveys.service import Surveys
from openrooms.events.routes import EventRoutes
from openrooms.events.service import Events
from openrooms.events.webhooks.routes import WebhookRoutes
from openrooms.events.webhooks.sender import Sender
from openrooms.events.webhooks.service import Webhooks, open_webhooks
from openrooms.http.apis import Apis
from openrooms.http.authentication import Authentication
from openrooms.http.paging import NextLinks
from openrooms.identity import store
from openrooms.identity.model import Resource
from openrooms.identity.resources import Resources, open_resources
from openrooms.identity.routes import IdentityRoutes
from openrooms.identity.service import Identities, open_tokens
from openrooms.identity.signing_keys import SigningKeys
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.own_api import own_api
from openrooms.rooms.model import DEFAULT_LIMITS, Limits
from openrooms.rooms.routes import RoomsRoutes
from openrooms.rooms.service import Rooms
from openrooms.rooms.settings.routes import SettingsRoutes
from openrooms.rooms.settings.service import Settings
from openrooms.setting_values import LOOPBACK_NETWORKS
from openrooms.storage.database import Connection, Database, open_database
from openrooms.storage.secrets import Vault, open_vault

START = datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)
HTTPS = "https://rooms.example:8443"
ISSUER = "http://localhost:8080"
STRANGERS = "00000000-1111-4222-8333-444444444444"

# Any: JSON, which each test looks into where it knows what must be there.
Json: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class Backend:
    """An app's server, which signs what it sends as the published scheme says."""

    client: httpx2.AsyncClient
    clock: HandClock
    key: bytes
    version: str
    host: str | None = None

    async def send(
        self,
        method: str,
        target: str,
        sent: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        """Send JSON, bytes as they are, or nothing; `target` gets an api-version if it has none."""
        if "api-version=" not in target:
            target += f"{'&' if '?' in target else '?'}api-version={self.version}"
        body = sent if isinstance(sent, bytes) else b"" if sent is None else _json(sent)
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        all_headers = ({"Content-Type": kind} if body else {}) | dict(headers or {})
        if self.host is not None:
            all_headers["host"] = self.host
        request = self.client.build_request(method, target, content=body, headers=all_headers)
        self._sign(request, body)
        return await self.client.send(request)

    def _sign(self, request: httpx2.Request, body: bytes) -> None:
        date = format_datetime(self.clock(), usegmt=True)
        content = base64.b64encode(hashlib.sha256(body).digest()).decode()
        said = f"{date};{request.headers['host']};{content}"
        text = f"{request.method}\n{request.url.raw_path.decode()}\n{said}"
        signature = base64.b64encode(hmac.digest(self.key, text.encode(), "sha256")).decode()
        request.headers["x-ms-date"] = date
        request.headers["x-ms-content-sha256"] = content
        request.headers["Authorization"] = (
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=" + signature
        )


@dataclass(slots=True)
class Witness:
    """A watcher that keeps what it was told, and whether it was told in the right order."""

    settled: list[object] = field(default_factory=list)
    followed: list[object] = field(default_factory=list)

    def settle_room(self, connection: Connection, room_id: int) -> object:
        assert connection.in_transaction()
        self.settled.append(room_id)
        return f"outcome of {room_id}"

    def settle_user(self, connection: Connection, user: object) -> object:
        assert connection.in_transaction()
        self.settled.append(user)
        return f"outcome of {user}"

    def follow(self, outcome: object) -> None:
        self.followed.append(outcome)


@dataclass(frozen=True, slots=True)
class House:
    """All that a test of an operation may touch."""

    database: Database
    clock: HandClock
    resources: Resources
    identities: Identities
    rooms: Rooms
    client: httpx2.AsyncClient
    room_witness: Witness
    user_witness: Witness
    vault: Vault
    signing_keys: SigningKeys
    events: Events
    webhooks: Webhooks

    @property
    def resource_id(self) -> str:
        return self.resources.first.id

    def backend(self, version: str, *, key: bytes | None = None) -> Backend:
        """An app's server, by the first resource's key unless it has another."""
        key = self.resources.first.primary_key if key is None else key
        return Backend(self.client, self.clock, key, version)

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        rows = text(f"SELECT count(*) FROM {table}")  # noqa: S608 - the name is a test's own
        return await self.database.read(lambda connection: connection.execute(rows).scalar_one())

    async def stands(self, user: CommunicationUser, generation: int) -> bool:
        """What a transaction is told that locks the user first."""

        def ask(connection: Connection) -> bool:
            self.identities.lock(connection, user)
            return self.identities.stands(connection, user, generation)

        return await self.database.write(ask)


@asynccontextmanager
async def open_house(
    folder: Path, database_url: str | None = None, *, limits: Limits = DEFAULT_LIMITS
) -> AsyncIterator[House]:
    clock = HandClock(START)
    async with open_database(folder / "data", database_url) as database:
        vault = open_vault(folder / "data")
        resources = await open_resources(database, vault, clock)
        await database.write(partial(_add_strangers, sealed=vault.encrypt(b"x" * 32)))
        tokens = await open_tokens(database, vault, clock, issuer=ISSUER)
        signing_keys = SigningKeys(database, vault, clock, tokens=tokens)
        identities = Identities(database, clock, tokens, refresh=signing_keys.refresh)
        rooms, identity_routes = Rooms(database, clock, limits=limits), IdentityRoutes(identities)
        links, events = NextLinks(b"k" * 32, lambda _: HTTPS), Events(database, clock)
        explainer = _explainer(database, clock, rooms, identities=identities)
        webhooks = await _webhooks(database, vault, clock)
        own = own_api(
            *(SettingsRoutes(Settings(rooms)), *_kept(database, clock, links)),
            *(ExplainRoutes(explainer), EventRoutes(events, links), WebhookRoutes(webhooks)),
        )
        apis = Apis(
            [RoomsRoutes(rooms, clock, links).api, own, *identity_routes.apis],
            Authentication(resources, clock),
        )
        transport = httpx2.ASGITransport(
            taskless(Starlette(routes=[identity_routes.keys, Mount("/", app=apis)]))
        )
        async with httpx2.AsyncClient(transport=transport, base_url=HTTPS) as client:
            yield House(
                database,
                clock,
                resources,
                identities,
                rooms,
                client,
                *_witnesses(rooms, identities),
                vault=vault,
                signing_keys=signing_keys,
                events=events,
                webhooks=webhooks,
            )


def _kept(
    database: Database, clock: HandClock, links: NextLinks
) -> tuple[RecordRoutes, SurveyRoutes]:
    records, surveys = Records(database, clock), Surveys(database, clock)
    return RecordRoutes(records, links), SurveyRoutes(surveys, links)


async def _webhooks(database: Database, vault: Vault, clock: HandClock) -> Webhooks:
    return await open_webhooks(
        database, vault, clock, sender=Sender(LOOPBACK_NETWORKS), origin="rooms.example"
    )


def _witnesses(rooms: Rooms, identities: Identities) -> tuple[Witness, Witness]:
    of_rooms, of_users = Witness(), Witness()
    rooms.watch(of_rooms)
    identities.watch(of_users)
    return of_rooms, of_users


def _explainer(
    database: Database, clock: HandClock, rooms: Rooms, *, identities: Identities
) -> Explainer:
    doorway = Doorway(rooms, 350)
    return Explainer(database, clock, doorway, generations=identities.generations)


def _add_strangers(connection: Connection, *, sealed: bytes) -> None:
    """Another tenant, whose rooms and users are nobody's business here."""
    store.add_resource(connection, Resource(STRANGERS, "strangers", sealed, sealed, START))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()
