"""A media engine in memory that does as it is told: it can die, be away, and lose what it is asked.

`media/test_engine_contract.py` holds it and the real one to the same promises.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

from livekit.protocol import models, rtc

from openrooms.media.engine import (
    EngineEvent,
    EventKind,
    Grants,
    Heard,
    Presence,
    Seat,
    Source,
    Track,
)
from openrooms.media.errors import EngineAway

_SOURCES = {
    models.TrackSource.CAMERA: Source.CAMERA,
    models.TrackSource.MICROPHONE: Source.MICROPHONE,
    models.TrackSource.SCREEN_SHARE: Source.SCREEN_SHARE,
    models.TrackSource.SCREEN_SHARE_AUDIO: Source.SCREEN_SHARE_AUDIO,
}


@dataclass(slots=True)
class Stay:
    """One connection of a participant. `heard`: what the engine still says to it; None: it closes."""

    seat: Seat
    presence: Presence
    heard: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class FakeUpstream:
    """One signalling connection to the fake."""

    def __init__(self, engine: "FakeEngine", stay: Stay) -> None:
        self._engine = engine
        self._stay = stay

    async def send(self, message: bytes, grants: Grants) -> int:
        if not self._engine.holds(self._stay):
            raise EngineAway("the participant is not there any more")
        request = rtc.SignalRequest.FromString(message)
        match request.WhichOneof("message"):
            case "leave":
                self._engine.end(self._stay, hung_up=True)
            case "add_track":
                # What it promises to send it sends at once.
                source = _SOURCES[request.add_track.source]
                if source in grants.sources:
                    self._engine.publish(self._stay.seat.room, self._stay.seat.identity, source)
            case "ping_req":
                pong = rtc.SignalResponse(pong_resp=rtc.Pong())
                self._stay.heard.put_nowait(pong.SerializeToString())
            case _:
                pass
        return 1

    def pass_sign_of_life(self, message: bytes, may: Callable[[], bool]) -> bool:
        """The fake's messages wait, all of them."""
        del message, may
        return False

    async def messages(self) -> AsyncIterator[bytes]:
        while (message := await self._stay.heard.get()) is not None:
            yield message

    def offer(self, taker: Callable[[bytes], bool]) -> None:
        """The fake's messages wait, all of them."""

    def judged(self, message: bytes) -> Mapping[str, Heard]:
        """The fake judges nobody's media."""
        del message
        return {}

    async def close(self) -> None:
        """Signalling is over; the media stays until the engine is told otherwise."""
        self._stay.heard.put_nowait(None)


