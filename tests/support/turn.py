"""A TURN client (RFC 8656) that says what it is told to say, true or not."""

import hashlib
import hmac
import os
import socket
import ssl
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_address

COOKIE = 0x2112A442
REQUEST, INDICATION = 0x000, 0x010
BINDING = 0x001
ALLOCATE, REFRESH, SEND, PERMIT, BIND, CONNECT = 0x003, 0x004, 0x006, 0x008, 0x009, 0x00A
USERNAME, INTEGRITY, ERROR, CHANNEL, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000C, 0x000D
PEER, DATA, REALM, NONCE, RELAYED = 0x0012, 0x0013, 0x0014, 0x0015, 0x0016
FAMILY, EVEN_PORT, TRANSPORT, FINGERPRINT = 0x0017, 0x0018, 0x0019, 0x8028
UDP, TCP = 17, 6
HEAD = 20
ANSWERED_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said: 0, or the code of an error; and the attributes with it."""

    code: int
    attributes: Mapping[int, bytes]


@dataclass(slots=True)
class TurnClient:
    """One socket towards a TURN server, in UDP or, with `tls`, in TLS."""

    server: tuple[str, int]
    user: str = ""
    password: str = ""
    tls: ssl.SSLContext | None = None
    realm: bytes = b""
    nonce: bytes = b""
    line: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        if self.tls is None:
            self.line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.line.connect(self.server)
        else:
            raw = socket.create_connection(self.server, timeout=ANSWERED_WITHIN)
            self.line = self.tls.wrap_socket(raw, server_hostname="localhost")
        self.line.settimeout(ANSWERED_WITHIN)

    def close(self) -> None:
        """Go, and give back what was allocated: the next one may have the same port. Twice is harmless."""
        if self.line.fileno() < 0:
            return
        if self.tls is None and self.nonce:
            self._say(REFRESH, {LIFETIME: bytes(4)}, None)
        self.line.close()

    def allocate(self, *, transport: int = UDP, more: Mapping[int, bytes] | None = None) -> Answer:
        return self.ask(ALLOCATE, {TRANSPORT: bytes([transport, 0, 0, 0])} | dict(more or {}))

    def permit(self, address: str, port: int = 0) -> Answer:
        return self.ask(PERMIT, {}, peer=(address, port))

    def bind(self, address: str, port: int, number: int = 0x4000) -> Answer:
        return self.ask(BIND, {CHANNEL: struct.pack("!HH", number, 0)}, peer=(address, port))

    def connect(self, address: str, port: int) -> Answer:
        return self.ask(CONNECT, {}, peer=(address, port))

    def send(self, address: str, port: int, data: bytes) -> None:
        """Have the server send something to a peer."""
        number = os.urandom(12)
        told = {PEER: peer_of(address, port, number), DATA: data}
        self.line.send(_message(SEND | INDICATION, number, told))

    def hear(self, *, within: float = 0.5) -> bytes | None:
        """What a peer sent; None when nothing came."""
        self.line.settimeout(within)
        with suppress(TimeoutError):
            while True:
                read = self._read()
                if DATA in read:
                    return read[DATA]
        self.line.settimeout(ANSWERED_WITHIN)
        return None

    def ask(
        self, method: int, told: Mapping[int, bytes], *, peer: tuple[str, int] | None = None
    ) -> Answer:
        """Ask; once more with what the server wants proofs to be made of."""
        answer = self._ask(method, told, peer)
        if answer.code in {401, 438} and NONCE in answer.attributes and self.user:
            fresh = answer.attributes[NONCE] != self.nonce
            self.realm, self.nonce = answer.attributes[REALM], answer.attributes[NONCE]
            if fresh:
                return self._ask(method, told, peer)
        return answer

    def _say(self, method: int, told: Mapping[int, bytes], peer: tuple[str, int] | None) -> bytes:
        """Send a request; gives its number."""
        number = os.urandom(12)
        whole = dict(told)
        if peer is not None:
            whole[PEER] = peer_of(*peer, number)
        key = b""
        if self.nonce:
            whole |= {USERNAME: self.user.encode(), REALM: self.realm, NONCE: self.nonce}
            named = f"{self.user}:{self.realm.decode()}:{self.password}"
            key = hashlib.md5(named.encode(), usedforsecurity=False).digest()
        self.line.send(_message(method | REQUEST, number, whole, key=key))
        return number

    def _ask(self, method: int, told: Mapping[int, bytes], peer: tuple[str, int] | None) -> Answer:
        number = self._say(method, told, peer)
        while True:
            kind, got, read = self._message()
            if got == number:
                refused = read.get(ERROR)
                code = 0 if refused is None else refused[2] * 100 + refused[3]
                assert (kind & 0x110 == 0x110) == (code != 0)
                return Answer(code, read)

    def _read(self) -> Mapping[int, bytes]:
        return self._message()[2]

    def _message(self) -> tuple[int, bytes, Mapping[int, bytes]]:
        data = self._whole()
        kind, size, _, number = struct.unpack("!HHI12s", data[:HEAD])
        read, at = {}, HEAD
        while at < HEAD + size:
            name, length = struct.unpack("!HH", data[at : at + 4])
            read[name] = data[at + 4 : at + 4 + length]
            at += 4 + length + -length % 4
        return kind, number, read

    def _whole(self) -> bytes:
        if self.tls is None:
            return self.line.recv(65_536)
        data = self._exactly(HEAD)
        return data + self._exactly(struct.unpack("!H", data[2:4])[0])

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            got = self.line.recv(size - len(data))
            if not got:
                raise EOFError("the server closed the connection")
            data += got
        return data


def peer_of(address: str, port: int, number: bytes) -> bytes:
    """XOR-PEER-ADDRESS."""
    packed = ip_address(address).packed
    mask = struct.pack("!I", COOKIE) + number
    mixed = bytes(one ^ other for one, other in zip(packed, mask, strict=False))
    return struct.pack("!BBH", 0, 1 if len(packed) == 4 else 2, port ^ (COOKIE >> 16)) + mixed


def relayed_port(answer: Answer) -> int:
    """The port of the relayed address that was allocated."""
    return int(struct.unpack("!H", answer.attributes[RELAYED][2:4])[0]) ^ (COOKIE >> 16)


def _message(kind: int, number: bytes, told: Mapping[int, bytes], *, key: bytes = b"") -> bytes:
    body = b"".join(_attribute(name, value) for name, value in told.items())
    if key:
        body += _attribute(INTEGRITY, _sealed(kind, number, body, key=key))
    head = struct.pack("!HHI12s", kind, len(body) + 8, COOKIE, number)
    mark = zlib.crc32(head + body) ^ 0x5354554E
    return head + body + _attribute(FINGERPRINT, struct.pack("!I", mark))


def _sealed(kind: int, number: bytes, body: bytes, *, key: bytes) -> bytes:
    head = struct.pack("!HHI12s", kind, len(body) + 24, COOKIE, number)
    return hmac.new(key, head + body, hashlib.sha1).digest()


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("!HH", name, len(value)) + value + bytes(-len(value) % 4)
