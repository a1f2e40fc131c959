"""The `Engine` port on LiveKit: its API for rooms and participants, its WebSocket for signalling."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial

import httpx2
from livekit.protocol import models, rtc
from websockets.exceptions import ConnectionClosed

from openrooms.kernel.clock import Clock
from openrooms.kernel.websocket_frames import Taker
from openrooms.media.client import local_client
from openrooms.media.engine import Grants, Heard, Presence, Seat, Source, Track
from openrooms.media.errors import EngineAway
from openrooms.media.livekit.descriptions import Candidates
from openrooms.media.livekit.dialing import Dialer, Whereabouts
from openrooms.media.livekit.frames import (
    asks_to_hear,
    client_message,
    heard,
    server_message,
    sign_of_life,
    weigh,
)
from openrooms.media.livekit.guide import Guide
from openrooms.media.livekit.hall import Hall
from openrooms.media.livekit.line import EngineLine
from openrooms.media.livekit.microphones import MOST_OPEN
from openrooms.media.livekit.news import News
from openrooms.media.livekit.query import upstream_query
from openrooms.media.livekit.tokens import KeyPair, Minter, ordered
from openrooms.media.livekit.twirp import Missing, RoomService
from openrooms.media.ways import Ways

_NUMBERS = {
    Source.CAMERA: models.TrackSource.CAMERA,
    Source.MICROPHONE: models.TrackSource.MICROPHONE,
    Source.SCREEN_SHARE: models.TrackSource.SCREEN_SHARE,
    Source.SCREEN_SHARE_AUDIO: models.TrackSource.SCREEN_SHARE_AUDIO,
}
_SOURCES = {number: source for source, number in _NUMBERS.items()}
_SOUNDS = frozenset({Source.MICROPHONE, Source.SCREEN_SHARE_AUDIO})


class LiveKitUpstream:
    """One signalling connection; what passes through it is filtered both ways."""

    def __init__(
        self,
        socket: EngineLine,
        candidates: Candidates,
        servers: Sequence[rtc.ICEServer],
        *,
        hall: Hall,
        identity: str,
    ) -> None:
        self._socket = socket
        self._candidates = candidates
        self._servers = servers
        self._taker: Taker | None = None
        # What could not be told at once.
        self._late: dict[str, bytes] = {}
        self._news = News()
        self._hall = hall
        self._person = hall.enter(self, identity)

    async def send(self, message: bytes, grants: Grants) -> int:
        allowed = client_message(message, grants, self._candidates)
        if allowed is None:
            return 1
        weight, wanted = weigh(allowed), asks_to_hear(allowed)
        passed = self._hall.admit(self, allowed, may_speak=not grants.sources.isdisjoint(_SOUNDS))
        if passed is None:
            return weight
        if wanted is not None and self._hall.hold(self, wanted):
            return weight
        wait = self._hall.wait_to_publish(passed)
        if wait:
            await asyncio.sleep(wait)
        try:
            await self._socket.send(passed)
        except ConnectionClosed as error:
            raise EngineAway("the engine closed the connection") from error
        return weight

    def pass_sign_of_life(self, message: bytes, may: Callable[[], bool]) -> bool:
        passed = sign_of_life(message)
        if passed is None or not may():
            return False
        if passed:
            self.ask(passed)
        return True

    def ask(self, request: bytes) -> None:
        self._socket.send_at_once(request)

    def tell(self, matter: str, message: bytes) -> None:
        self._late.pop(matter, None)
        if not self._tell_at_once(message):
            self._late[matter] = message

    async def messages(self) -> AsyncIterator[bytes]:
        try:
            async for message in self._socket:
                # A text frame would be the engine's JSON form; nobody asked for it.
                passed = self._passed(message) if isinstance(message, bytes) else None
                if passed is not None:
                    self._hall.note(self._person, passed)
                    yield passed
                # The next may come this way in an hour only, and the first names everybody.
                del message, passed
                while self._late:
                    yield self._late.pop(next(iter(self._late)))
                self._socket.unread -= 1
        except ConnectionClosed:
            return

    def offer(self, taker: Taker) -> None:
        def take(message: bytes) -> bool:
            if not self._news.has(message):
                return True
            passed = self._passed(message)
            if passed is None:
                return True
            if not taker(passed):
                # It comes once more, with `messages`.
                return False
            self._hall.note(self._person, passed)
            return True

        self._taker = taker
        self._socket.taker = take

    def _tell_at_once(self, message: bytes) -> bool:
        return self._taker is not None and self._taker(message)

    def _passed(self, message: bytes) -> bytes | None:
        return server_message(message, self._servers)

    def judged(self, message: bytes) -> Mapping[str, Heard]:
        return heard(message)

    async def close(self) -> None:
        self._hall.leave(self)
        await self._socket.close()


class LiveKitEngine:
    """What callers can do with the engine. Made by `livekit_engine`."""

    def __init__(
        self,
        where: Whereabouts,
        tokens: Minter,
        client: httpx2.AsyncClient,
        *,
        guide: Guide,
        open_microphones: int,
    ) -> None:
        self._where = where
        self._tokens = tokens
        self._guide = guide
        self._open_microphones = open_microphones
        self._halls: dict[str, Hall] = {}
        self._service = RoomService(client, tokens, self._locate)
        self._dialer = Dialer(where, tokens, self._service)

    async def open_room(self, room: str) -> None:
        await self._service.create_room(room)

    async def close_room(self, room: str) -> None:
        try:
            await self._service.delete_room(room)
        except Missing:
            return

    async def rooms(self) -> list[str]:
        return await self._service.list_rooms()

    async def presences(self, room: str) -> list[Presence]:
        # Asked for the participants of no room, the engine takes 3 s to say that nobody answers. One that
        # somebody is connected to is there.
        if room not in self._halls and not await self._service.list_rooms(room):
            return []
        try:
            listed = await self._service.list_participants(room)
        except Missing:
            return []
        gone = models.ParticipantInfo.State.DISCONNECTED
        found = [_presence(one) for one in listed if one.state != gone]
        if room in self._halls:
            self._halls[room].compare(found)
        return found

    async def permit(self, room: str, identity: str, grants: Grants, *, name: str = "") -> bool:
        try:
            await self._service.update_participant(room, identity, _permission(grants), name=name)
        except Missing:
            await self._insist_missing(room, identity)
            return False
        return True

    async def mute(self, room: str, presence: Presence, source: Source) -> bool:
        heard = [track for track in presence.tracks if track.source is source and not track.muted]
        try:
            for track in heard:
                await self._service.mute_track(room, presence.identity, track.id)
        except Missing:
            return False
        return bool(heard)

    async def remove(self, room: str, identity: str) -> bool:
        try:
            await self._service.remove_participant(room, identity)
        except Missing:
            await self._insist_missing(room, identity)
            return False
        if room in self._halls:
            self._halls[room].microphones.forget(identity)
        return True

    @asynccontextmanager
    async def connect(self, seat: Seat, query: str) -> AsyncIterator[LiveKitUpstream]:
        candidates = Candidates(self._guide.own)
        hall = self._halls.get(seat.room) or Hall(self._open_microphones)
        opens = partial(hall.microphones.expect, seat.identity)
        query = upstream_query(query, seat.grants, candidates, opens=opens)
        socket = await self._dialer.dial(seat, query)
        # It is large, and the connection may last for hours.
        del query
        servers = self._guide.servers(seat.holder)
        hall = self._halls.setdefault(seat.room, hall)
        upstream = LiveKitUpstream(socket, candidates, servers, hall=hall, identity=seat.identity)
        try:
            yield upstream
        finally:
            await upstream.close()
            if hall.is_empty and self._halls.get(seat.room) is hall:
                del self._halls[seat.room]

    async def _locate(self) -> str:
        return await self._where.ready(within=0)

    async def _insist_missing(self, room: str, identity: str) -> None:
        """Make sure that a participant the engine says it does not know is really not there.

        It asks its store first, which learns of a participant after the room does.
        """
        if any(one.identity == identity for one in await self.presences(room)):
            raise EngineAway("the engine has a participant that it does not know yet")


@asynccontextmanager
async def livekit_engine(
    where: Whereabouts,
    keys: KeyPair,
    clock: Clock,
    *,
    ways: Ways | None = None,
    open_microphones: int = MOST_OPEN,
) -> AsyncIterator[LiveKitEngine]:
    """The engine that `where` finds. `clock` is the machine's real time.

    `ways`: those that browsers have to its media, and are told of. `open_microphones`: how many may be in a room.
    """
    async with local_client(timeout=None) as client:
        yield LiveKitEngine(
            where,
            Minter(keys, clock),
            client,
            guide=Guide(ways, keys, clock),
            open_microphones=open_microphones,
        )


def _permission(grants: Grants) -> models.ParticipantPermission:
    """All of it: the engine replaces what it has."""
    return models.ParticipantPermission(
        can_subscribe=grants.subscribe,
        # An empty list of sources means all of them to the engine, so this must say no.
        can_publish=bool(grants.sources),
        can_publish_sources=[_NUMBERS[source] for source in ordered(grants.sources)],
        can_publish_data=False,
        can_update_metadata=False,
    )


def _presence(info: models.ParticipantInfo) -> Presence:
    permission = info.permission
    listed = [_SOURCES.get(number) for number in permission.can_publish_sources]
    named = frozenset(source for source in listed if source is not None)
    sources = named if permission.can_publish_sources else frozenset(Source)
    return Presence(
        identity=info.identity,
        connection=info.sid,
        active=info.state == models.ParticipantInfo.State.ACTIVE,
        grants=Grants(sources if permission.can_publish else frozenset(), permission.can_subscribe),
        tracks=tuple(_track(track) for track in info.tracks),
    )


def _track(track: models.TrackInfo) -> Track:
    # Its type is what the sender said; its codec is what was negotiated.
    codecs = (track.mime_type, *(codec.mime_type for codec in track.codecs))
    seen = any(codec.lower().startswith("video/") for codec in codecs)
    return Track(
        id=track.sid,
        source=_SOURCES.get(track.source),
        is_video=seen or track.type == models.TrackType.VIDEO,
        muted=track.muted,
    )
