"""A hand-made signalling client: asks for a seat, says what it likes, hears what comes back."""

import asyncio
import base64
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from livekit.protocol import models, rtc
from websockets.asyncio.client import connect

from openrooms.media.engine import Engine, Grants, Seat, Source

ALL = Grants(frozenset(Source))
ATTENDEE = Grants(frozenset({Source.CAMERA, Source.MICROPHONE}))
CONSUMER = Grants(frozenset())
SECONDS = 5.0


def browser() -> rtc.JoinRequest:
    """What livekit-client says of itself when it joins."""
    return rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=False, adaptive_stream=True),
    )


def resume(sid: str) -> rtc.JoinRequest:
    """What it says when its signalling broke and its media did not."""
    request = browser()
    request.reconnect = True
    request.participant_sid = sid
    return request


def wrapped(request: rtc.JoinRequest, *, packed: bool = True) -> str:
    """The value of the `join_request` parameter."""
    plain = request.SerializeToString()
    compression = rtc.WrappedJoinRequest.Compression
    wrapper = rtc.WrappedJoinRequest(
        compression=compression.GZIP if packed else compression.NONE,
        join_request=gzip.compress(plain) if packed else plain,
    )
    return base64.urlsafe_b64encode(wrapper.SerializeToString()).decode()


def query(request: rtc.JoinRequest | None = None, **more: str) -> str:
    """The query of the v1 path, as a browser sends it through the gate."""
    asked = {"access_token": "ticket", "join_request": wrapped(request or browser())}
    return urlencode(asked | more)


def seat(name: str = "ada", *, room: str = "call-1", grants: Grants = ALL) -> Seat:
    return Seat(room, f"8:acs:{name}~leg", name.title(), {"openrooms.role": "Presenter"}, grants)


def add_track(kind: models.TrackType, source: models.TrackSource) -> bytes:
    """A request to publish."""
    track = rtc.AddTrackRequest(cid="c", name="n", type=kind, source=source)
    return rtc.SignalRequest(add_track=track).SerializeToString()


class Line:
    """An open signalling connection, with all that came over it."""

    def __init__(
        self, send: Callable[[bytes], Awaitable[None]], messages: AsyncIterator[bytes]
    ) -> None:
        self.send = send
        self.heard: list[rtc.SignalResponse] = []
        self._messages = messages

    async def say(self, request: rtc.SignalRequest) -> None:
        await self.send(request.SerializeToString())

    async def hear(self, kind: str) -> rtc.SignalResponse:
        """The next answer of that kind."""
        async with asyncio.timeout(SECONDS):
            async for data in self._messages:
                answer = rtc.SignalResponse.FromString(data)
                self.heard.append(answer)
                if answer.WhichOneof("message") == kind:
                    return answer
        raise ConnectionError(f"closed without {kind}")

    async def hear_all(self) -> list[str | None]:
        """The kinds of all answers, once the engine has closed the connection."""
        async with asyncio.timeout(SECONDS):
            async for data in self._messages:
                self.heard.append(rtc.SignalResponse.FromString(data))
        return [answer.WhichOneof("message") for answer in self.heard]


@asynccontextmanager
async def line(
    engine: Engine, taken: Seat, request: rtc.JoinRequest | None = None
) -> AsyncIterator[Line]:
    """A line through the adapter, so through its filters."""
    async with engine.connect(taken, query(request)) as upstream:

        async def send(message: bytes) -> None:
            await upstream.send(message, taken.grants)

        yield Line(send, upstream.messages())


@asynccontextmanager
async def bare_line(url: str, token: str) -> AsyncIterator[Line]:
    """A line straight to the engine, for what nobody outside may reach."""
    target = f"{url.replace('http', 'ws', 1)}/rtc/v1?{query()}"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(target, additional_headers=headers, compression=None, proxy=None) as socket:

        async def messages() -> AsyncIterator[bytes]:
            async for message in socket:
                if isinstance(message, bytes):
                    yield message

        yield Line(socket.send, messages())
