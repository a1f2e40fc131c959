"""Which microphones are open in a room: so many may be, and one more is refused, whatever a client does.

A client opens one by two messages, both of which come this way. `add_track`, which may be part of its first
request: what would be one too many is passed on muted, for a client that has begun to agree on media can not
be stopped without harm. `mute`, to end it: what would be one too many is not passed on. Either is answered with the engine's own words for
it, LIMIT_EXCEEDED, and an opened microphone that was muted with OK. A refused client may ask again.

A place is free again when the microphone is muted, by whomever; is taken off, by whomever; or when the engine
has the participant no more. Until then it is taken, also by somebody whose connection is lost: he may still be
heard. Who comes back with a new stay finds his place kept for a moment.

All sound counts, also that of a shared screen: else it would be a way around.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from livekit.protocol import models, rtc

from openrooms.kernel.clock import monotonic
from openrooms.media.livekit.frames import tag

MOST_OPEN = 50
# One that comes and one that goes: nobody takes the places of many.
MOST_OF_ONE = 2
KEPT_SECONDS = 10.0

# How the engine names sound (`participant.go` of its source).
SOUND = "TR_A"
LONGEST_SID = 64


_ADD, _MUTE, _LEAVE = (tag(rtc.SignalRequest, name) for name in ("add_track", "mute", "leave"))
_JOINED, _PUBLISHED, _UNPUBLISHED, _MUTED, _ANSWERED = (
    tag(rtc.SignalResponse, name)
    for name in ("join", "track_published", "track_unpublished", "mute", "request_response")
)
_NOTED = frozenset({_JOINED, _PUBLISHED, _UNPUBLISHED, _MUTED, _ANSWERED})
_NOT_REFUSED = frozenset({rtc.RequestResponse.OK, rtc.RequestResponse.QUEUED})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a client's message goes to the engine, and what the client is told at once."""

    passed: bytes | None
    told: tuple[bytes, ...] = ()


