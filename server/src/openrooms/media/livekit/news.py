"""What of all that the engine tells of speakers is news to a client.

The engine tells each 400 ms how loud everybody is who speaks, as far as that has changed by an eighth,
to all who receive him. Of this a client needs who speaks, at once; who is the loudest of them, it may
learn a little later. In a full room that is most of what is told at all.
"""

from functools import lru_cache

from livekit.protocol import rtc

from openrooms.kernel.clock import Monotonic, monotonic
from openrooms.media.livekit.frames import tag

# Who speaks on is told of that often.
LOUDNESS_SECONDS = 5.0

_SPEAKERS = tag(rtc.SignalResponse, "speakers_changed")


class News:
    """What one client knows of who speaks."""

    __slots__ = ("_now", "_speaking", "_told")

    def __init__(self, now: Monotonic = monotonic) -> None:
        self._now = now
        self._speaking: frozenset[str] = frozenset()
        self._told = now()

    def has(self, message: bytes) -> bool:
        """Whether this is to be passed on to the client, who knows it then."""
        if not message or message[0] != _SPEAKERS:
            return True
        active, silent = _heard(message)
        now = self._now()
        is_same = active <= self._speaking and self._speaking.isdisjoint(silent)
        if is_same and now - self._told < LOUDNESS_SECONDS:
            return False
        self._speaking, self._told = (self._speaking | active) - silent, now
        return True


# All who receive the same people are told the same.
@lru_cache(maxsize=64)
def _heard(message: bytes) -> tuple[frozenset[str], frozenset[str]]:
    """Who speaks, and who does not any more."""
    told = rtc.SignalResponse.FromString(message).speakers_changed.speakers
    active = frozenset(one.sid for one in told if one.active)
    return active, frozenset(one.sid for one in told if not one.active)
