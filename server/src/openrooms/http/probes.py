"""What those ask who keep an eye on us: are we well, do we want visitors, what has been counted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from openrooms import metrics

# One part we stand on: whether it works now.
Part: TypeAlias = Callable[[], Awaitable[bool]]

NEVER_KEPT = {"Cache-Control": "no-store"}


class Probes:
    """How the parts are, and whether we are about to end."""

    def __init__(self, parts: Mapping[str, Part], version: str) -> None:
        self._parts = parts
        self._version = version
        self._leaving = False

    def leave(self) -> None:
        """From now on ask for no new visitors."""
        self._leaving = True

    @property
    def routes(self) -> list[Route]:
        """`/health` and `/ready`, for anyone."""
        return [
            Route("/health", self._health, methods=["GET"]),
            Route("/ready", self._ready, methods=["GET"]),
        ]

    async def _health(self, _request: Request) -> Response:
        """200 while every part works, otherwise 503 and which one does not."""
        working = await self._look()
        well = all(working.values())
        said = {
            "status": "ok" if well else "unavailable",
            "version": self._version,
            "parts": working,
        }
        return JSONResponse(said, 200 if well else 503, NEVER_KEPT)

    async def _ready(self, _request: Request) -> Response:
        """200 while visitors are welcome: every part works and we are not about to end."""
        working = await self._look()
        if self._leaving:
            status = "stopping"
        else:
            status = "ready" if all(working.values()) else "unavailable"
        said = {"status": status, "parts": working}
        return JSONResponse(said, 200 if status == "ready" else 503, NEVER_KEPT)

    async def _look(self) -> dict[str, bool]:
        return {name: await works() for name, works in self._parts.items()}


def metrics_route() -> Route:
    """`/metrics`: for a collector on this machine."""

    async def tell(_request: Request) -> Response:
        return Response(metrics.show(), headers={"Content-Type": metrics.MEDIA_TYPE})

    return Route("/metrics", tell, methods=["GET"])
