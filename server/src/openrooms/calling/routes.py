"""Where the call side is reached: the agent socket, the media gate, and the engine's reports."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from openrooms.calling.agent_socket import MEDIA_PATH, serve_agent
from openrooms.calling.assembly import CallSide

AGENT_PATH = "/calling/v1/agent"
EVENTS_PATH = "/engine/v1/events"
LONGEST_REPORT = 1_048_576


def calling_routes(side: CallSide) -> list[BaseRoute]:
    """What clients reach."""

    async def agent(websocket: WebSocket) -> None:
        await serve_agent(side.desk, websocket)

    return [
        WebSocketRoute(AGENT_PATH, agent),
        WebSocketRoute(f"{MEDIA_PATH}/rtc/v1", side.gate.serve),
        Route(f"{MEDIA_PATH}/rtc/v1/validate", side.gate.validate, methods=["GET"]),
    ]


def report_route(side: CallSide) -> Route:
    """What the engine reaches."""

    async def take(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        return Response(status_code=await side.reports.receive(body, request.headers))

    return Route(EVENTS_PATH, take, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LONGEST_REPORT:
            return None
    return bytes(body)
