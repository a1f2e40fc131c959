"""The ways to the engine's media: which ports, and what of them browsers are told."""

import base64
import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_address

# For how long a browser may begin to use what it is told. What it uses by then, it may go on using.
CREDENTIAL_LIFE = timedelta(minutes=5)


def at(address: str, port: int) -> str:
    """Address and port in one, as URLs have them."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How browsers reach the engine's media. A port that is 0 is none.

    `address` is an IP address, with `media_port` in UDP and `tcp_port` in TCP (ICE). The relay (TURN)
    listens on `turn_port` in UDP and on `turn_tls_port` in TLS, where browsers find it at
    `turn_tls_told`, "name:port".
    """

    address: str = "127.0.0.1"
    media_port: int = 0
    tcp_port: int = 0
    turn_port: int = 0
    turn_tls_port: int = 0
    turn_tls_told: str = ""

    @property
    def has_relay(self) -> bool:
        return bool(self.turn_port or self.turn_tls_port)

    @property
    def relay_urls(self) -> list[str]:
        """Where browsers find the relay."""
        urls = []
        if self.turn_port:
            urls.append(f"turn:{at(self.address, self.turn_port)}?transport=udp")
        if self.turn_tls_port:
            urls.append(f"turns:{self.turn_tls_told}?transport=tcp")
        return urls

    def within_reach(self) -> "Ways":
        """The same, of a machine that others can reach; on loopback there is UDP alone."""
        if not ip_address(self.address).is_loopback:
            return self
        return replace(self, tcp_port=0, turn_port=0, turn_tls_port=0)


def relay_secret(engine_secret: str) -> str:
    """What credentials for the relay are made of: nothing that leads back to the engine's own."""
    return hmac.new(engine_secret.encode(), b"relay", hashlib.sha256).hexdigest()


def relay_credential(secret: str, holder: str, now: datetime) -> tuple[str, str]:
    """A user name and its password for the relay. The holder's own name is in neither."""
    whose = hashlib.sha256(holder.encode()).hexdigest()[:32]
    user = f"{int((now + CREDENTIAL_LIFE).timestamp())}:{whose}"
    password = hmac.new(secret.encode(), user.encode(), hashlib.sha256).digest()
    return user, base64.b64encode(password).decode()
