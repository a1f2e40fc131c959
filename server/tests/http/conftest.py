"""A real server with a small application, for tests that speak to it by socket."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from tests.http.running import Running

from openrooms.http.apis import Apis
from openrooms.http.certificates import ensure_certificates
from openrooms.http.limits import Limits
from openrooms.http.listening import LOOPBACK, listening, port_of
from openrooms.http.server import Server
from openrooms.kernel.clock import system_clock

QUICK = Limits(
    head_seconds=0.3,
    pause_seconds=0.3,
    body_seconds=0.5,
    stall_seconds=0.3,
    linger_seconds=0.2,
    messages={b"/calling/small": 100},
)


async def echo(request: Request) -> Response:
    body = await request.body()
    client = request.client.host if request.client else None
    return JSONResponse({"path": request.url.path, "body": len(body), "client": client})


async def headers(request: Request) -> Response:
    await request.body()
    return JSONResponse(sorted(request.headers))


async def silent(request: Request) -> Response:
    return JSONResponse({"target": len(request.url.query)})


async def flood(request: Request) -> Response:
    return Response(b"x" * 50_000_000)


async def wait(request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def later(request: Request) -> Response:
    """Read the body only when `/release` has been asked for."""
    released = request.app.state.released = asyncio.Event()
    await released.wait()
    return Response(str(len(await request.body())))


async def release(request: Request) -> Response:
    request.app.state.released.set()
    return Response()


async def talk(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(str(len(websocket.url.query)))
    async for text in websocket.iter_text():
        await websocket.send_text(text)


APP = Starlette(
    routes=[
        Route("/echo", echo, methods=["GET", "POST"]),
        Route("/headers", headers, methods=["POST"]),
        Route("/flood", flood),
        Route("/forever", wait),
        Route("/later", later, methods=["POST"]),
        Route("/release", release),
        Route("/calling/validate", silent),
        WebSocketRoute("/calling/talk", talk),
        WebSocketRoute("/calling/small", talk),
    ]
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """The event loop that serves people."""
    return "asyncio", {"use_uvloop": True}


@asynccontextmanager
async def serve(
    authority: Path | None,
    tls: ssl.SSLContext | None,
    limits: Limits = QUICK,
    *,
    apis: Apis | None = None,
) -> AsyncIterator[Running]:
    with listening(0, LOOPBACK, option="--http-port") as sockets:
        async with Server(APP, clock=system_clock, limits=limits, apis=apis) as server:
            server.listen(sockets, tls)
            yield Running(server, port_of(sockets), authority)
            await server.drain(grace=1)


@pytest.fixture
async def plain() -> AsyncIterator[Running]:
    """A server in plain HTTP, with short deadlines."""
    async with serve(None, None) as running:
        yield running


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[Running]:
    """The same in TLS."""
    certificates = ensure_certificates(tmp_path, None, system_clock())
    async with serve(certificates.authority, certificates.context) as running:
        yield running


@pytest.fixture
def port(plain: Running) -> int:
    return plain.port
