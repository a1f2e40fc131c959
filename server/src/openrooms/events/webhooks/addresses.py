"""Which addresses a webhook may lead to: the public ones, and those that the operator allows."""

import ipaddress
from collections.abc import Iterable
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Networks: TypeAlias = Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]

# Public by number, but inside of a cloud, whose machines they serve with their secrets.
_INSIDE = (ipaddress.ip_network("168.63.129.16/32"), ipaddress.ip_network("192.0.0.0/24"))
# IPv6 addresses that lead to the IPv4 address in their last bits: those of NAT64 in use, others.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_TRANSLATED = (_NAT64, ipaddress.ip_network("64:ff9b:1::/48"), ipaddress.ip_network("::/96"))


def may_reach(text: str, allowed: Networks) -> bool:
    """Whether events may be sent to this address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    every = [address, *_within(address)]
    if any(one in network for one in every for network in allowed):
        return True
    return all(map(_is_public, every))


def _within(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    within: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    if address.teredo is not None:
        within += address.teredo
    if any(address in network for network in _TRANSLATED):
        within.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [one for one in within if one is not None]


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (
        address.ipv4_mapped is not None or address in _NAT64
    ):
        # Judged by what it stands for.
        return True
    special = (
        address.is_multicast
        or address.is_reserved
        or address.is_link_local
        or address.is_loopback
        or address.is_unspecified
        or address.is_private
        or not address.is_global
    )
    site = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return not (special or site or any(address in network for network in _INSIDE))
