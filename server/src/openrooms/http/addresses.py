"""Addresses of clients: how much of one is told, and who stands for a client behind a proxy."""

from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Networks: TypeAlias = tuple[IPv4Network | IPv6Network, ...]

FORWARDED_FOR = "x-forwarded-for"
# More than any chain of proxies has; what stands before is not looked at.
MOST_HOPS = 32
IPV4_TOLD = 24
IPV6_TOLD = 48


class Shown(StrEnum):
    """How much of a client's address the log tells."""

    FULL = "full"
    NETWORK = "network"
    NONE = "none"


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
        # Without its zone, which may be any text.
        return str(parsed).partition("%")[0]
    told = IPV4_TOLD if parsed.version == 4 else IPV6_TOLD
    return str(ip_network((parsed, told), strict=False).network_address)


@lru_cache(maxsize=4096)
def is_within(address: str, networks: Networks) -> bool:
    """Whether an address lies in one of the networks."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def client_behind(forwarded: str, trusted: Networks) -> str | None:
    """Whom a trusted proxy speaks for: the last address of the chain that is no such proxy's.

    What stands before it was sent by a stranger, and may be anything. `forwarded` is the header
    `X-Forwarded-For`.
    """
    for hop in reversed(forwarded.rsplit(",", MOST_HOPS)[-MOST_HOPS:]):
        address = hop.strip()
        try:
            ip_address(address)
        except ValueError:
            return None
        if not is_within(address, trusted):
            return address
    return None