class Microphones:
    """Those of one room."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        self._most = most
        # Of each participant: the engine's names of his tracks, or his own until the engine has named
        # them, and whether the engine has shown that they are open.
        self._open: dict[str, dict[str, bool]] = {}
        self._kept: dict[str, float] = {}
        # Whose stay began before our eyes.
        self._met: set[str] = set()

    @property
    def taken(self) -> int:
        """How many places are."""
        now = monotonic()
        self._kept = {who: at for who, at in self._kept.items() if now - at < KEPT_SECONDS}
        return sum(map(len, self._open.values())) + len(self._kept)

    def ask(self, who: str, passed: bytes, *, may_speak: bool) -> Verdict:
        """A message of a participant, of those that may pass otherwise."""
        match passed[0]:
            case kind if kind == _ADD:
                return self._publish(who, rtc.SignalRequest.FromString(passed), passed)
            case kind if kind == _MUTE:
                mute = rtc.SignalRequest.FromString(passed).mute
                if mute.sid.startswith(SOUND) and len(mute.sid) <= LONGEST_SID:
                    return self._mute(who, mute, passed, may_speak=may_speak)
            case kind if kind == _LEAVE:
                self.forget(who)
        return Verdict(passed)

    def expect(self, who: str) -> bool:
        """Whether one of his may be open with his first request, for which a place is kept then."""
        if self.taken >= self._most and who not in self._kept and who not in self._open:
            return False
        self._kept[who] = monotonic()
        return True

    def note(self, who: str, message: bytes) -> str | None:
        """The engine says this to a participant. Gives what of his is open and must not be."""
        if message[0] not in _NOTED:
            return None
        if message[0] == _JOINED:
            # Whatever there was of him before, the engine has just ended.
            self._met.add(who)
            if self._open.pop(who, None):
                self._kept[who] = monotonic()
            return None
        told = rtc.SignalResponse.FromString(message)
        if message[0] == _PUBLISHED:
            return self._name(who, told.track_published)
        if message[0] == _UNPUBLISHED:
            self._shut(who, told.track_unpublished.track_sid)
        elif message[0] == _MUTED and told.mute.muted:
            self._shut(who, told.mute.sid)
        elif message[0] == _ANSWERED and told.request_response.reason not in _NOT_REFUSED:
            answer = told.request_response
            self._shut(who, answer.mute.sid or answer.add_track.cid)
        return None

    def compare(self, shown: Mapping[str, Iterable[str]], connected: Collection[str]) -> None:
        """What the engine shows as open of each participant, and who is connected: all else is gone.

        It may be a moment old, so what it has not shown yet stays.
        """
        self._met.intersection_update({*shown, *connected})
        for who in [one for one in self._open if one not in shown and one not in connected]:
            self.forget(who)
        for who, sids in shown.items():
            ours, theirs = self._open.get(who, {}), set(sids)
            kept = {key: key in theirs for key, seen in ours.items() if key in theirs or not seen}
            # Of who was there before this process the engine alone knows.
            new = set[str]() if who in self._met else theirs
            self._open[who] = dict.fromkeys(new, True) | kept
        self._open = {who: keys for who, keys in self._open.items() if keys}

    def forget(self, who: str) -> None:
        """He is not in the room any more."""
        self._open.pop(who, None)
        self._kept.pop(who, None)

    def _publish(self, who: str, request: rtc.SignalRequest, passed: bytes) -> Verdict:
        track = request.add_track
        if track.type != models.TrackType.AUDIO:
            return Verdict(passed)
        if track.muted:
            self._kept.pop(who, None)
        elif not self._admits(who, track.cid):
            refused = _answer(rtc.RequestResponse.LIMIT_EXCEEDED, add_track=track)
            track.muted = True
            return Verdict(request.SerializeToString(), (refused,))
        return Verdict(passed)

    def _mute(
        self, who: str, mute: rtc.MuteTrackRequest, passed: bytes, *, may_speak: bool
    ) -> Verdict:
        if mute.muted:
            self._shut(who, mute.sid)
            return Verdict(passed)
        if not may_speak:
            return Verdict(None, (_answer(rtc.RequestResponse.NOT_ALLOWED, mute=mute),))
        if self._admits(who, mute.sid):
            return Verdict(passed, (_answer(rtc.RequestResponse.OK, mute=mute),))
        refused = _answer(rtc.RequestResponse.LIMIT_EXCEEDED, mute=mute)
        return Verdict(None, (silenced(mute.sid), refused))

    def _name(self, who: str, told: rtc.TrackPublishedResponse) -> str | None:
        """The engine has given a name to a track that was asked for."""
        sid = told.track.sid
        if not sid.startswith(SOUND):
            return None
        self._shut(who, told.cid)
        # One that is asked for twice comes a second time when the first is taken off.
        return None if told.track.muted or self._admits(who, sid) else sid

    def _admits(self, who: str, key: str) -> bool:
        """Whether this may be open, which it is from now on."""
        own = self._open.get(who, {})
        if key in own:
            return True
        if len(own) >= MOST_OF_ONE or (self.taken >= self._most and who not in self._kept):
            return False
        self._kept.pop(who, None)
        self._open[who] = {**own, key: False}
        return True

    def _shut(self, who: str, key: str) -> None:
        own = self._open.get(who, {})
        own.pop(key, None)
        if not own:
            self._open.pop(who, None)


def silenced(sid: str) -> bytes:
    """What tells a client that its track is muted."""
    muted = rtc.MuteTrackRequest(sid=sid, muted=True)
    return rtc.SignalResponse(mute=muted).SerializeToString()


def silences(sid: str) -> bytes:
    """What asks the engine, in a client's name, to mute its track."""
    muted = rtc.MuteTrackRequest(sid=sid, muted=True)
    return rtc.SignalRequest(mute=muted).SerializeToString()


def _answer(
    reason: rtc.RequestResponse.Reason,
    *,
    mute: rtc.MuteTrackRequest | None = None,
    add_track: rtc.AddTrackRequest | None = None,
) -> bytes:
    answer = rtc.RequestResponse(reason=reason, mute=mute, add_track=add_track)
    return rtc.SignalResponse(request_response=answer).SerializeToString()
