"""The keys that user access tokens are signed with: made, replaced and dropped while tokens are in use.

A file of its own: `tokens.py` is pure, and `service.py` is about identities. One key signs. The one
before it goes on verifying until the last token that it may have signed has ended.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from openrooms.identity import store
from openrooms.identity.errors import KeyInUse, KeySigns, NoSuchKey
from openrooms.identity.model import LONGEST_LIFE
from openrooms.identity.tokens import SigningKey, Tokens, dump_key, load_key, new_signing_key
from openrooms.kernel.clock import Clock, Monotonic, monotonic
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseAway
from openrooms.storage.revisions import raise_revision
from openrooms.storage.secrets import Vault

REVISION = "signing_keys"
# Another process may sign with the old key for a moment longer, and clocks differ.
SLACK = timedelta(minutes=10)
KEPT = timedelta(minutes=LONGEST_LIFE) + SLACK
# Whoever sends tokens of unknown keys has us look for them once in this time.
REFRESH_SECONDS = 1.0
DROP_SECONDS = 3600.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A signing key as an operator sees it."""

    id: str
    created_at: datetime
    retired_at: datetime | None

    @property
    def good_until(self) -> datetime | None:
        """When the last token that it can have signed has ended; None while it signs."""
        return None if self.retired_at is None else self.retired_at + KEPT


class SigningKeys:
    """The signing keys of a database. `tokens` uses them, in a process that serves."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        *,
        tokens: Tokens | None = None,
        now: Monotonic = monotonic,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._tokens = tokens
        self._now = now
        self._refreshed = float("-inf")
        self._reading = asyncio.Lock()

    async def read(self) -> None:
        """Take over what is written in the database now."""
        if self._tokens is None:
            return
        # One after the other, so that no reading overtakes a newer one.
        async with self._reading:
            stored = await self._database.read(store.find_keys)
            self._tokens.take([self._opened(key_id, sealed) for key_id, sealed in stored.items()])

    async def refresh(self) -> bool:
        """Look for a key that another process has just made; False when that was just done."""
        now = self._now()
        if now - self._refreshed < REFRESH_SECONDS:
            return False
        self._refreshed = now
        await self.read()
        return True

    async def all(self) -> Sequence[KeptKey]:
        """Every key, the one that signs first."""
        return await self._database.read(_all)

    async def rotate(self) -> Sequence[KeptKey]:
        """Sign with a new key from now on; what was signed before stays good."""
        made, now = new_signing_key(), self._clock()
        sealed = self._vault.encrypt(dump_key(made))

        def replace(connection: Connection) -> None:
            store.lock_keys(connection)
            store.retire_keys(connection, now)
            store.add_key(connection, made.id, sealed=sealed, at=now)

        kept = await self._change(replace)
        log.info("signing_key_rotated", key=made.id)
        return kept

    async def retire(self, key_id: str, *, force: bool = False) -> Sequence[KeptKey]:
        """Drop a key that signs no more. With `force`, while tokens of it are good, too."""
        now = self._clock()

        def drop(connection: Connection) -> None:
            store.lock_keys(connection)
            key = next((one for one in _all(connection) if one.id == key_id), None)
            if key is None:
                raise NoSuchKey(key_id)
            if key.good_until is None:
                raise KeySigns(key_id)
            if key.good_until > now and not force:
                raise KeyInUse(key_id, key.good_until.isoformat(timespec="minutes"))
            store.drop_key(connection, key_id)

        kept = await self._change(drop)
        log.info("signing_key_retired", key=key_id, forced=force)
        return kept

    async def drop_ended(self) -> None:
        """Drop the keys whose every token has ended."""
        drop = partial(_drop_ended, until=self._clock() - KEPT)
        if await self._database.write(drop):
            await self.read()
            log.info("signing_keys_dropped")

    async def run(self) -> None:
        """Drop them once an hour, for ever."""
        while True:
            try:
                await self.drop_ended()
            except DatabaseAway as error:
                log.warning("signing_keys_not_dropped", why=type(error).__name__)
            except Exception:
                # The top of a task. A key that is kept for too long harms nobody.
                log.exception("signing_keys_not_dropped")
            await asyncio.sleep(DROP_SECONDS)

    async def _change(self, change: Callable[[Connection], None]) -> Sequence[KeptKey]:
        def write(connection: Connection) -> Sequence[KeptKey]:
            change(connection)
            raise_revision(connection, REVISION)
            return _all(connection)

        kept = await self._database.write(write)
        await self.read()
        return kept

    def _opened(self, key_id: str, sealed: bytes) -> SigningKey:
        return load_key(key_id, self._vault.decrypt(sealed))


def _all(connection: Connection) -> Sequence[KeptKey]:
    return [KeptKey(*one) for one in store.list_keys(connection)]


def _drop_ended(connection: Connection, *, until: datetime) -> bool:
    dropped = store.drop_keys(connection, until) > 0
    if dropped:
        raise_revision(connection, REVISION)
    return dropped
