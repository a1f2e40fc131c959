"""Who hears whom in a large room, and when: the engine agrees on media anew with each who asks for a microphone.

In a room of 350 that takes it a second and a half of processor time for one microphone that is opened,
and sound stands still meanwhile. So there, what somebody asks for of microphones that say nothing waits
for its turn, with whatever else he asks for until then; who hears somebody that speaks goes first. In
smaller rooms, and for who has just come, nothing waits.

Who speaks the engine tells to him himself and to those who receive him, so his own connection knows. A
client that receives some of many microphones has to hear of the others too, or it would never choose them:
they are told here.

How many microphones may be open is kept here as well, in rooms of every size.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from livekit.protocol import models, rtc

from openrooms.kernel.clock import monotonic
from openrooms.media.engine import Presence
from openrooms.media.livekit.frames import part, tag
from openrooms.media.livekit.microphones import (
    LONGEST_SID,
    MOST_OPEN,
    SOUND,
    Microphones,
    silenced,
    silences,
)

# The browser SDK receives so many microphones at once (`voices.ts`). Among fewer people all receive all.
MOST_VOICES = 12
# From so many connections on a room is large.
LARGE = 50
# Turns a second, of those who would hear somebody silent and somebody who speaks: each costs the
# engine some 5 ms, and 350 people are through in 14 and in 2.3 s.
CALM_A_SECOND, URGENT_A_SECOND = 25, 150
TICK_SECONDS = 0.05
# What is published goes to the engine that often: everybody is told of each, by it and by us, which takes
# a full room a tenth of a second of processor time. One alone waits for nobody.
PUBLISHED_A_SECOND = 4
# A client takes what is not answered within 10 s for refused: whoever would wait for longer than this does not.
LONGEST_WAIT = 5.0
# What is asked for so early is part of the first agreement, which is made anyhow.
NEW_SECONDS = 5.0
# Of one connection; what goes beyond waits for nobody.
MOST_HELD = 400
MOST_MICROPHONES = 8
# Who was in the room and may come back.
MOST_PEOPLE = 1_000

# How the engine names microphones (`participant.go` of its source).
MICROPHONE = "TR_AM"

# What it says that is looked into.
_JOIN, _PUBLISHED, _SPEAKERS = (
    tag(rtc.SignalResponse, name) for name in ("join", "track_published", "speakers_changed")
)
_PARTICIPANT, _SID = 2, 1
_ADD_TRACK = tag(rtc.SignalRequest, "add_track")


class Listener(Protocol):
    """One connection to the engine."""

    def ask(self, request: bytes) -> None:
        """Pass a request on to the engine now."""

    def tell(self, matter: str, message: bytes) -> None:
        """Pass on to the client what there is to say of a matter: soon, and the last of it in any case."""


@dataclass(slots=True, eq=False)
class Person:
    """Somebody in the room, and his microphones, the newest last: what the engine calls them."""

    identity: str = ""
    sid: bytes = b""
    microphones: list[str] = field(default_factory=list)

    def publish(self, microphone: str) -> None:
        self.microphones = [*self.microphones, microphone][-MOST_MICROPHONES:]


@dataclass(slots=True)
class _Place:
    """A connection in the room, whose it is, and what it waits to hear."""

    person: Person
    since: float
    held: dict[str, None] = field(default_factory=dict)


class Hall:
    """One room, for as long as somebody is connected."""

    def __init__(self, most_open: int = MOST_OPEN) -> None:
        self.microphones = Microphones(most_open)
        self._people: dict[str, Person] = {}
        # With what was told of them last.
        self._speaking: dict[Person, models.SpeakerInfo] = {}
        self._places: dict[Listener, _Place] = {}
        # In the order in which they came.
        self._calm: dict[Listener, None] = {}
        self._urgent: dict[Listener, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._credit = 0.0
        # When the engine may hear of the next thing to be published.
        self._publishes_at = 0.0

    @property
    def is_empty(self) -> bool:
        return not self._places

    def enter(self, listener: Listener, identity: str) -> Person:
        """A connection of that participant, who may have had others before."""
        if len(self._people) > MOST_PEOPLE:
            del self._people[next(iter(self._people))]
        person = self._people.setdefault(identity, Person(identity))
        self._places[listener] = _Place(person, monotonic())
        for told in self._speaking.values():
            self._tell([listener], told)
        return person

    def leave(self, listener: Listener) -> None:
        """Harmless when it has left before."""
        place = self._places.pop(listener, None)
        if place is not None:
            # If he comes back, the engine says it again.
            self._speaking.pop(place.person, None)
        self._calm.pop(listener, None)
        self._urgent.pop(listener, None)
        if not self._places and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def admit(self, listener: Listener, message: bytes, *, may_speak: bool) -> bytes | None:
        """What of a client's message goes to the engine, as far as microphones are concerned."""
        place = self._places.get(listener)
        if place is None:
            return None
        verdict = self.microphones.ask(place.person.identity, message, may_speak=may_speak)
        for told in verdict.told:
            listener.tell(told.hex(), told)
        return verdict.passed

    def wait_to_publish(self, message: bytes) -> float:
        """For how many seconds a client's message has to wait, and all that he says after it."""
        if message[0] != _ADD_TRACK or len(self._places) < LARGE:
            return 0.0
        now = monotonic()
        at = min(max(now, self._publishes_at), now + LONGEST_WAIT)
        self._publishes_at = at + 1 / PUBLISHED_A_SECOND
        return at - now

    def compare(self, presences: Iterable[Presence]) -> None:
        """The engine has these in the room, and nobody else."""
        shown = {
            one.identity: [
                track.id for track in one.tracks if track.id.startswith(SOUND) and not track.muted
            ]
            for one in presences
        }
        self.microphones.compare(shown, {place.person.identity for place in self._places.values()})

    def hold(self, listener: Listener, asked: rtc.UpdateSubscription) -> bool:
        """Whether the engine need not hear of this now: it waits for its turn, or is settled with what waits."""
        named = {
            *asked.track_sids,
            *(sid for one in asked.participant_tracks for sid in one.track_sids),
        }
        place = self._places.get(listener)
        if place is None:
            return False
        if not asked.subscribe:
            return self._forget(listener, place, named)
        if (
            len(self._places) < LARGE
            or monotonic() - place.since < NEW_SECONDS
            or len(place.held) + len(named) > MOST_HELD
            or not all(sid.startswith(MICROPHONE) and len(sid) <= LONGEST_SID for sid in named)
        ):
            return False
        place.held.update(dict.fromkeys(named))
        if listener not in self._urgent:
            self._calm[listener] = None
        for person in self._speaking:
            self._hurry([listener], person)
        self._start()
        return True

    def note(self, person: Person, message: bytes) -> None:
        """The engine says this to somebody: who he is, what his microphone is called, whether he speaks."""
        surplus = self.microphones.note(person.identity, message)
        if surplus is not None:
            self._silence(person, surplus)
        match message[0]:
            case kind if kind == _SPEAKERS and person.sid and person.sid in message:
                told = rtc.SignalResponse.FromString(message).speakers_changed.speakers
                for one in told:
                    if one.sid.encode() == person.sid:
                        self._speak(person, one)
            case kind if kind == _PUBLISHED:
                track = rtc.SignalResponse.FromString(message).track_published.track
                if track.sid.startswith(MICROPHONE):
                    person.publish(track.sid)
            case kind if kind == _JOIN:
                person.sid = part(part(part(message, _JOIN >> 3), _PARTICIPANT), _SID)

    def _silence(self, person: Person, sid: str) -> None:
        for listener, place in self._places.items():
            if place.person is person:
                listener.ask(silences(sid))
                listener.tell(sid, silenced(sid))

    def _speak(self, person: Person, told: models.SpeakerInfo) -> None:
        if told.active == (person in self._speaking):
            return
        if told.active:
            self._speaking[person] = told
            self._hurry(list(self._calm), person)
        else:
            del self._speaking[person]
        self._tell([one for one, place in self._places.items() if place.person is not person], told)

    def _tell(self, listeners: Iterable[Listener], told: models.SpeakerInfo) -> None:
        """Whether they receive him or not: who does hears it twice, which is harmless."""
        if len(self._places) <= MOST_VOICES:
            return
        changed = rtc.SpeakersChanged(speakers=[told])
        message = rtc.SignalResponse(speakers_changed=changed).SerializeToString()
        for listener in listeners:
            listener.tell(told.sid, message)

    def _hurry(self, listeners: Iterable[Listener], speaker: Person) -> None:
        """Those of them who wait for this speaker go first."""
        for listener in listeners:
            if listener in self._calm and self._waits_for(listener, speaker.microphones):
                del self._calm[listener]
                self._urgent[listener] = None

    def _waits_for(self, listener: Listener, microphones: Iterable[str]) -> bool:
        held = self._places[listener].held
        return any(sid in held for sid in microphones)

    def _forget(self, listener: Listener, place: _Place, named: set[str]) -> bool:
        """Whether all of what is not wanted any more was only waited for."""
        was_held = [sid for sid in named if sid in place.held]
        for sid in was_held:
            del place.held[sid]
        if not place.held:
            self._calm.pop(listener, None)
            self._urgent.pop(listener, None)
        return len(was_held) == len(named)

    def _start(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._turn)

    def _turn(self) -> None:
        self._timer = None
        if self._urgent:
            queue, rate = self._urgent, URGENT_A_SECOND
        else:
            queue, rate = self._calm, CALM_A_SECOND
        self._credit += rate * TICK_SECONDS
        for listener in list(islice(queue, int(self._credit))):
            del queue[listener]
            self._credit -= 1
            self._release(listener)
        if self._urgent or self._calm:
            self._start()
        else:
            self._credit = 0.0

    def _release(self, listener: Listener) -> None:
        place = self._places[listener]
        wanted = rtc.UpdateSubscription(track_sids=list(place.held), subscribe=True)
        place.held = {}
        listener.ask(rtc.SignalRequest(subscription=wanted).SerializeToString())
