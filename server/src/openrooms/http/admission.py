"""How many connections are open, in all and from one address, and whom that keeps out."""

from functools import lru_cache
from ipaddress import ip_address, ip_network

from openrooms.http.addresses import is_within
from openrooms.http.limits import Limits

# Whoever has an IPv6 address has all of its network.
IPV6_COUNTED = 64


class Place:
    """One connection's place. It is given back once, however often that is asked for."""

    __slots__ = ("_admission", "_key")

    def __init__(self, admission: "Admission", key: str) -> None:
        self._admission: Admission | None = admission
        self._key = key

    def leave(self) -> None:
        admission, self._admission = self._admission, None
        if admission is not None:
            admission.give_back(self._key)


class Admission:
    """Gives places to connections, as many as the limits say."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.connections
        self._most_alike = limits.connections_alike
        self._free = limits.free_networks + limits.trusted_proxies
        self._open = 0
        self._alike: dict[str, int] = {}

    @property
    def open(self) -> int:
        """How many places are taken."""
        return self._open

    def admit(self, address: str) -> Place | None:
        """A place for a connection from this address; None when there is none left."""
        key = count_as(address)
        alike = self._alike.get(key, 0)
        if self._open >= self._most:
            return None
        if alike >= self._most_alike and not is_within(address, self._free):
            return None
        self._open += 1
        self._alike[key] = alike + 1
        return Place(self, key)

    def give_back(self, key: str) -> None:
        """For `Place` alone."""
        self._open -= 1
        self._alike[key] -= 1
        if not self._alike[key]:
            del self._alike[key]


@lru_cache(maxsize=4096)
def count_as(address: str) -> str:
    """What connections are counted by: the address, of IPv6 its network."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    return str(ip_network((parsed, IPV6_COUNTED), strict=False).network_address)
