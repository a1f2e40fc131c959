"""Sockets that wait for clients: bound early, so that a busy port is found before anything is made."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

BACKLOG = 1024
LOOPBACK = ("127.0.0.1", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - only by --public-host
TRIES = 20


class PortUnusable(Exception):
    """A port that cannot be listened on; the message says which, why, and what to do."""


@contextmanager
def listening(port: int, hosts: tuple[str, str], *, option: str) -> Iterator[list[socket.socket]]:
    """Listen on one port of an IPv4 and, where there is IPv6, its IPv6 address; 0: any free port.

    `option` is what the operator changes to get another port.
    """
    sockets = _listen(port, hosts, option=option)
    try:
        yield sockets
    finally:
        for one in sockets:
            one.close()


def port_of(sockets: list[socket.socket]) -> int:
    """The port that the sockets listen on."""
    port: int = sockets[0].getsockname()[1]
    return port


def _listen(
    port: int, hosts: tuple[str, str], *, option: str, tries: int = TRIES
) -> list[socket.socket]:
    ipv4, ipv6 = hosts
    first = _bind(socket.AF_INET, ipv4, port, option=option)
    try:
        return [first, *_bind_ipv6(ipv6, first.getsockname()[1], option=option)]
    except PortUnusable:
        first.close()
        if port or tries == 1:
            raise
    # The free port of one family was taken in the other.
    return _listen(port, hosts, option=option, tries=tries - 1)


def _bind_ipv6(host: str, port: int, *, option: str) -> list[socket.socket]:
    try:
        return [_bind(socket.AF_INET6, host, port, option=option)]
    except OSError:
        # This machine has no IPv6.
        return []


def _bind(family: socket.AddressFamily, host: str, port: int, *, option: str) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
        one.setblocking(False)  # noqa: FBT003 - named so by the standard library
    except OSError as error:
        one.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise _unusable(port, error.errno, option=option) from error
        raise
    return one


def _unusable(port: int, reason: int | None, *, option: str) -> PortUnusable:
    why = "in use by another program" if reason == errno.EADDRINUSE else "not allowed for this user"
    return PortUnusable(f"Port {port}: {why}. Choose another with {option} (0: any free port).")
