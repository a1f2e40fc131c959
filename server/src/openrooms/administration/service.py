"""Administration, put together: for a server that runs, and for a database at rest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from openrooms.administration.farewell import Farewell, RunsCalls
from openrooms.administration.resources import ResourceCommands
from openrooms.config import Config
from openrooms.control.messages import Commands
from openrooms.control.server import taking_commands
from openrooms.http.urls import url
from openrooms.identity.model import WhichKey
from openrooms.identity.resources import REVISION, Resources, open_resources
from openrooms.kernel.clock import system_clock
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Database, open_database
from openrooms.storage.revisions import Revisions
from openrooms.storage.secrets import open_vault


@dataclass(frozen=True, slots=True)
class Administration:
    """What can be administered, and where resources are reached."""

    database: Database
    resources: Resources
    rooms: Rooms
    # By the host name that a resource may have of its own.
    endpoint_under: Callable[[str | None], str]

    @property
    def commands(self) -> Commands:
        return self._of_resources.commands

    @property
    def connection_string(self) -> str:
        """What the servers of the first resource are configured with."""
        return self._of_resources.string(self.resources.first, WhichKey.PRIMARY)

    @property
    def _of_resources(self) -> ResourceCommands:
        return ResourceCommands(self.resources, self.endpoint_under)

    @asynccontextmanager
    async def running(self, folder: Path, calls: RunsCalls) -> AsyncIterator[None]:
        """Take commands, and follow what other processes change, for as long as it is open."""
        farewell = Farewell(self.resources, self.rooms, calls)
        self.resources.on_deletion(farewell.begin)
        revisions = Revisions(self.database)
        revisions.watch(REVISION, self.resources.read)
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(farewell.run()), tasks.create_task(revisions.run())]
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
        vault = open_vault(config.data, config.master_key)
        resources = await open_resources(database, vault, system_clock)
        rooms = Rooms(database, system_clock)
        resources.watch(rooms)
        host = config.public_host or "localhost"
        endpoint = partial(_endpoint, host, config.https_port)
        yield Administration(database, resources, rooms, endpoint).commands


def _endpoint(host: str, port: int, own: str | None) -> str:
    """Where a server with these settings is reached."""
    return url("https", own or host, port)
