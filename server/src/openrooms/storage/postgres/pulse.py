"""One connection that only listens: to hints of other processes, and for whether the server is there."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog

from openrooms.storage.errors import DatabaseInUse
from openrooms.storage.hints import CHANNEL
from openrooms.storage.postgres.connections import Address
from openrooms.storage.postgres.reach import Reach

log = structlog.get_logger(__name__)

FAULTS = (psycopg.Error, OSError, TimeoutError)
# How often the server is asked whether it is there, and how long an answer may take.
BEAT = 0.5
PATIENCE = 2.0
# A process that has just been killed may hold the database until its server has noticed.
LETTING_GO = 5.0
# The name of the lock on the calls of a database.
CALLS = 0x4F52_0002
# When our machine vanishes, the server must notice, or nobody could take the calls over.
_NOTICE = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"
)


@dataclass(slots=True)
class Pulse:
    """Keeps the connection, and what is known by it."""

    address: Address
    reach: Reach
    # Whether this process is the one that runs the calls of the database.
    runs_calls: bool
    _heard: list[Callable[[], None]] = field(default_factory=list)
    _connection: "psycopg.AsyncConnection[Any] | None" = None

    def hear(self, heard: Callable[[], None]) -> None:
        """Call it for every hint, and whenever hints may have been missed."""
        self._heard.append(heard)

    async def open(self) -> None:
        """Make the first connection. Raises `DatabaseInUse` when another process runs the calls."""
        self._connection = await self._connect()

    async def run(self) -> None:
        """Listen for ever; connect again when the connection is lost."""
        while True:
            try:
                connection = self._connection or await self._connect()
            except FAULTS as error:
                # That a connection is lost says little; that none can be made is an outage.
                self.reach.lost(error)
                await asyncio.sleep(BEAT)
                continue
            self._connection = connection
            self.reach.found()
            self._tell()
            with suppress(*FAULTS):
                await self._listen(connection)
            await self.close()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _listen(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        while True:
            async for _ in connection.notifies(timeout=BEAT, stop_after=1):
                self._tell()
            async with asyncio.timeout(PATIENCE):
                await connection.execute("SELECT 1")
            self.reach.found()

    async def _connect(self) -> "psycopg.AsyncConnection[Any]":
        connection = await psycopg.AsyncConnection.connect(self.address.conninfo, autocommit=True)
        try:
            async with asyncio.timeout(LETTING_GO + PATIENCE):
                await connection.execute(_NOTICE)
                await connection.execute(f"LISTEN {CHANNEL}")
                if self.runs_calls:
                    await self._take_calls(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _take_calls(self, connection: "psycopg.AsyncConnection[Any]") -> None:
        await connection.execute(f"SET lock_timeout = {int(LETTING_GO * 1000)}")
        try:
            await connection.execute(f"SELECT pg_advisory_lock({CALLS})")
        except psycopg.errors.LockNotAvailable:
            raise DatabaseInUse(
                f"Database {self.address}: another server runs its calls. "
                "Stop that server, or start this one with --api-only."
            ) from None

    def _tell(self) -> None:
        for heard in self._heard:
            heard()
