"""Machines with networks of their own, and what lies between them: NAT, firewalls, bad lines."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Keeps a network namespace, until its input ends.
KEEP = "ip link set lo up; echo ready; exec cat"
# Makes a TUN device there, and hands it over to us.
DEVICE = """
import fcntl, os, socket, struct
handle = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(handle, 0x400454CA, struct.pack("16sH22x", b"out", 0x1001))
socket.send_fds(socket.socket(fileno=0), [b"x"], [handle])
"""
# Listens there, and hands the socket over.
LISTEN = """
import socket, sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
socket.send_fds(socket.socket(fileno=0), [b"x"], [listening.fileno()])
"""
LARGEST = 65_536
UP = """
    ip address add {address}/32 dev out
    ip link set out mtu 1500 up
    ip route replace default dev out src {address}
"""
MOVE = """
    ip link set out down
    ip address del {old}/32 dev out
    ip address add {fresh}/32 dev out
    ip link set out up
    ip route replace default dev out src {fresh}
"""
# Lets who is here in to a port there: the listening socket is of our network.
DOOR = """
import socket, sys, threading
door = socket.socket(fileno=0)
def pour(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass
while True:
    inside = door.accept()[0]
    outside = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    for pair in ((inside, outside), (outside, inside)):
        threading.Thread(target=pour, args=pair, daemon=True).start()
"""


class Machine:
    """A network namespace with one address, on a line of its own."""

    def __init__(self, address: str, *, public: str = "") -> None:
        """`public`: the address of the NAT that it is behind."""
        self.address = address
        self.public = public
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        self._keeper = subprocess.Popen(
            ["unshare", "--net", *as_root, "sh", "-ec", KEEP],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == b"ready\n", "no network namespace can be made"
        self.enter = ["nsenter", "--net", "--target", str(self._keeper.pid)]
        if as_root:
            self.enter += ["--user", "--preserve-credentials"]
        self.device = self._handed(DEVICE)
        self.run("sh", "-ec", UP.format(address=address))
        self._doors: list[subprocess.Popen[bytes]] = []
        self._listeners: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def command(self, program: str, folder: Path) -> str:
        """What starts a program there, as one file to execute."""
        file = folder / f"there-{self._keeper.pid}"
        file.write_text(f'#!/bin/sh\nexec {" ".join(self.enter)} "{program}" "$@"\n')
        file.chmod(0o755)
        return str(file)

    def run(self, *command: str) -> None:
        subprocess.run([*self.enter, *command], check=True, timeout=10)

    def door(self, port: int) -> int:
        """A port of ours that leads to a port of its loopback."""
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            self._doors.append(
                subprocess.Popen(
                    [*self.enter, sys.executable, "-c", DOOR, str(port)],
                    stdin=listening.fileno(),
                )
            )
            return int(listening.getsockname()[1])

    def bring(self, port: int) -> None:
        """Let its loopback have what ours has on a port."""
        listener = socket.socket(fileno=self._handed(LISTEN, str(port)))
        self._listeners.append(listener)

        def welcome() -> None:
            with suppress(OSError):
                while True:
                    inside, _ = listener.accept()
                    outside = socket.create_connection(("127.0.0.1", port))
                    self._start(_join, inside, outside)

        self._start(welcome)

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def move(self, address: str) -> None:
        """Lose the network, and have another with another address, as a telephone that leaves a house."""
        self.run("sh", "-ec", MOVE.format(fresh=address, old=self.address))
        self.address = address

    def close(self) -> None:
        for door in self._doors:
            door.kill()
            door.wait()
        for listener in self._listeners:
            # Wakes whoever waits there.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self._threads:
            thread.join(5)
        os.close(self.device)
        self._keeper.communicate()

    def _handed(self, script: str, *arguments: str) -> int:
        """The handle that a script hands over which runs there."""
        ours, theirs = socket.socketpair()
        with contextlib.closing(ours), contextlib.closing(theirs):
            making = [*self.enter, sys.executable, "-c", script, *arguments]
            subprocess.run(making, stdin=theirs.fileno(), check=True, timeout=10)
            _, handles, _, _ = socket.recv_fds(ours, 1, 1)
        return handles[0]


def _join(inside: socket.socket, outside: socket.socket) -> None:
    with inside, outside:
        back = threading.Thread(target=_pour, args=(outside, inside), daemon=True)
        back.start()
        _pour(inside, outside)
        back.join()


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(LARGEST):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


class Internet:
    """The lines between machines. Made by `internet`."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self._machines = list(machines)
        devices = [machine.device for machine in machines]
        self._router = subprocess.Popen(
            [sys.executable, "-m", "support.router", *map(str, devices)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            pass_fds=devices,
        )
        for machine in machines:
            self.change(machine, addresses=[machine.address], public=machine.public)

    def change(self, machine: Machine, **how: object) -> None:
        """Have a machine's line be different: see `support.router.Line`."""
        assert self._router.stdin is not None
        told = json.dumps([self._machines.index(machine), how])
        self._router.stdin.write(told.encode() + b"\n")
        self._router.stdin.flush()

    def move(self, machine: Machine, address: str) -> None:
        """The machine changes its network, and has another address."""
        self.change(machine, addresses=[address])
        machine.move(address)

    def close(self) -> None:
        self._router.communicate()


@contextmanager
def internet(*machines: Machine) -> Iterator[Internet]:
    """Machines that are connected for as long as the block lasts."""
    with ExitStack() as stack:
        for machine in machines:
            stack.callback(machine.close)
        made = Internet(machines)
        stack.callback(made.close)
        yield made
