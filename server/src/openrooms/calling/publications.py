"""What everybody sends, as the engine reports and lists it: who sends the same thing several times, for how long.

Of each source one track may be there. A camera that is switched off and on, and a client that connects anew, may be
published again before the old track is gone: a second one may be there for a while, more for a moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeAlias

from openrooms.kernel.clock import Monotonic
from openrooms.media.engine import EngineEvent, Presence, Source

SECOND_SECONDS = 10.0
# Nobody of good will has so many; but the engine may be slow to take them away, and to say so.
MORE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A track that is there since then, in monotonic seconds."""

    source: Source | None
    since: float


# By the engine's id of the track.
Tracks: TypeAlias = Mapping[str, Sent]


class Publications:
    """The tracks of every stay at the engine, by room. In memory, disposable: a list makes them true again."""

    def __init__(self, monotonic: Monotonic) -> None:
        self._monotonic = monotonic
        self._rooms: dict[str, dict[str, Tracks]] = {}
        # Rooms and stays with more than one track of a source.
        self._crowded: set[tuple[str, str]] = set()

    def published(self, event: EngineEvent) -> None:
        tracks = self._of(event.room, event.connection)
        sent = Sent(event.source, self._monotonic())
        self._put(event.room, event.connection, {event.track: sent, **tracks})

    def unpublished(self, event: EngineEvent) -> None:
        tracks = self._of(event.room, event.connection)
        left = {track: sent for track, sent in tracks.items() if track != event.track}
        self._put(event.room, event.connection, left)

    def left(self, event: EngineEvent) -> None:
        """The stay is over, and all that was sent in it."""
        self._put(event.room, event.connection, {})

    def found(self, room: str, presences: Iterable[Presence], *, looked: float) -> None:
        """This is what there was in the room at that time. What was reported since is newer."""
        listed = {one.connection: one.tracks for one in presences}
        for stay in {*self._rooms.get(room, {}), *listed}:
            known = self._of(room, stay)
            newer = {track: sent for track, sent in known.items() if sent.since > looked}
            there = {
                track.id: Sent(track.source, known[track.id].since if track.id in known else looked)
                for track in listed.get(stay, ())
            }
            self._put(room, stay, there | newer)

    def keep(self, rooms: AbstractSet[str]) -> None:
        """Forget whatever is in other rooms than these."""
        for room in self._rooms.keys() - rooms:
            for stay in list(self._rooms[room]):
                self._put(room, stay, {})

    def suspects(self) -> list[str]:
        """The rooms in which somebody sends too much, as far as is known here."""
        return sorted({room for room, stay in self._crowded if self.overdone(room, stay)})

    def overdone(self, room: str, stay: str) -> bool:
        """Whether more is sent of a source than may be, for longer than it may."""
        now = self._monotonic()
        since: dict[Source | None, list[float]] = {}
        for sent in self._of(room, stay).values():
            since.setdefault(sent.source, []).append(sent.since)
        return any(too_many(sorted(times), now) for times in since.values())

    def _of(self, room: str, stay: str) -> Tracks:
        return self._rooms.get(room, {}).get(stay, {})

    def _put(self, room: str, stay: str, tracks: Tracks) -> None:
        stays = self._rooms.setdefault(room, {})
        stays[stay] = tracks
        if not tracks:
            del stays[stay]
        if not stays:
            del self._rooms[room]
        if len({sent.source for sent in tracks.values()}) < len(tracks):
            self._crowded.add((room, stay))
        else:
            self._crowded.discard((room, stay))


def too_many(times: Sequence[float], now: float) -> bool:
    """Whether tracks of one source, there since `times`, oldest first, are more than may be by now."""
    second, more = times[1:2], times[2:]
    return any(now - since >= SECOND_SECONDS for since in second) or any(
        now - since >= MORE_SECONDS for since in more
    )
