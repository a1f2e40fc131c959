"""The least that this HTTP server costs: an application that reads nothing and answers "hello"."""

from starlette.types import Receive, Scope, Send

HEADERS = [(b"content-type", b"text/plain"), (b"content-length", b"5")]


async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"hello"})
