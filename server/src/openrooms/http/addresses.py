"""Addresses of clients: how much of one is told, and who stands for a client behind a proxy."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

IPV4_TOLD = 24
IPV6_TOLD = 48


class Shown(StrEnum):
    """How much of a client's address the log tells."""

    FULL = "full"
    NETWORK = "network"
    NONE = "none"


@lru_cache(maxsize=4096)
def shorten(address: str, shown: Shown) -> str:
    """The address, its network (/24, of IPv6 /48), or nothing."""
    if shown is Shown.NONE:
        return ""
    try:
        parsed = ip_address(address)
    except ValueError:
        # No address at all, as with a test's client.
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    if shown is Shown.FULL:
        return str(parsed)
    told = IPV4_TOLD if parsed.version == 4 else IPV6_TOLD
    return str(ip_network((parsed, told), strict=False).network_address)
