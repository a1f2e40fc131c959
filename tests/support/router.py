"""The network between machines of tests: a process that carries packets between TUN devices, as told.

Each line of standard input is JSON: the number of a line (in the order of its devices on the command
line) and what has changed about it. What can be is `Line` below. Kernels of test machines often lack
what would do this in them (netem, nftables); this needs TUN devices alone.
"""

import heapq
import json
import os
import random
import select
import struct
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

LARGEST = 65_536
UDP, TCP = 17, 6
# Where a port's NAT begins to hand out ports.
FIRST_PORT = 20_000
# What waits for a narrow line: as a home router, which keeps a quarter of a second.
PATIENCE = 0.25


@dataclass(slots=True)
class Line:
    """How one machine is connected. Both ways alike, unless it says otherwise."""

    addresses: list[str] = field(default_factory=list)
    public: str = ""  # the address of its NAT, which maps anew for each peer
    loss: float = 0.0
    delay: float = 0.0  # seconds, each way
    jitter: float = 0.0
    reordered: float = 0.0  # the share of packets that come 20 ms later than those after them
    duplicated: float = 0.0
    kbit_down: float = 0.0
    # The ports that its firewall lets it send to; without one, to all.
    tcp_to: list[int] | None = None
    udp_to: list[int] | None = None
    down: bool = False
    until: float = 0.0  # when its narrow way is free again


Flow = tuple[int, bytes, int, bytes, int]


class Router:
    """Carries packets between the lines."""

    def __init__(self, devices: list[int]) -> None:
        self._lines = {device: Line() for device in devices}
        self._devices = devices
        self._due: list[tuple[float, int, int, bytes]] = []
        self._count = 0
        self._outwards: dict[Flow, int] = {}
        self._inwards: dict[tuple[int, int, bytes, int], Flow] = {}
        self._chance = random.Random(1)

    def change(self, told: str) -> None:
        number, changes = json.loads(told)
        line = self._lines[self._devices[number]]
        for name, value in changes.items():
            setattr(line, name, value)

    def wait(self) -> float | None:
        return None if not self._due else max(0.0, self._due[0][0] - time.monotonic())

    def deliver(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _, _, device, packet = heapq.heappop(self._due)
            # A machine that has no network now takes nothing.
            with suppress(OSError):
                os.write(device, packet)

    def take(self, source: int, packet: bytes) -> None:
        """A packet that came from a machine."""
        if packet[0] >> 4 != 4:
            return
        line = self._lines[source]
        if not self._passes(line, packet) or not _let_out(line, packet):
            return
        if line.public:
            packet = self._out(line, packet)
        target = self._inside(packet[16:20])
        if target is None:
            return
        there = self._lines[target]
        if there.public and ip_address(packet[16:20]) == ip_address(there.public):
            mapped = self._back(packet)
            if mapped is None:
                return
            packet = mapped
        if not self._passes(there, packet):
            return
        for _ in range(1 + (self._chance.random() < max(line.duplicated, there.duplicated))):
            self._send(line, there, target, packet=packet)

    def _send(self, line: Line, there: Line, target: int, *, packet: bytes) -> None:
        now = time.monotonic()
        if there.kbit_down:
            if there.until - now > PATIENCE:
                return
            there.until = max(now, there.until) + len(packet) * 8 / (there.kbit_down * 1000)
            now = there.until
        for one in (line, there):
            now += max(0.0, one.delay + self._chance.uniform(-one.jitter, one.jitter))
            if self._chance.random() < one.reordered:
                now += 0.02
        self._count += 1
        heapq.heappush(self._due, (now, self._count, target, packet))

    def _passes(self, line: Line, packet: bytes) -> bool:
        return not line.down and not self._chance.random() < line.loss

    def _inside(self, address: bytes) -> int | None:
        named = str(ip_address(address))
        for device, line in self._lines.items():
            if named == line.public or (not line.public and named in line.addresses):
                return device
        return None

    def _out(self, line: Line, packet: bytes) -> bytes:
        source, target = _ports(packet)
        public = ip_address(line.public).packed
        flow: Flow = (packet[9], packet[12:16], source, packet[16:20], target)
        if flow not in self._outwards:
            port = FIRST_PORT + len(self._outwards)
            self._outwards[flow] = port
            self._inwards[packet[9], port, packet[16:20], target] = flow
        return _rewritten(packet, 12, public, port=self._outwards[flow])

    def _back(self, packet: bytes) -> bytes | None:
        source, target = _ports(packet)
        flow = self._inwards.get((packet[9], target, packet[12:16], source))
        return None if flow is None else _rewritten(packet, 16, flow[1], port=flow[2])


def _let_out(line: Line, packet: bytes) -> bool:
    let = {TCP: line.tcp_to, UDP: line.udp_to}.get(packet[9])
    return let is None or _ports(packet)[1] in let


def _ports(packet: bytes) -> tuple[int, int]:
    at = (packet[0] & 15) * 4
    source, target = struct.unpack("!HH", packet[at : at + 4])
    return source, target


def _rewritten(packet: bytes, at: int, address: bytes, *, port: int) -> bytes:
    """With another source (12) or destination (16), and sums that are right again."""
    made = bytearray(packet)
    body = (packet[0] & 15) * 4
    port_at = body if at == 12 else body + 2
    old = bytes(made[at : at + 4]), bytes(made[port_at : port_at + 2])
    fresh = address, struct.pack("!H", port)
    made[at : at + 4], made[port_at : port_at + 2] = fresh
    _mend(made, 10, old[0], fresh=fresh[0])
    if packet[9] == TCP:
        _mend(made, body + 16, old[0] + old[1], fresh=fresh[0] + fresh[1])
    elif made[body + 6 : body + 8] != b"\0\0":
        _mend(made, body + 6, old[0] + old[1], fresh=fresh[0] + fresh[1])
    return bytes(made)


def _mend(packet: bytearray, at: int, old: bytes, *, fresh: bytes) -> None:
    """RFC 1624: the sum after some of what it covers has changed."""
    total = 0xFFFF & ~int.from_bytes(packet[at : at + 2], "big")
    for index in range(0, len(old), 2):
        total += 0xFFFF & ~int.from_bytes(old[index : index + 2], "big")
        total += int.from_bytes(fresh[index : index + 2], "big")
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    packet[at : at + 2] = (0xFFFF & ~total).to_bytes(2, "big")


def main() -> None:
    devices = [int(one) for one in sys.argv[1:]]
    router = Router(devices)
    told = sys.stdin.fileno()
    rest = b""
    while True:
        ready, _, _ = select.select([told, *devices], [], [], router.wait())
        for handle in ready:
            data = os.read(handle, LARGEST)
            if handle != told:
                router.take(handle, data)
                continue
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                router.change(line.decode())
        router.deliver()


if __name__ == "__main__":
    main()
