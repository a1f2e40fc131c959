"""The resources: the tenants, known by their access keys, and what an operator can do with them.

A file of its own: every request of every API is authenticated by it, while `service.py` is about
identities alone.
"""

import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Protocol, TypeAlias, TypeVar

import structlog

from openrooms.identity import store
from openrooms.identity.errors import (
    HasRooms,
    HostNameTaken,
    LastResource,
    NameTaken,
    NoSuchResource,
    TooManyUnnamed,
    WhichResource,
)
from openrooms.identity.model import (
    MOST_UNNAMED,
    Resource,
    check_host_names,
    check_name,
)
from openrooms.kernel.access_keys import WhichKey
from openrooms.kernel.clock import Clock
from openrooms.kernel.ids import new_guid, new_key
from openrooms.storage.database import Connection, Database
from openrooms.storage.locks import lock_beginning
from openrooms.storage.revisions import find_revision, raise_revision
from openrooms.storage.secrets import Vault

FIRST_NAME = "default"
REVISION = "resources"
Gone: TypeAlias = Callable[[str], None]
Moved: TypeAlias = Callable[[Sequence[str]], Awaitable[None]]
T = TypeVar("T")

log = structlog.get_logger(__name__)


class HasContent(Protocol):
    """Whoever knows whether there is something that would be lost with a resource."""

    def has_rooms(self, connection: Connection, resource_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Directory:
    """The resources at one moment, the first one first, found by where they are reached."""

    revision: int = -1
    resources: tuple[Resource, ...] = ()
    _named: MappingProxyType[str, tuple[Resource, ...]] = field(init=False)
    _unnamed: tuple[Resource, ...] = field(init=False)

    def __post_init__(self) -> None:
        named = {host: (one,) for one in self.resources for host in one.host_names}
        # A frozen dataclass is filled in this way.
        object.__setattr__(self, "_named", MappingProxyType(named))
        unnamed = tuple(one for one in self.resources if not one.host_names)
        object.__setattr__(self, "_unnamed", unnamed)

    def serving(self, host: str) -> tuple[Resource, ...]:
        """Whose request it may be that comes under this host name: one, unless it is nobody's."""
        # A name with a dot at its end is another name, which nobody gave.
        return self._named.get(host) or (() if host.endswith(".") else self._unnamed)

    def find(self, name: str | None) -> Resource:
        """The resource of this name or id; without one, the only resource there is."""
        if name is None and len(self.resources) == 1:
            return self.resources[0]
        if name is None:
            raise WhichResource
        for one in self.resources:
            if name in (one.name, one.id):
                return one
        raise NoSuchResource(name)


class Resources:
    """The resources of this server, with their keys ready for use."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._directory = Directory()
        self._contents: list[HasContent] = []
        self._mourners: list[Gone] = []
        self._movers: list[Moved] = []

    # looking

    @property
    def first(self) -> Resource:
        """The oldest resource: at first the one that was made at the first start."""
        return self._directory.resources[0]

    @property
    def all(self) -> tuple[Resource, ...]:
        return self._directory.resources

    def serving(self, host: str) -> tuple[Resource, ...]:
        """Whose request it may be that comes under this host name, which has no port."""
        return self._directory.serving(host)

    def find(self, name: str | None) -> Resource:
        """The resource of this name or id; without one, the only resource there is."""
        return self._directory.find(name)

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every host name that is a resource's own."""
        return tuple(sorted(host for one in self.all for host in one.host_names))

    def host_name(self, resource_id: str) -> str | None:
        """The first name of its own under which the resource is reached."""
        found = next((one for one in self.all if one.id == resource_id), None)
        return None if found is None else found.host_name

    # what keeps it up to date

    def watch(self, content: HasContent) -> None:
        """Ask about what a resource has. Called while the parts are put together."""
        self._contents.append(content)

    def on_deletion(self, gone: Gone) -> None:
        """Tell of each deletion, whichever process it was done by. Called like `watch`."""
        self._mourners.append(gone)

    def on_move(self, moved: Moved) -> None:
        """Tell of the host names whenever they have changed. Called like `watch`."""
        self._movers.append(moved)

    async def read(self) -> None:
        """Take over what is written in the database now."""
        sealed = await self._database.read(_read)
        if sealed.revision < self._directory.revision:
            # Another reading was faster, and newer.
            return
        before, hosts = {one.id for one in self._directory.resources}, self.host_names
        self._directory = self._opened(sealed)
        for resource_id in sorted(before - {one.id for one in self._directory.resources}):
            for gone in self._mourners:
                gone(resource_id)
        if self.host_names != hosts:
            for moved in self._movers:
                await moved(self.host_names)

    async def open(self) -> None:
        """Read the resources; at the first start one is made."""
        made = self._draft(FIRST_NAME, ())

        def load(connection: Connection) -> None:
            lock_beginning(connection)
            if not store.find_resources(connection):
                store.add_resource(connection, self._sealed(made))
            if not find_revision(connection, REVISION):
                raise_revision(connection, REVISION)

        await self._database.write(load)
        await self.read()

    # changing

    async def create(self, name: str, host_names: Sequence[str] = ()) -> Resource:
        """Make a resource with two keys of its own."""
        made = self._draft(check_name(name), check_host_names(host_names))
        sealed = self._sealed(made)

        def add(connection: Connection) -> None:
            there = _hold(connection)
            if any(one.name == made.name for one in there.resources):
                raise NameTaken(made.name)
            _check_reach(there, made)
            store.add_resource(connection, sealed)

        await self._change(add)
        log.info("resource_created", resource=made.id, name=made.name, hosts=made.host_names)
        return made

    async def set_host_names(self, name: str | None, host_names: Sequence[str]) -> Resource:
        """Change where a resource is reached."""
        hosts = check_host_names(host_names)

        def write(connection: Connection) -> Resource:
            there = _hold(connection)
            changed = replace(there.find(name), host_names=hosts)
            _check_reach(there, changed)
            store.change_host_names(connection, changed.id, hosts)
            return changed

        changed = await self._change(write)
        log.info("resource_moved", resource=changed.id, hosts=hosts)
        return self.find(changed.id)

    async def rotate_key(self, name: str | None, which: WhichKey) -> Resource:
        """Put a new key in the place of one; the other goes on."""
        sealed = self._vault.encrypt(new_key())

        def write(connection: Connection) -> str:
            found = _hold(connection).find(name)
            store.change_key(connection, found.id, which, sealed=sealed)
            return found.id

        changed = await self._change(write)
        log.info("access_key_rotated", resource=changed, key=which.value)
        return self.find(changed)

    async def delete(self, name: str | None, *, force: bool = False) -> Resource:
        """Delete a resource: from now on its keys and tokens are good for nothing."""
        now = self._clock()

        def end(connection: Connection) -> Resource:
            there = _hold(connection)
            found = there.find(name)
            if len(there.resources) == 1:
                raise LastResource(found.name)
            if not force and any(one.has_rooms(connection, found.id) for one in self._contents):
                raise HasRooms(found.name)
            store.end_resource(connection, found.id, now)
            return found

        ended = await self._change(end)
        log.info("resource_deleted", resource=ended.id, name=ended.name)
        return ended

    async def ended(self) -> tuple[str, ...]:
        """The ids of all resources that were deleted."""
        return await self._database.read(store.find_ended)

    async def forget(self, resource_id: str) -> None:
        """Drop the identities of a deleted resource, a few at a time."""
        forget = partial(store.forget_identities, resource_id=resource_id)
        while await self._database.write(forget):
            pass

    async def _change(self, change: Callable[[Connection], T]) -> T:
        def write(connection: Connection) -> T:
            changed = change(connection)
            raise_revision(connection, REVISION)
            return changed

        changed = await self._database.write(write)
        await self.read()
        return changed

    def _draft(self, name: str, hosts: tuple[str, ...]) -> Resource:
        return Resource(new_guid(), name, new_key(), new_key(), self._clock(), hosts)

    def _sealed(self, opened: Resource) -> Resource:
        return _with_keys(opened, self._vault.encrypt)

    def _opened(self, sealed: Directory) -> Directory:
        opened = tuple(_with_keys(one, self._vault.decrypt) for one in sealed.resources)
        return Directory(sealed.revision, opened)


def connection_string(endpoint: str, key: bytes) -> str:
    """What a resource's servers are configured with. Exactly two parts (see below)."""
    # The JavaScript SDK takes all that follows `accesskey=` for the key, the Java SDK refuses any
    # third part.
    return f"endpoint={endpoint};accesskey={base64.b64encode(key).decode('ascii')}"


async def open_resources(database: Database, vault: Vault, clock: Clock) -> Resources:
    """The resources of this data directory; at the first start one is made."""
    resources = Resources(database, vault, clock)
    await resources.open()
    return resources


def _read(connection: Connection) -> Directory:
    return Directory(find_revision(connection, REVISION), store.find_resources(connection))


def _hold(connection: Connection) -> Directory:
    """What is there, with nobody else changing it. Keys are as stored."""
    store.lock_resources(connection)
    return _read(connection)


def _check_reach(there: Directory, new: Resource) -> None:
    """Nobody may be reached where another is; and few may be reached everywhere else."""
    others = [one for one in there.resources if one.id != new.id]
    owners = {host: one.name for one in others for host in one.host_names}
    for host in new.host_names:
        if host in owners:
            raise HostNameTaken(host, owners[host])
    if not new.host_names and sum(not one.host_names for one in others) >= MOST_UNNAMED:
        raise TooManyUnnamed(MOST_UNNAMED)


def _with_keys(of: Resource, change: Callable[[bytes], bytes]) -> Resource:
    return replace(of, primary_key=change(of.primary_key), secondary_key=change(of.secondary_key))
