"""The commands on resources. Keys are in the answers that exist to show them, and in no other."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from openrooms.control.messages import (
    Command,
    Facts,
    Refused,
    flag,
    optional_text,
    text,
    texts,
)
from openrooms.identity.model import Resource
from openrooms.identity.resources import Resources, connection_string
from openrooms.kernel.access_keys import WhichKey


@dataclass(frozen=True, slots=True)
class ResourceCommands:
    """What an operator can do with resources.

    `endpoint_under` says where a host name leads, `certifies` whether the server's own certificate
    can name it.
    """

    resources: Resources
    endpoint_under: Callable[[str | None], str]
    certifies: Callable[[str], bool]

    @property
    def commands(self) -> Mapping[str, Command]:
        return {
            "resource.create": self.create,
            "resource.list": self.list,
            "resource.show": self.show,
            "resource.set-hosts": self.set_hosts,
            "resource.rotate-key": self.rotate_key,
            "resource.delete": self.delete,
        }

    async def create(self, arguments: Facts) -> Facts:
        made = await self.resources.create(text(arguments, "name"), texts(arguments, "hosts"))
        return self._tell(made) | self._keys(made)

    async def list(self, _arguments: Facts) -> Facts:
        await self.resources.read()
        return {"resources": [self._tell(one) for one in self.resources.all]}

    async def show(self, arguments: Facts) -> Facts:
        await self.resources.read()
        found = self.resources.find(optional_text(arguments, "name"))
        keys = self._keys(found) if flag(arguments, "keys") else {}
        return self._tell(found) | keys

    async def set_hosts(self, arguments: Facts) -> Facts:
        name, hosts = optional_text(arguments, "name"), texts(arguments, "hosts")
        return self._tell(await self.resources.set_host_names(name, hosts))

    async def rotate_key(self, arguments: Facts) -> Facts:
        name, which = optional_text(arguments, "name"), _which(text(arguments, "key"))
        changed = await self.resources.rotate_key(name, which)
        return self._tell(changed) | {"connectionString": self.string(changed, which)}

    async def delete(self, arguments: Facts) -> Facts:
        # Named always: what is deleted should be said.
        name, force = text(arguments, "name"), flag(arguments, "force")
        return self._tell(await self.resources.delete(name, force=force))

    def _tell(self, resource: Resource) -> dict[str, object]:
        return {
            "name": resource.name,
            "id": resource.id,
            "endpoint": self._endpoint(resource),
            "hosts": [*resource.host_names],
            "uncertified": [one for one in resource.host_names if not self.certifies(one)],
            "createdAt": resource.created_at.isoformat(timespec="seconds"),
        }

    def _keys(self, resource: Resource) -> dict[str, object]:
        return {
            "connectionString": self.string(resource, WhichKey.PRIMARY),
            "secondaryConnectionString": self.string(resource, WhichKey.SECONDARY),
        }

    def string(self, resource: Resource, which: WhichKey) -> str:
        """What a server of the resource is configured with."""
        return connection_string(self._endpoint(resource), resource.key(which))

    def _endpoint(self, resource: Resource) -> str:
        return f"{self.endpoint_under(resource.host_name)}/"


def _which(name: str) -> WhichKey:
    try:
        return WhichKey(name)
    except ValueError:
        raise Refused(f"Key {name[:20]!r}: not known. Give primary or secondary.") from None
