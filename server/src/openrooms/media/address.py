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


def local_address(address: str) -> str:
    """The address of this machine under which it reaches its own sockets for a public one.

    The same, where the machine has it; behind a router that has it, the one that leads there.
    """
    try:
        _bind_udp(address, 0)
    except OSError:
        pass
    else:
        return address
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent.
            probe.connect((address, 9))
        except OSError as error:
            raise EngineFailed(f"nothing leads from here to {address}: {error.strerror}") from error
        return str(probe.getsockname()[0])


def claim_tcp_port(port: int, setting: str) -> None:
    """Raise `EngineFailed` when a TCP port cannot be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((EVERYWHERE, port))
            probe.listen()
        except OSError as error:
            raise EngineFailed(_taken(f"TCP port {port}", setting, error)) from error


def claim_relay_port(port: int, setting: str) -> None:
    """The same for a UDP port of the relay."""
    try:
        _bind_udp(EVERYWHERE, port)
    except OSError as error:
        raise EngineFailed(_taken(f"UDP port {port}", setting, error)) from error


def _taken(port: str, setting: str, error: OSError) -> str:
    why = "is used by another program" if error.errno == errno.EADDRINUSE else "cannot be opened"
    if error.errno == errno.EACCES:
        why = "is not allowed for this user"
    return f"{port} {why}. Choose another with the setting {setting} (0: none)."


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
