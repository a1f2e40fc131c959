"""Pages in plain HTTP are served under our own names alone."""

import pytest
from httpx2 import ASGITransport, AsyncClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from openrooms.http.hosts import for_hosts

pytestmark = pytest.mark.anyio


async def page(request: Request) -> Response:
    return Response("page")


APP = for_hosts(Starlette(routes=[Route("/", page)]), ["Rooms.example"])


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("app.localhost:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("[::1]", 200),
        ("192.0.2.7", 200),
        ("rooms.example", 200),
        ("ROOMS.example:443", 200),
        ("attacker.example:8080", 421),
        ("localhost.attacker.example", 421),
        ("rooms.example.attacker.example", 421),
        ("notlocalhost", 421),
        ("127.0.0.1.attacker.example", 421),
        ("\xff", 421),
    ],
)
async def test_only_our_own_names_are_served(host: str, status: int) -> None:
    transport = ASGITransport(app=APP)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/", headers=[(b"host", host.encode("latin-1"))])

    assert answer.status_code == status


async def test_who_names_no_host_is_served() -> None:
    assert await ask("http", []) == ["http.response.start", "http.response.body"]


async def test_a_websocket_under_another_name_is_refused() -> None:
    assert await ask("websocket", [(b"host", b"attacker.example")]) == ["websocket.close"]


async def ask(kind: str, headers: list[tuple[bytes, bytes]]) -> list[str]:
    """The kinds of messages that a request is answered with."""
    said: list[str] = []

    async def receive() -> Message:
        return {"type": f"{kind}.connect"}

    async def send(message: Message) -> None:
        said.append(message["type"])

    scope = {"type": kind, "method": "GET", "path": "/", "headers": headers}
    await APP(scope, receive, send)
    return said
