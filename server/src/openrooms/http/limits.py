"""How much of anything a connection may send, and how long it may take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from openrooms.http.addresses import Networks
from openrooms.http.bodies import LARGEST_BODY

LOOPBACK_NETWORKS = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one listener. Sizes in bytes, times in seconds."""

    # Connections in all; and of one address, or IPv6 network, unless it is in a free one.
    connections: int = 10_000
    connections_alike: int = 2048
    free_networks: Networks = LOOPBACK_NETWORKS
    # Who may say for whom he speaks.
    trusted_proxies: Networks = ()
    handshake_seconds: float = 8
    target: int = 16 * 1024
    # A browser without compression puts 25 KB of WebRTC offer into the gate's target.
    long_target: int = 64 * 1024
    long_target_prefix: bytes = b"/calling/"
    header: int = 16 * 1024
    # The WebSocket handshake's reader takes lines of 8 KiB.
    upgrade_header: int = 8_000
    headers: int = 32 * 1024
    header_count: int = 100
    body: int = LARGEST_BODY
    pipelined: int = 16
    # The request line and the headers, from the first byte or the connection on.
    head_seconds: float = 8
    # A body that pauses, and a body altogether.
    pause_seconds: float = 8
    # Who is refused then has heard it, and is cut, within 30 s.
    body_seconds: float = 28
    # An answer that is not read.
    stall_seconds: float = 30
    # Between two requests. Short times make clients run into connections that close under them.
    keep_alive_seconds: int = 75
    # How long a refused client may go on sending, so that it gets to read the refusal.
    linger_seconds: float = 1
    # WebSocket messages, by the start of the path.
    message: int = 2 * 1024 * 1024
    messages: Mapping[bytes, int] = field(default_factory=dict)
    ping_seconds: float = 10
    pong_seconds: float = 10

    def target_limit(self, target: bytes) -> int:
        return self.long_target if target.startswith(self.long_target_prefix) else self.target

    def header_limit(self, *, upgrades: bool) -> int:
        """The largest header of a request."""
        return self.upgrade_header if upgrades else self.header

    def message_limit(self, target: bytes) -> int:
        """The largest WebSocket message on a path."""
        fitting = (most for start, most in self.messages.items() if target.startswith(start))
        return next(fitting, self.message)
