"""Valid requests whose bytes are changed: what no HTTP library would ever send."""

import re
import socket
from dataclasses import dataclass

from hypothesis import strategies as st

from support.fuzz.watching import ANSWERED_WITHIN, Watch
from support.inputs.rows import get, patch, post

STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")
# What parsers trip over.
TRAPS = (
    *(b"\r\n", b"\n", b"\r", b"\0", b"\t", b" ", b":", b";", b",", b"%", b"%00", b"\xff", b"\x80"),
    *(b"chunked", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 0\r\n", b"Host: x\r\n"),
    *(
        b"Content-Length: 99999999999999999999\r\n",
        b"Expect: 100-continue\r\n",
        b"Upgrade: websocket\r\n",
    ),
    *(
        b"Connection: Upgrade, HTTP2-Settings\r\n",
        b"HTTP/0.9",
        b"HTTP/2.0",
        b"GET / HTTP/1.1\r\n\r\n",
    ),
    *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b"\x16\x03\x01"),
)
REQUESTS = (
    get("/rooms/<room>"),
    get("/rooms?nextLink=<page>"),
    post("/rooms", {"participants": {"<user>": {"role": "Attendee"}}}),
    patch("/rooms/<room>/participants", "{}"),
    post("/identities", {"createTokenWithScopes": ["voip"]}),
)


@dataclass(frozen=True, slots=True)
class Mutation:
    """One change: some bytes at a place, which is a share of the whole, become others."""

    place: float
    drops: int
    puts: bytes

    def apply(self, octets: bytes) -> bytes:
        at = int(self.place * len(octets))
        return octets[:at] + self.puts + octets[at + self.drops :]


@dataclass(frozen=True, slots=True)
class Mutated:
    """A valid request, what is changed in it, and where it is sent."""

    request: int
    door: str
    mutations: tuple[Mutation, ...]
    pieces: int


MUTATIONS = st.builds(
    Mutation,
    place=st.floats(0, 1, exclude_max=True),
    drops=st.integers(0, 3) | st.integers(0, 400),
    puts=st.sampled_from(TRAPS) | st.binary(max_size=4) | st.binary(max_size=300) | st.just(b""),
)
MUTATED = st.builds(
    Mutated,
    request=st.integers(0, len(REQUESTS) - 1),
    door=st.sampled_from(["plain", "plain", "tls"]),
    mutations=st.lists(MUTATIONS, min_size=1, max_size=4).map(tuple),
    pieces=st.integers(1, 3),
)


def hold(watch: Watch, one: Mutated) -> None:
    """Send it, say that no more comes, and hold the server to an answer or an end."""
    house = watch.house
    octets = house.bytes_of(REQUESTS[one.request], one.door)
    for mutation in one.mutations:
        octets = mutation.apply(octets)
    before = watch.fingerprint()
    said, ended = _sent(watch, octets, one)
    if not ended:
        # A busy machine is late once.
        said, ended = _sent(watch, octets, one)
    if not ended:
        watch.hung(repr(octets))
    watch.judge([int(status) for status in STATUS.findall(said)], before, octets)


def _sent(watch: Watch, octets: bytes, one: Mutated) -> tuple[bytes, bool]:
    with watch.house.doors.open(one.door) as channel:
        channel.settimeout(ANSWERED_WITHIN)
        return _exchange(channel, octets, one)


def _exchange(channel: socket.socket, octets: bytes, one: Mutated) -> tuple[bytes, bool]:
    """What came back, and whether the server ended it, or answered where it cannot see our end."""
    said = b""
    size = max(1, len(octets) // one.pieces + 1)
    try:
        for at in range(0, len(octets), size):
            channel.sendall(octets[at : at + size])
        if one.door == "plain":
            channel.shutdown(socket.SHUT_WR)
        else:
            # TLS has no half-close: whoever waits for the rest of a request waits rightly.
            channel.settimeout(0.05)
        while part := channel.recv(65536):
            said += part
    except TimeoutError:
        return said, one.door == "tls"
    except OSError:
        pass
    return said, True
