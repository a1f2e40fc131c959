"""What this process sees of every live leg: its sockets and its media. In memory, disposable."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from openrooms.calling.model import EndReason, Leg
from openrooms.calling.vitals import Link, Media, Vitals, limit, unseen
from openrooms.kernel.clock import Monotonic
from openrooms.media.engine import Heard

CONNECTING = "connecting"
CONNECTED = "connected"
HOLD = "hold"
RECONNECTING = "reconnecting"


@dataclass(slots=True)
class Watch:
    """One leg under watch. `connection` names its present stay at the engine.

    `held`: how many of its connections the gate keeps waiting.
    """

    call_id: str
    vitals: Vitals
    connection: str = ""
    held: int = 0


class Watches:
    """Notes what is seen and says which legs have been quiet for too long."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._changed: Callable[[str], None] = _nobody
        self._watches: dict[str, Watch] = {}
        self._doubtful: set[str] = set()
        # Those that end if nothing more is seen of them.
        self._quiet: set[str] = set()

    def report_to(self, changed: Callable[[str], None]) -> None:
        """Call `changed` with the call id whenever a leg of it looks different to others."""
        self._changed = changed

    def begin(self, leg: Leg) -> None:
        """Watch a leg from now on; nothing happens when it is watched already."""
        if leg.id not in self._watches:
            vitals = unseen(self._monotonic(), had_media=leg.connected)
            self._watches[leg.id] = Watch(leg.call_id, vitals)
            self._keep(leg.id, vitals)
            self._changed(leg.call_id)

    def forget(self, leg_id: str) -> None:
        watch = self._watches.pop(leg_id, None)
        self._doubtful.discard(leg_id)
        self._quiet.discard(leg_id)
        if watch is not None:
            self._changed(watch.call_id)

    def agent(self, leg_id: str, link: Link) -> None:
        self._note(leg_id, lambda vitals, at: vitals.with_agent(link, at))

    def agent_missing(self, leg_id: str) -> None:
        """No agent of this leg is connected here, however that came."""
        watch = self._watches.get(leg_id)
        if watch is not None and watch.vitals.agent is Link.OPEN:
            self.agent(leg_id, Link.LOST)

    def gate(self, leg_id: str, link: Link) -> None:
        self._note(leg_id, lambda vitals, at: vitals.with_gate(link, at))

    @contextmanager
    def held(self, leg_id: str) -> Iterator[None]:
        """The gate keeps the leg waiting for as long as the block lasts."""
        watch = self._watches.get(leg_id)
        if watch is None:
            yield
            return
        watch.held += 1
        if watch.held == 1:
            self._keep(leg_id, watch.vitals.held(self._monotonic()))
        try:
            yield
        finally:
            watch.held -= 1
            if not watch.held and self._watches.get(leg_id) is watch:
                self._keep(leg_id, watch.vitals.let_go(self._monotonic()))

    def joined(self, leg_id: str, connection: str) -> None:
        """The engine has the leg's media."""
        watch = self._watches.get(leg_id)
        if watch is not None:
            watch.connection = connection
            self._note(leg_id, lambda vitals, at: vitals.with_media(Media.UP, at))

    def left(self, leg_id: str, connection: str, *, hung_up: bool, silent_for: float = 0.0) -> None:
        """A stay at the engine is over. One that is not the leg's present stay changes nothing.

        `silent_for`: the seconds for which nothing had come from it by then.
        """
        watch = self._watches.get(leg_id)
        if watch is not None and connection == watch.connection:
            media = Media.LEFT if hung_up else Media.GONE
            self._note(leg_id, lambda vitals, at: vitals.with_media(media, at - silent_for))

    @property
    def doubts(self) -> bool:
        """Whether it matters now what the engine hears of somebody's media."""
        return bool(self._doubtful)

    def hear(self, judged: Mapping[str, Heard]) -> None:
        """The engine says how much it hears of stays."""
        for leg_id in list(self._doubtful):
            watch = self._watches.get(leg_id)
            heard = None if watch is None else judged.get(watch.connection)
            if heard is not None:
                self._judge(leg_id, heard)

    def missing(self, leg_id: str) -> None:
        """The engine does not know the leg now, for whatever reason."""
        self._note(leg_id, lambda vitals, at: vitals.with_media(Media.GONE, at))

    def engine_gone(self) -> None:
        """The engine is dead: nobody has media."""
        for leg_id in list(self._watches):
            self.missing(leg_id)

    def begin_anew(self) -> None:
        """Nobody could be heard for a while: who is quiet has all of his time again."""
        at = self._monotonic()
        for leg_id, watch in self._watches.items():
            self._keep(leg_id, watch.vitals.anew(at))

    def state(self, leg_id: str) -> str:
        watch = self._watches.get(leg_id)
        if watch is None or watch.vitals.media is Media.NEVER:
            return CONNECTING
        return RECONNECTING if watch.vitals.is_away else CONNECTED

    def media_since(self, leg_id: str) -> float:
        watch = self._watches.get(leg_id)
        return 0.0 if watch is None else watch.vitals.media_since

    def watched(self) -> list[str]:
        return list(self._watches)

    def overdue(self) -> list[tuple[str, EndReason]]:
        """The legs that have been quiet for too long, and how they end."""
        verdicts = ((leg_id, self.verdict(leg_id)) for leg_id in self._quiet)
        return [(leg_id, reason) for leg_id, reason in verdicts if reason is not None]

    def verdict(self, leg_id: str) -> EndReason | None:
        """How the leg ends, if it has been quiet for too long."""
        watch = self._watches.get(leg_id)
        ends = None if watch is None else limit(watch.vitals)
        return ends[1] if ends is not None and ends[0] <= self._monotonic() else None

    def _judge(self, leg_id: str, heard: Heard) -> None:
        self._note(leg_id, lambda vitals, _: vitals.with_heard(heard))

    def _note(self, leg_id: str, change: Callable[[Vitals, float], Vitals]) -> None:
        watch = self._watches.get(leg_id)
        if watch is None:
            return
        before = self.state(leg_id)
        self._keep(leg_id, change(watch.vitals, self._monotonic()))
        if self.state(leg_id) != before:
            self._changed(watch.call_id)

    def _keep(self, leg_id: str, vitals: Vitals) -> None:
        """What is seen of a leg now. Nothing happens when it is not watched any more."""
        watch = self._watches.get(leg_id)
        if watch is None:
            return
        watch.vitals = vitals
        for of_note, those in (
            (vitals.is_doubtful, self._doubtful),
            (limit(vitals) is not None, self._quiet),
        ):
            if of_note:
                those.add(leg_id)
            else:
                those.discard(leg_id)


def _nobody(call_id: str) -> None:
    """Where changes go until somebody wants to know."""
