"""Engine tokens: minted for one connection or one call of its API, good for a minute.

They never leave this machine: browsers hold tickets, and the gate lets no engine token through.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import MappingProxyType

import jwt

from openrooms.kernel.clock import Clock
from openrooms.media.engine import Seat, Source

SECONDS = 60


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The engine's API key and its secret, of at least 32 characters."""

    key: str
    secret: str = field(repr=False)


class Minter:
    """Mints tokens that the engine accepts, also when its clock is ahead of ours.

    No `nbf`: a clock of ours that is ahead would make every token one of the future.
    """

    def __init__(self, keys: KeyPair, clock: Clock) -> None:
        self._keys = keys
        self._clock = clock
        self._ahead = 0.0

    def learn(self, date: str | None) -> None:
        """Take note of the `Date` of an answer of the engine, for as far as its clock is ahead."""
        try:
            told = parsedate_to_datetime(date or "")
            self._ahead = max(0.0, told.timestamp() - self._clock().timestamp())
        except (ValueError, OverflowError):
            return

    def join(self, seat: Seat) -> str:
        """For one participant's connection: exactly the grants, in exactly the room."""
        video = {
            "roomJoin": True,
            "room": seat.room,
            # An empty list of sources means all of them to the engine, so this must say no.
            "canPublish": bool(seat.grants.sources),
            "canPublishSources": [one.value for one in ordered(seat.grants.sources)],
            "canSubscribe": seat.grants.subscribe,
            "canPublishData": False,
            "canUpdateOwnMetadata": False,
        }
        claims = {"sub": seat.identity, "name": seat.name, "attributes": dict(seat.attributes)}
        return self._sign(claims | {"video": video})

    def create_rooms(self) -> str:
        """For making and deleting rooms; the engine knows no narrower right for it."""
        return self._sign({"video": {"roomCreate": True}})

    def list_rooms(self) -> str:
        return self._sign({"video": {"roomList": True}})

    def keep_room(self, room: str) -> str:
        """For listing, permitting and removing participants of this one room."""
        return self._sign({"video": {"roomAdmin": True, "room": room}})

    def _sign(self, claims: Mapping[str, object]) -> str:
        ends = self._clock().timestamp() + self._ahead + SECONDS
        whole = {"iss": self._keys.key, "exp": int(ends), **claims}
        return jwt.encode(whole, self._keys.secret, algorithm="HS256")


_ORDER: Mapping[Source, int] = MappingProxyType({one: at for at, one in enumerate(Source)})


def ordered(sources: Iterable[Source]) -> list[Source]:
    """Always the same order: the engine takes another one for a change of the grants."""
    return sorted(sources, key=_ORDER.__getitem__)
