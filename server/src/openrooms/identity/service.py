"""What callers can do with identities and their access tokens."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import partial
from typing import Protocol, TypeAlias

from openrooms.identity import store
from openrooms.identity.errors import IdentityNotFound, TokenRefused, UnknownKey
from openrooms.identity.model import (
    FIRST_GENERATION,
    AccessToken,
    Caller,
    Claims,
    Identity,
    TokenWish,
    parse_identity,
)
from openrooms.identity.moments import Moments
from openrooms.identity.tokens import SigningKey, Tokens, dump_key, load_key, new_signing_key
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.kernel.ids import new_guid
from openrooms.storage.database import Connection, Database
from openrooms.storage.locks import keep_identity, lock_beginning, lock_identity
from openrooms.storage.secrets import Vault

# Looks for new signing keys; False when that was just done.
Refresh: TypeAlias = Callable[[], Awaitable[bool]]


class IdentityWatcher(Protocol):
    """Whoever must know when the tokens of a user end."""

    def settle_user(self, connection: Connection, user: CommunicationUser) -> object:
        """Write what follows from the end, in its transaction, with the identity locked."""

    def follow(self, outcome: object) -> None:
        """Act on what `settle_user` returned, now that it is committed."""


class Identities:
    """What callers can do with identities and their access tokens."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        tokens: Tokens,
        *,
        new_id: Callable[[], str] = new_guid,
        refresh: Refresh | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._tokens = tokens
        self._new_id = new_id
        self._refresh = refresh
        self._moments = Moments(database)
        self._watchers: list[IdentityWatcher] = []

    @property
    def signing_keys(self) -> tuple[SigningKey, ...]:
        """The keys whose public halves anyone may have."""
        return self._tokens.keys

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write what is noted as it comes, and what is left at the end."""
        return self._moments.writing()

    def watch(self, watcher: IdentityWatcher) -> None:
        """Tell the watcher of every end from now on. Called while the parts are put together."""
        self._watchers.append(watcher)

    async def create(
        self,
        resource_id: str,
        wish: TokenWish | None = None,
        *,
        custom_id: str | None = None,
    ) -> tuple[CommunicationUser, AccessToken | None]:
        """Make an identity, and a token for it if one is wished.

        The same custom id finds the same identity again, until that is deleted.
        """
        user, now = CommunicationUser(resource_id, self._new_id()), self._clock()
        generation, with_token = FIRST_GENERATION, wish is not None
        if custom_id is None:
            add = partial(store.add_identity, user=user, at=now, with_token=with_token)
            await self._database.write(add, brief=True)
        else:
            meet = partial(
                store.meet_identity, user=user, custom_id=custom_id, at=now, with_token=with_token
            )
            user, generation = await self._database.write(meet, brief=True)
        if wish is None:
            return user, None
        return user, self._mint(user, generation, wish=wish, now=now)

    async def get(self, resource_id: str, raw_id: str) -> Identity:
        """An identity of the caller's resource."""
        user = parse_identity(raw_id, resource_id)
        # Asked first: what is not noted any more is written.
        noted = self._moments.of(user)
        found = await self._database.read(partial(store.find_identity, user=user))
        if found is None:
            raise IdentityNotFound
        return found if noted is None else found.with_token(noted)

    async def issue(self, resource_id: str, raw_id: str, wish: TokenWish) -> AccessToken:
        """A new token for an identity of the caller's resource. Nothing waits for the disk."""
        user, now = parse_identity(raw_id, resource_id), self._clock()
        generation = await self._database.look(partial(store.find_generation, user=user))
        if generation is None:
            raise IdentityNotFound
        self._moments.note(user, now)
        return self._mint(user, generation, wish=wish, now=now)

    async def revoke(self, resource_id: str, raw_id: str) -> None:
        """End every token of the identity; tokens issued from now on are good."""
        user = parse_identity(raw_id, resource_id)
        await self._database.write(partial(self._revoke, user=user), then=self._follow)

    async def delete(self, resource_id: str, raw_id: str) -> None:
        """Delete the identity and end its tokens. One that is not there is deleted already."""
        user = parse_identity(raw_id, resource_id)
        delete = partial(self._delete, user=user, at=self._clock())
        await self._database.write(delete, then=self._follow)

    async def verify(self, token: str) -> Caller:
        """Who holds the token. Raises `TokenRefused` unless it is ours and good now."""
        claims = await self._read(token)
        stands = partial(self.stands, user=claims.user, generation=claims.generation)
        if not await self._database.look(stands):
            raise TokenRefused("revoked")
        expires_on = datetime.fromtimestamp(claims.expires_at, UTC)
        return Caller(claims.user, claims.generation, frozenset(claims.scopes), expires_on)

    async def _read(self, token: str) -> Claims:
        try:
            return self._tokens.read(token, self._clock())
        except UnknownKey:
            # Another process may have made the key a moment ago.
            if self._refresh is None or not await self._refresh():
                raise
            return self._tokens.read(token, self._clock())

    def stands(self, connection: Connection, user: CommunicationUser, generation: int) -> bool:
        """Whether the user exists and tokens of this generation are good."""
        return store.find_generation(connection, user) == generation

    def generations(
        self, connection: Connection, resource_id: str, user_ids: Sequence[str]
    ) -> Mapping[str, int]:
        """The generation whose tokens are good, for each of the users that exists."""
        return store.find_generations(connection, resource_id, user_ids)

    def lock(self, connection: Connection, user: CommunicationUser) -> None:
        """Keep every other transaction off this identity until the end of this one."""
        lock_identity(connection, user.resource, user.user)

    def keep(self, connection: Connection, user: CommunicationUser) -> None:
        """Keep this identity as it is until the end of the transaction. Before any room's lock."""
        keep_identity(connection, user.resource, user.user)

    def _mint(
        self, user: CommunicationUser, generation: int, *, wish: TokenWish, now: datetime
    ) -> AccessToken:
        expires_on = now + wish.lifetime
        claims = Claims(
            user=user,
            generation=generation,
            scopes=wish.scopes,
            issued_at=int(now.timestamp()),
            expires_at=int(expires_on.timestamp()),
            issuer=self._tokens.issuer,
        )
        return AccessToken(self._tokens.mint(claims), expires_on)

    def _revoke(self, connection: Connection, *, user: CommunicationUser) -> list[object]:
        self.lock(connection, user)
        if not store.revoke_tokens(connection, user):
            raise IdentityNotFound
        return self._settle(connection, user)

    def _delete(
        self, connection: Connection, *, user: CommunicationUser, at: datetime
    ) -> list[object]:
        self.lock(connection, user)
        if not store.delete_identity(connection, user, at):
            return []
        return self._settle(connection, user)

    def _settle(self, connection: Connection, user: CommunicationUser) -> list[object]:
        return [watcher.settle_user(connection, user) for watcher in self._watchers]

    def _follow(self, outcomes: list[object]) -> None:
        # Nothing was settled where nothing changed.
        for watcher, outcome in zip(self._watchers, outcomes, strict=False):
            watcher.follow(outcome)


async def open_tokens(
    database: Database, vault: Vault, clock: Clock, *, issuer: str, adopts: bool = False
) -> Tokens:
    """The tokens of this database; at the first start with a signing key made for it.

    `issuer` is the URL where browsers reach us. It is kept, so that tokens issued under it stay
    good when it changes. A process that `adopts` has no calls: it issues under the URL of the one
    that runs them, if there was one.
    """
    key, now = new_signing_key(), clock()
    sealed = vault.encrypt(dump_key(key))

    def load(connection: Connection) -> tuple[Mapping[str, bytes], tuple[str, ...]]:
        lock_beginning(connection)
        if not (adopts and store.find_issuers(connection)):
            store.use_issuer(connection, issuer, now)
        issuers = store.find_issuers(connection)
        keys = store.find_keys(connection)
        if not keys:
            store.add_key(connection, key.id, sealed=sealed, at=now)
            keys = {key.id: sealed}
        return keys, issuers

    stored, issuers = await database.write(load)
    keys = [load_key(key_id, vault.decrypt(dumped)) for key_id, dumped in stored.items()]
    return Tokens(keys, issuers[0], frozenset(issuers))