class FakeEngine:
    """The `Engine` port in memory. `reports`: what it has to report, for a test to deliver or lose."""

    def __init__(self) -> None:
        self.away = False
        # While this is not set, whoever connects waits at the door.
        self.letting_in = asyncio.Event()
        self.letting_in.set()
        self.waiting = 0
        # How many of the next actions are lost.
        self.losing = 0
        self.reports: list[EngineEvent] = []
        self._rooms: dict[str, dict[str, Stay]] = {}

    # what a test does to it

    def die(self) -> None:
        """Everything is lost, and nobody answers until `come_back`."""
        for stays in self._rooms.values():
            for stay in stays.values():
                stay.heard.put_nowait(None)
        self._rooms.clear()
        self.reports.clear()
        self.away = True

    def come_back(self) -> None:
        self.away = False

    def publish(self, room: str, identity: str, source: Source) -> bool:
        """A participant publishes; False when he may not."""
        stay = self._rooms[room][identity]
        if source not in stay.presence.grants.sources:
            return False
        is_video = source in {Source.CAMERA, Source.SCREEN_SHARE}
        track = Track(str(uuid4()), source, is_video=is_video, muted=False)
        stay.presence = replace(stay.presence, tracks=(*stay.presence.tracks, track))
        self._report(EventKind.TRACK_PUBLISHED, stay, track=track)
        return True

    def seen(self, room: str, identity: str) -> Presence | None:
        """Who is there, asked past everything that can fail."""
        stay = self._rooms.get(room, {}).get(identity)
        return None if stay is None else stay.presence

    def holds(self, stay: Stay) -> bool:
        """Whether this very stay is in its room."""
        return self._rooms.get(stay.seat.room, {}).get(stay.seat.identity) is stay

    def end(self, stay: Stay, *, hung_up: bool = False) -> None:
        """The stay is over."""
        if self.holds(stay):
            del self._rooms[stay.seat.room][stay.seat.identity]
            self._report(EventKind.LEFT, stay, hung_up=hung_up)
        stay.heard.put_nowait(None)

    # the port

    async def open_room(self, room: str) -> None:
        self._answer()
        self._rooms.setdefault(room, {})

    async def close_room(self, room: str) -> None:
        self._answer()
        for stay in list(self._rooms.get(room, {}).values()):
            self.end(stay)
        self._rooms.pop(room, None)

    async def rooms(self) -> list[str]:
        self._answer()
        return list(self._rooms)

    async def presences(self, room: str) -> list[Presence]:
        self._answer()
        return [stay.presence for stay in self._rooms.get(room, {}).values()]

    async def permit(self, room: str, identity: str, grants: Grants, *, name: str = "") -> bool:
        del name
        self._answer()
        stay = self._rooms.get(room, {}).get(identity)
        if stay is None:
            return False
        tracks = stay.presence.tracks
        kept = tuple(one for one in tracks if one.source in grants.sources)
        stay.presence = replace(stay.presence, grants=grants, tracks=kept)
        for one in tracks:
            if one not in kept:
                self._report(EventKind.TRACK_UNPUBLISHED, stay, track=one)
        return True

    async def mute(self, room: str, presence: Presence, source: Source) -> bool:
        self._answer()
        stay = self._rooms.get(room, {}).get(presence.identity)
        heard = [one for one in presence.tracks if one.source is source and not one.muted]
        if stay is None or not heard:
            return False
        muted = tuple(
            replace(one, muted=one.muted or one.source is source) for one in stay.presence.tracks
        )
        stay.presence = replace(stay.presence, tracks=muted)
        return True

    async def remove(self, room: str, identity: str) -> bool:
        self._answer()
        stay = self._rooms.get(room, {}).get(identity)
        if stay is None:
            return False
        self.end(stay)
        return True

    @asynccontextmanager
    async def connect(self, seat: Seat, query: str) -> AsyncIterator[FakeUpstream]:
        del query
        self.waiting += 1
        try:
            await self.letting_in.wait()
        finally:
            self.waiting -= 1
        self._answer()
        stays = self._rooms.setdefault(seat.room, {})
        older = stays.get(seat.identity)
        presence = Presence(seat.identity, str(uuid4()), active=True, grants=seat.grants, tracks=())
        stay = Stay(seat, presence)
        stay.heard.put_nowait(rtc.SignalResponse(join=rtc.JoinResponse()).SerializeToString())
        stays[seat.identity] = stay
        if older is not None:
            older.heard.put_nowait(None)
        self._report(EventKind.JOINED, stay)
        upstream = FakeUpstream(self, stay)
        try:
            yield upstream
        finally:
            await upstream.close()

    def _answer(self) -> None:
        if self.away:
            raise EngineAway("the engine is away")
        if self.losing:
            self.losing -= 1
            raise EngineAway("the engine did not answer")

    def _report(
        self, kind: EventKind, stay: Stay, *, hung_up: bool = False, track: Track | None = None
    ) -> None:
        self.reports.append(
            EngineEvent(
                id=str(uuid4()),
                kind=kind,
                room=stay.seat.room,
                identity=stay.seat.identity,
                connection=stay.presence.connection,
                hung_up=hung_up,
                track="" if track is None else track.id,
                source=None if track is None else track.source,
            )
        )
