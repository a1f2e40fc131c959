"""Administration, put together: for a server that runs, and for a database at rest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from openrooms.administration.calls import CallCommands
from openrooms.administration.events import EventCommands, WebhookCommands
from openrooms.administration.farewell import Farewell, RunsCalls
from openrooms.administration.resources import ResourceCommands
from openrooms.administration.signing_keys import SigningKeyCommands
from openrooms.calling.doorway import Doorway
from openrooms.calling.elsewhere import REVOCATIONS
from openrooms.calling.explaining.service import Explainer, Kept
from openrooms.calling.records.service import Records
from openrooms.calling.surveys.service import Surveys
from openrooms.config import Config
from openrooms.control.messages import Command, Commands, Facts, Refused
from openrooms.control.server import taking_commands
from openrooms.events.service import Events
from openrooms.events.webhooks import service as webhooks
from openrooms.events.webhooks.deliveries import Deliveries
from openrooms.events.webhooks.sender import Patience, Sender
from openrooms.events.webhooks.service import Webhooks, open_webhooks
from openrooms.http.certificates import is_certified
from openrooms.http.urls import url
from openrooms.identity import resources, signing_keys
from openrooms.identity.errors import OperatorRefused
from openrooms.identity.resources import Resources, open_resources
from openrooms.identity.signing_keys import SigningKeys
from openrooms.identity.store import find_generations
from openrooms.kernel.access_keys import WhichKey
from openrooms.kernel.clock import shifted_clock, system_clock
from openrooms.rooms.model import Limits
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Database, open_database
from openrooms.storage.revisions import Revisions
from openrooms.storage.secrets import open_vault


class LooksAfterCalls(RunsCalls, Protocol):
    """Whoever runs the calls, or knows that another does."""

    async def look_again(self) -> None:
        """Look at once whether everyone in a call may still be: tokens have ended elsewhere."""


@dataclass(frozen=True, slots=True)
class Administration:
    """What can be administered, and where resources are reached."""

    database: Database
    resources: Resources
    rooms: Rooms
    signing_keys: SigningKeys
    records: Records
    surveys: Surveys
    explainer: Explainer
    events: Events
    webhooks: Webhooks
    deliveries: Deliveries
    # By the host name that a resource may have of its own.
    endpoint_under: Callable[[str | None], str]
    # Whether the server's own certificate can name a host.
    certifies: Callable[[str], bool]

    @property
    def commands(self) -> Commands:
        every = {
            **self._of_resources.commands,
            **SigningKeyCommands(self.signing_keys).commands,
            **WebhookCommands(self.resources, self.webhooks).commands,
            **EventCommands(self.resources, self.events, self.deliveries, self.webhooks).commands,
            **CallCommands(self.resources, self.records, self.surveys, self.explainer).commands,
        }
        return {name: _refusing(one) for name, one in every.items()}

    @property
    def connection_string(self) -> str:
        """What the servers of the first resource are configured with."""
        return self._of_resources.string(self.resources.first, WhichKey.PRIMARY)

    @property
    def _of_resources(self) -> ResourceCommands:
        return ResourceCommands(self.resources, self.endpoint_under, self.certifies)

    @asynccontextmanager
    async def running(self, folder: Path, calls: LooksAfterCalls) -> AsyncIterator[None]:
        """Take commands, and follow what other processes change, for as long as it is open."""
        farewell = Farewell(self.resources, self.rooms, self.events, self.webhooks, calls=calls)
        self.resources.on_deletion(farewell.begin)
        revisions = Revisions(self.database)
        revisions.watch(resources.REVISION, self.resources.read)
        revisions.watch(signing_keys.REVISION, self.signing_keys.read)
        revisions.watch(webhooks.REVISION, self.webhooks.read)
        revisions.watch(REVOCATIONS, calls.look_again)
        async with asyncio.TaskGroup() as tasks:
            jobs = (farewell.run, revisions.run, self.signing_keys.run)
            work = [tasks.create_task(job()) for job in jobs]
            try:
                async with taking_commands(folder, self.commands):
                    yield
            finally:
                for task in work:
                    task.cancel()


@asynccontextmanager
async def open_at_rest(config: Config) -> AsyncIterator[Commands]:
    """The commands on a data directory that no server holds."""
    async with open_database(config.data, config.database) as database:
        clock = system_clock if config.clock_offset is None else shifted_clock(config.clock_offset)
        vault = open_vault(config.data, config.master_key)
        tenants = await open_resources(database, vault, clock)
        rooms = Rooms(database, clock, limits=Limits(grace=timedelta(days=config.grace_days)))
        tenants.watch(rooms)
        keys = SigningKeys(database, vault, clock)
        explainer = Explainer(
            database,
            clock,
            Doorway(rooms, config.participant_limit),
            generations=find_generations,
            kept=Kept(timedelta(days=config.call_record_days), timedelta(days=config.event_days)),
        )
        host = config.public_host or "localhost"
        sender = Sender(config.webhook_reach, patience=Patience.of(config.webhook_seconds))
        receivers = await open_webhooks(database, vault, clock, sender=sender, origin=host)
        at_rest = Administration(
            database,
            tenants,
            rooms,
            keys,
            Records(database, clock),
            Surveys(database, clock),
            explainer,
            Events(database, clock),
            receivers,
            Deliveries(database, clock),
            partial(_endpoint, host, config.https_port),
            partial(is_certified, public_host=config.public_host),
        )
        try:
            yield at_rest.commands
        finally:
            await receivers.close()


def _refusing(command: Command) -> Command:
    """The command, saying in the words of the protocol what it does not do."""

    async def carry_out(arguments: Facts) -> Facts:
        try:
            return await command(arguments)
        except OperatorRefused as error:
            raise Refused(str(error)) from error

    return carry_out


def _endpoint(host: str, port: int, own: str | None) -> str:
    """Where a server with these settings is reached."""
    return url("https", own or host, port)
