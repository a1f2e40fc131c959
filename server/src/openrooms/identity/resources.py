"""The resources: the tenants, known by their access keys.

A file of its own: every request of every API is authenticated by it, while `service.py` is about
identities alone.
"""

import base64
from dataclasses import replace

from openrooms.identity import store
from openrooms.identity.model import Resource
from openrooms.kernel.clock import Clock
from openrooms.kernel.ids import new_guid, new_key
from openrooms.storage.database import Connection, Database
from openrooms.storage.locks import lock_beginning
from openrooms.storage.secrets import Vault

FIRST_NAME = "default"


class Resources:
    """The resources of this server, with their keys ready for use."""

    def __init__(self, resources: tuple[Resource, ...]) -> None:
        self._resources = resources
        self._by_id = {resource.id: resource for resource in resources}

    @property
    def first(self) -> Resource:
        """The resource that was made at the first start."""
        return self._resources[0]

    def access_keys(self, resource_id: str) -> tuple[bytes, bytes]:
        """The two keys of a resource."""
        return self._by_id[resource_id].access_keys

    def serving(self, host: str) -> Resource | None:
        """The resource that is reached under this host name: any, while there is only one."""
        return self.first if len(self._resources) == 1 else None

    def connection_string(self, endpoint: str) -> str:
        """What the first resource's servers are configured with. Exactly two parts (see below)."""
        # The JavaScript SDK takes all that follows `accesskey=` for the key, the Java SDK refuses
        # any third part.
        key = base64.b64encode(self.first.primary_key).decode("ascii")
        return f"endpoint={endpoint};accesskey={key}"


async def open_resources(database: Database, vault: Vault, clock: Clock) -> Resources:
    """The resources of this data directory; at the first start one is made."""
    made = Resource(
        id=new_guid(),
        name=FIRST_NAME,
        primary_key=vault.encrypt(new_key()),
        secondary_key=vault.encrypt(new_key()),
        created_at=clock(),
    )

    def load(connection: Connection) -> tuple[Resource, ...]:
        lock_beginning(connection)
        resources = store.find_resources(connection)
        if not resources:
            store.add_resource(connection, made)
        return resources or (made,)

    return Resources(tuple(_opened(vault, one) for one in await database.write(load)))


def _opened(vault: Vault, sealed: Resource) -> Resource:
    return replace(
        sealed,
        primary_key=vault.decrypt(sealed.primary_key),
        secondary_key=vault.decrypt(sealed.secondary_key),
    )
