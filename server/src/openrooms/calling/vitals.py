"""How long a leg that has gone quiet is waited for. Values and one rule, no I/O.

| what is seen | ends after | code |
|---|---|---|
| the client left the media itself, and no agent socket | at once | 0/0 |
| the client left the media itself and does not open the gate again | 3 s | 0/0 |
| the same, opens the gate, but no media comes | 20 s | 0/0 |
| both sockets closed by the peer and no media, or none heard | 20 s | 0/4521 |
| agent socket gone, media up | 60 s | 0/4521 |
| never any media, without the time for which the gate kept it waiting | 20 s | 410/301004 |
| no media, anything else | 120 s from the last of it | 410/301005 |

Moments are monotonic seconds of this process: time in which no process served counts for nobody.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from openrooms.calling.model import HUNG_UP, MEDIA_LOST, NEVER_CONNECTED, VANISHED, EndReason
from openrooms.media.engine import Heard

# livekit-client says "leave" also when it starts a session anew; a hang-up stays away.
REJOIN_SECONDS = 3.0
# Others see it within 20 s: legs are looked at twice a second.
CLOSED_SECONDS = 19.0
NO_AGENT_SECONDS = 60.0
NEVER_SECONDS = 20.0
SILENT_SECONDS = 120.0
# When media ends that is younger, the engine may not know its sender yet: it never judges worse than
# that it hears him badly.
YOUNG_SECONDS = 10.0


class Link(StrEnum):
    """A socket of the leg: open, closed by the peer, or lost without a word."""

    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"


class Media(StrEnum):
    """The leg's media at the engine."""

    NEVER = "never"
    UP = "up"
    GONE = "gone"
    LEFT = "left"  # gone because the client said so


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is seen of one live leg, and since when."""

    agent: Link
    agent_since: float
    gate: Link
    gate_since: float
    media: Media
    media_since: float
    # The engine hears nothing of its media, and waits.
    unheard: bool = False
    # Since when the gate keeps it waiting, for the engine is away or has too much to do.
    held_since: float | None = None

    def with_agent(self, link: Link, at: float) -> "Vitals":
        if link is self.agent:
            return self
        return replace(self, agent=link, agent_since=at, unheard=self._still_unheard(link))

    def with_gate(self, link: Link, at: float) -> "Vitals":
        if link is self.gate:
            return self
        return replace(self, gate=link, gate_since=at, unheard=self._still_unheard(link))

    def _still_unheard(self, link: Link) -> bool:
        return self.unheard and link is not Link.OPEN

    @property
    def is_closed(self) -> bool:
        """Whether the client has closed everything."""
        return self.agent is Link.CLOSED and self.gate is Link.CLOSED

    @property
    def is_doubtful(self) -> bool:
        """Whether no socket is left, and the engine still has the media: it alone can tell."""
        return Link.OPEN not in (self.agent, self.gate) and self.media is Media.UP

    @property
    def is_away(self) -> bool:
        """Whether there is reason to believe that it is gone, and it may come back."""
        if self.media is Media.UP:
            return self.is_doubtful and (self.is_closed or self.unheard)
        return self.media is not Media.NEVER

    def with_heard(self, heard: Heard) -> "Vitals":
        """The engine's judgement, while it alone can tell."""
        young = max(self.agent_since, self.gate_since) - self.media_since < YOUNG_SECONDS
        silent = heard is Heard.NOTHING or (heard is Heard.BADLY and young)
        return replace(self, unheard=silent)

    def anew(self, at: float) -> "Vitals":
        """The same, as if it had begun now."""
        held = None if self.held_since is None else at
        return replace(self, agent_since=at, gate_since=at, media_since=at, held_since=held)

    def with_media(self, media: Media, at: float) -> "Vitals":
        if media is self.media or (media is Media.GONE and self.media in (Media.NEVER, Media.LEFT)):
            return self
        return replace(self, media=media, media_since=at, unheard=False)

    def held(self, at: float) -> "Vitals":
        """The gate keeps it waiting from now on."""
        return replace(self, held_since=at)

    def let_go(self, at: float) -> "Vitals":
        """It need not wait any more: that was not its own time, if no media was there yet."""
        if self.held_since is None or self.media is not Media.NEVER:
            return replace(self, held_since=None)
        kept = at - self.held_since
        return replace(self, held_since=None, media_since=self.media_since + kept)


def unseen(at: float, *, had_media: bool) -> Vitals:
    """A leg of which this process has seen nothing yet."""
    media = Media.GONE if had_media else Media.NEVER
    return Vitals(Link.LOST, at, Link.LOST, at, media, at)


def limit(vitals: Vitals) -> tuple[float, EndReason] | None:
    """The moment at which the leg ends if nothing more is seen of it, and how; None: it is well."""
    match vitals.media:
        case Media.UP:
            if vitals.agent is Link.OPEN:
                return None
            if vitals.is_closed and vitals.unheard:
                return max(vitals.agent_since, vitals.gate_since) + CLOSED_SECONDS, VANISHED
            return vitals.agent_since + NO_AGENT_SECONDS, VANISHED
        case Media.NEVER:
            if vitals.held_since is not None:
                return None
            return vitals.media_since + NEVER_SECONDS, NEVER_CONNECTED
        case Media.LEFT:
            if vitals.agent is not Link.OPEN:
                return vitals.media_since, HUNG_UP
            if vitals.gate is Link.OPEN:
                return vitals.media_since + NEVER_SECONDS, HUNG_UP
            return max(vitals.media_since, vitals.gate_since) + REJOIN_SECONDS, HUNG_UP
        case Media.GONE:
            if vitals.is_closed:
                return max(vitals.agent_since, vitals.gate_since) + CLOSED_SECONDS, VANISHED
            return vitals.media_since + SILENT_SECONDS, MEDIA_LOST
