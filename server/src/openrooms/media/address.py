"""The address that browsers send media to, and ports that are free."""

import asyncio
import errno
import socket
from ipaddress import ip_address

from openrooms.media.errors import EngineFailed

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 (only to see whether a port is free)
LOOKUP_SECONDS = 5.0


async def media_address(public_host: str | None) -> str:
    """The IP address of a public name, IPv4 first; loopback without a name."""
    if public_host is None:
        return LOOPBACK
    try:
        return _usable(public_host)
    except ValueError:
        pass
    try:
        async with asyncio.timeout(LOOKUP_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(
                public_host, None, type=socket.SOCK_DGRAM
            )
    except (OSError, UnicodeError) as error:
        raise EngineFailed(
            f"the public name {public_host} has no address: check it, or give the address itself"
        ) from error
    found.sort(key=lambda one: one[0] != socket.AF_INET)
    return _usable(str(found[0][4][0]))


def _usable(text: str) -> str:
    """The address as media can use it. Raises `ValueError` for what is no address."""
    address = ip_address(text)
    if address.is_unspecified or address.is_multicast:
        raise EngineFailed(f"{text} is no address that others can reach")
    # The engine listens on the IPv4 one.
    return LOOPBACK if address.is_loopback else str(address)


def free_tcp_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def claim_udp_port(address: str, port: int) -> tuple[int, bool]:
    """The media port (0: any free one), and whether the address is one of this machine's.

    Raises `EngineFailed` when another program has the port.
    """
    try:
        return _bind_udp(address, port), True
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise EngineFailed(_why(port, error)) from error
    try:
        return _bind_udp(EVERYWHERE, port), False
    except OSError as error:
        raise EngineFailed(_why(port, error)) from error


def _bind_udp(address: str, port: int) -> int:
    """Open and close it again; the port that it was."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((address, port))
        return int(probe.getsockname()[1])


def _why(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"UDP port {port}, for media, is used by another program: stop it, or choose a port"
    return f"UDP port {port}, for media, cannot be opened: {error.strerror}"
