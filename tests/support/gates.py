"""A media client made by hand: speaks the engine's signalling through the gate, and lies."""

import base64
import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlencode, urlsplit

from livekit.protocol import models, rtc
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from support.deadlines import TooLate

# As the kernel numbers the states of a connection.
TCP_ESTABLISHED = 1


class ShutOut(Exception):
    """The gate did not let the connection in."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def join_request(more: rtc.JoinRequest | None = None) -> str:
    """The `join_request` of the v1 path, as livekit-client makes it, without compression."""
    asked = rtc.JoinRequest(
        client_info=models.ClientInfo(sdk=models.ClientInfo.SDK.JS, version="2.23.0", protocol=16),
        connection_settings=rtc.ConnectionSettings(auto_subscribe=True),
    )
    if more is not None:
        asked.MergeFrom(more)
    wrapped = rtc.WrappedJoinRequest(
        compression=rtc.WrappedJoinRequest.Compression.NONE,
        join_request=asked.SerializeToString(),
    )
    return base64.b64encode(wrapped.SerializeToString()).decode()


class Line:
    """An open signalling connection."""

    def __init__(self, opened: ClientConnection, end: ExitStack) -> None:
        self._socket = opened
        self._end = end
        self.got: list[rtc.SignalResponse] = []
        self.texts: list[str] = []

    def say(self, request: rtc.SignalRequest) -> None:
        """One request in the binary form."""
        self._socket.send(request.SerializeToString())

    def send(self, frame: str | bytes) -> None:
        """Any frame at all."""
        self._socket.send(frame)

    def hang_up(self) -> None:
        self._end.close()

    def vanish(self) -> None:
        """Go without a word, as a network that is lost."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)

    def hear(self, kind: str, *, within: float = 10.0) -> rtc.SignalResponse:
        """The next answer of that kind."""
        while True:
            frame = self._receive(within, kind)
            if frame is not None and frame.WhichOneof("message") == kind:
                return frame

    def drain(self) -> None:
        """Take in what has come. Who does not read for long loses the connection."""
        with suppress(TooLate, ConnectionClosed):
            while True:
                self._receive(0, "more")

    def kinds(self) -> list[str]:
        """What came so far, by kind."""
        return [str(answer.WhichOneof("message")) for answer in self.got]

    def silent_about(self, kind: str, *, for_seconds: float) -> bool:
        """No answer of that kind comes; an end of the connection counts as silence."""
        try:
            self.hear(kind, within=for_seconds)
        except (TooLate, ConnectionClosed):
            return True
        return False

    def closed_with(self, *, within: float = 10.0) -> int:
        """The code that the gate closes with."""
        try:
            while True:
                self._receive(within, "the end of the connection")
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def _receive(self, within: float, what: str) -> rtc.SignalResponse | None:
        try:
            frame = self._socket.recv(timeout=within)
        except TimeoutError:
            raise TooLate(f"{what}: not within {within} s") from None
        if isinstance(frame, str):
            self.texts.append(frame)
            return None
        answer = rtc.SignalResponse.FromString(frame)
        self.got.append(answer)
        return answer


@contextmanager
def line(browser_url: str, token: str, **asked: str) -> Iterator[Line]:
    """A connection for as long as the block lasts; see `open_line`."""
    opened = open_line(browser_url, token, **asked)
    try:
        yield opened
    finally:
        opened.hang_up()


class Deaf:
    """A WebSocket on which nothing is ever read, whatever comes: no answer, no ping, no close."""

    def __init__(self, url: str) -> None:
        self._socket = _upgraded(url)

    def send(self, text: str) -> None:
        """One text message."""
        self._socket.sendall(Frame(Opcode.TEXT, text.encode()).serialize(mask=True))

    def is_given_up(self) -> bool:
        """Whether the other side has closed the connection."""
        info = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 8)
        return info[0] != TCP_ESTABLISHED

    def close(self) -> None:
        self._socket.close()


def _upgraded(url: str) -> socket.socket:
    """A connection that became a WebSocket; what comes next is left unread."""
    where = urlsplit(url)
    opened = socket.create_connection((where.hostname, where.port), timeout=5)
    lines = (
        f"GET {where.path}?{where.query} HTTP/1.1",
        f"Host: {where.netloc}",
        *("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"),
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    opened.sendall("\r\n".join((*lines, "", "")).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += opened.recv(1)
    assert head.startswith(b"HTTP/1.1 101 "), head
    return opened


@contextmanager
def deaf_line(browser_url: str, token: str) -> Iterator[Deaf]:
    """A media connection that nobody reads."""
    made = Deaf(_url(browser_url, "calling/v1/media/rtc/v1", {"access_token": token}))
    yield made
    made.close()


@contextmanager
def deaf_agent(browser_url: str, token: str) -> Iterator[Deaf]:
    """An agent socket that signs in and reads nothing."""
    made = Deaf(browser_url.replace("http", "ws", 1) + "calling/v1/agent")
    hello = {"id": 1, "op": "hello", "version": 1, "token": token, "displayName": "Deaf"}
    made.send(json.dumps(hello))
    yield made
    made.close()


def disguised_line(browser_url: str, token: str, headers: Mapping[str, str]) -> Line:
    """A connection whose first request has headers of its own."""
    return _open(_url(browser_url, "calling/v1/media/rtc/v1", {"access_token": token}), headers)


def open_line(
    browser_url: str, token: str, *, path: str = "calling/v1/media/rtc/v1", **query: str
) -> Line:
    """A connection through the gate with any token at all; `ShutOut` when it is refused."""
    return _open(_url(browser_url, path, {"access_token": token} | query), None)


def _url(browser_url: str, path: str, query: Mapping[str, str]) -> str:
    asked = {"join_request": join_request(), **query}
    return browser_url.replace("http", "ws", 1) + path + "?" + urlencode(asked)


def _open(url: str, headers: Mapping[str, str] | None) -> Line:
    end = ExitStack()
    try:
        opening = connect(
            url, compression=None, proxy=None, max_size=None, additional_headers=headers
        )
        opened = end.enter_context(opening)
    except InvalidStatus as refused:
        response = refused.response
        raise ShutOut(response.status_code, (response.body or b"").decode()) from None
    return Line(opened, end)
