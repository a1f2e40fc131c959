"""Who of all WebSockets is still there: one look at them again and again, and a ping for who is not heard.

Whatever a peer sends shows that it is there, so who says something all the time is never pinged. A
timer for each connection, and a ping and its answer for each, cost a full room more than its talk.
"""

import asyncio
from typing import Protocol

from openrooms.http.limits import Limits
from openrooms.kernel.clock import monotonic

# Looks in the time after which a silent peer is pinged: so much more exact than that time they are.
LOOKS = 10


class Peer(Protocol):
    """One connection, and the moments, in monotonic seconds, of what came last and of a ping since then."""

    heard: float
    pinged: float | None

    def ping(self) -> None:
        """Ask for a sign of life."""

    def give_up(self) -> None:
        """End the connection: nobody is there any more."""


class Heartbeats:
    """Pings who was not heard for `ping_seconds`, and gives up who does not answer within `pong_seconds`.

    Time in which this process stood still counts against nobody: an answer is waited for from the ping on.
    """

    def __init__(self, limits: Limits) -> None:
        self._every = limits.ping_seconds / LOOKS
        self._ping_after = limits.ping_seconds
        # The ping came up to a look late, and by the next look it would be more.
        self._give_up_after = limits.pong_seconds - 2 * self._every
        self._peers: set[Peer] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, peer: Peer) -> None:
        """Watch a connection from now on."""
        peer.heard, peer.pinged = monotonic(), None
        self._peers.add(peer)
        if self._timer is None:
            self._start()

    def discard(self, peer: Peer) -> None:
        """Watch it no longer. Harmless when it was not watched."""
        self._peers.discard(peer)
        if not self._peers and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._every, self._look)

    def _look(self) -> None:
        self._start()
        now = monotonic()
        silent_since = now - self._ping_after
        for peer in [one for one in self._peers if one.heard <= silent_since]:
            if peer.pinged is None:
                peer.pinged = now
                peer.ping()
            elif peer.pinged <= now - self._give_up_after:
                self.discard(peer)
                peer.give_up()
