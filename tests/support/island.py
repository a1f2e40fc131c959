"""A network of its own for one browser: all that goes in and out passes through here, and can be cut."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from support.server import Ports

# Its own addresses; what is on its loopback is a relay to ours. A browser wants a way out, too.
SHORE = """
    ip link set lo up
    ip link add shore type veth peer name sea
    ip address add 10.77.0.2/24 dev shore
    ip link set sea up
    ip link set shore up
    ip route add default via 10.77.0.1
    echo ready
    exec cat
"""
LINK_DOWN = "ip link set shore down"
LINK_UP = "ip link set shore up && ip route add default via 10.77.0.1"
# Binds there, and hands the sockets over to us.
BIND = """
import socket, sys
there = socket.socket(fileno=0)
kinds = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}
made = []
for word in sys.argv[1:]:
    kind, _, port = word.partition(":")
    one = socket.socket(socket.AF_INET, kinds[kind])
    one.bind(("127.0.0.1", int(port)))
    made.append(one)
socket.send_fds(there, [b"x"], [one.fileno() for one in made])
"""
LARGEST = 65_536
# What a connection is for, by the path that its first request asks for. What TLS hides is none.
Flow = Literal["agent", "signalling", "media"]
FLOWS: Mapping[bytes, Flow] = {
    b"GET /calling/v1/agent": "agent",
    b"GET /calling/v1/media": "signalling",
}


class Island:
    """A network namespace from which a server's ports, and nothing else, can be reached.

    `pages`: the port of who serves pages of tests, which can be reached, too.
    """

    def __init__(self, ports: Ports, pages: int | None = None) -> None:
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        self._keeper = subprocess.Popen(
            ["unshare", "--net", *as_root, "sh", "-ec", SHORE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == b"ready\n", "no network namespace can be made"
        self._enter = ["nsenter", "--net", "--target", str(self._keeper.pid)]
        if as_root:
            self._enter += ["--user", "--preserve-credentials"]
        self._open = threading.Event()
        self._open.set()
        self._lost: frozenset[Flow] = frozenset()
        self._sockets: list[socket.socket] = []
        self._carried: dict[Flow, list[socket.socket]] = {"agent": [], "signalling": []}
        welcoming = [ports.https, ports.http, *([] if pages is None else [pages])]
        media, *listeners = self._bound(
            f"udp:{ports.media}", *(f"tcp:{port}" for port in welcoming)
        )
        for listener, port in zip(listeners, welcoming, strict=True):
            listener.listen()
            self._go(self._welcome, listener, port)
        self._go(self._out, media, ports.media)

    def command(self, program: str, folder: Path) -> str:
        """What starts a program there, as one file to execute."""
        file = folder / f"there-{self._keeper.pid}"
        file.write_text(f'#!/bin/sh\nexec {" ".join(self._enter)} "{program}" "$@"\n')
        file.chmod(0o755)
        return str(file)

    def cut(self) -> None:
        """From now on nothing gets through; nobody is told that anything was closed."""
        self._open.clear()
        self._there("sh", "-c", LINK_DOWN)

    def mend(self) -> None:
        """What TCP kept comes through late, as it does; datagrams are lost."""
        self._there("sh", "-c", LINK_UP)
        self._open.set()

    def lose(self, *flows: Flow) -> None:
        """From now on connections of these kinds are closed as soon as they are made."""
        self._lost = frozenset(flows)
        for flow in flows:
            for one in self._carried.get(flow, ()):
                _hang_up(one)

    def find(self) -> None:
        """What was lost may be had again."""
        self._lost = frozenset()

    def close(self) -> None:
        self._open.set()
        for one in self._sockets:
            # Wakes whoever waits there.
            _hang_up(one)
            one.close()
        self._keeper.communicate()

    @property
    def _media_passes(self) -> bool:
        return self._open.is_set() and "media" not in self._lost

    def _there(self, *command: str) -> None:
        subprocess.run([*self._enter, *command], check=True, timeout=10)

    def _bound(self, *wanted: str) -> Sequence[socket.socket]:
        ours, theirs = socket.socketpair()
        with contextlib.closing(ours), contextlib.closing(theirs):
            binding = [*self._enter, sys.executable, "-c", BIND, *wanted]
            subprocess.run(binding, stdin=theirs.fileno(), check=True, timeout=10)
            _, handles, _, _ = socket.recv_fds(ours, 1, len(wanted))
        made = [socket.socket(fileno=handle) for handle in handles]
        self._sockets += made
        return made

    def _go(self, work: object, *given: object) -> None:
        assert callable(work)

        def until_closed() -> None:
            with suppress(OSError, ValueError):
                work(*given)

        threading.Thread(target=until_closed, daemon=True).start()

    def _welcome(self, listener: socket.socket, port: int) -> None:
        while True:
            inside, _ = listener.accept()
            outside = socket.create_connection(("127.0.0.1", port))
            self._sockets += [inside, outside]
            self._go(self._carry, inside, outside)

    def _carry(self, inside: socket.socket, outside: socket.socket) -> None:
        first = inside.recv(LARGEST)
        for path, flow in FLOWS.items():
            if first.startswith(path):
                self._carried[flow] += [inside, outside]
                if flow in self._lost:
                    _hang_up(inside)
        self._go(self._pour, outside, inside)
        self._open.wait()
        outside.sendall(first)
        self._pour(inside, outside)

    def _pour(self, source: socket.socket, sink: socket.socket) -> None:
        while data := source.recv(LARGEST):
            self._open.wait()
            sink.sendall(data)
        self._open.wait()
        sink.shutdown(socket.SHUT_WR)

    def _out(self, inside: socket.socket, port: int) -> None:
        ways: dict[object, socket.socket] = {}
        while True:
            data, who = inside.recvfrom(LARGEST)
            if who is None:
                # So a closed one ends.
                return
            if who not in ways:
                ways[who] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                ways[who].connect(("127.0.0.1", port))
                self._sockets.append(ways[who])
                self._go(self._back, ways[who], inside, who)
            if self._media_passes:
                ways[who].send(data)

    def _back(self, outside: socket.socket, inside: socket.socket, who: tuple[str, int]) -> None:
        while True:
            data = outside.recv(LARGEST)
            if self._media_passes:
                inside.sendto(data, who)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError, ValueError):
        connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def island(ports: Ports, pages: int | None = None) -> Iterator[Island]:
    """Such a network for as long as the block lasts."""
    made = Island(ports, pages)
    try:
        yield made
    finally:
        made.close()
