"""Where the call side is reached: the agent socket, the media gate, and the engine's reports."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from openrooms.calling.agent_socket import serve_agent
from openrooms.calling.assembly import CallSide
from openrooms.calling.errors import ForeignOrigin
from openrooms.calling.gate import refusal
from openrooms.calling.operations import MEDIA_PATH
from openrooms.http.origins import Origins

AGENT_PATH = "/calling/v1/agent"
EVENTS_PATH = "/engine/v1/events"
LONGEST_REPORT = 1_048_576


ANY = Origins()


def calling_routes(side: CallSide, origins: Origins = ANY) -> list[BaseRoute]:
    """What clients reach: browsers from pages of these origins, and programs."""

    async def agent(websocket: WebSocket) -> None:
        if origins.admit(websocket):
            await serve_agent(side.desk, websocket)
        else:
            await websocket.send_denial_response(refusal(ForeignOrigin()))

    async def media(websocket: WebSocket) -> None:
        if origins.admit(websocket):
            await side.gate.serve(websocket)
        else:
            await websocket.send_denial_response(refusal(ForeignOrigin()))

    async def validate(request: Request) -> Response:
        admitted = origins.admit(request)
        answer = await side.gate.validate(request) if admitted else refusal(ForeignOrigin())
        answer.headers.update(origins.answer(request))
        return answer

    return [
        WebSocketRoute(AGENT_PATH, agent),
        WebSocketRoute(f"{MEDIA_PATH}/rtc/v1", media),
        Route(f"{MEDIA_PATH}/rtc/v1/validate", validate, methods=["GET"]),
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
