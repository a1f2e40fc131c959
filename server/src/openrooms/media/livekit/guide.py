"""What browsers are told of the ways to the engine's media."""

from dataclasses import dataclass
from ipaddress import ip_address

from livekit.protocol import rtc

from openrooms.kernel.clock import Clock
from openrooms.media.livekit.descriptions import Address
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.ways import Ways, relay_credential, relay_secret


@dataclass(frozen=True, slots=True)
class Guide:
    """Tells each connection of our relay, with a credential of its own, and of nobody else's servers."""

    ways: Ways | None
    keys: KeyPair
    clock: Clock

    @property
    def own(self) -> Address | None:
        """The address of the engine's media, to which browsers may point although it be loopback."""
        return None if self.ways is None else ip_address(self.ways.address)

    def servers(self, holder: str) -> list[rtc.ICEServer]:
        """What `holder` may ask for a way."""
        if self.ways is None or not self.ways.has_relay:
            return []
        secret = relay_secret(self.keys.secret)
        user, password = relay_credential(secret, holder, self.clock())
        return [rtc.ICEServer(urls=self.ways.relay_urls, username=user, credential=password)]
