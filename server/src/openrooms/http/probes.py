"""What those ask who keep an eye on us: are we well, do we want visitors, what has been counted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from openrooms import metrics

# One part we stand on: what is wrong with it now; None while it works.
Part: TypeAlias = Callable[[], Awaitable[str | None]]

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

    async def _health(self, request: Request) -> Response:
        """200 while every part works, otherwise 503 and which one does not."""
        troubles = await self._look()
        well = not any(troubles.values())
        said = {"status": "ok" if well else "unavailable", "version": self._version}
        return JSONResponse(said | _parts(troubles, request), 200 if well else 503, NEVER_KEPT)

    async def _ready(self, request: Request) -> Response:
        """200 while visitors are welcome: every part works and we are not about to end."""
        troubles = await self._look()
        if self._leaving:
            status = "stopping"
        else:
            status = "unavailable" if any(troubles.values()) else "ready"
        said = {"status": status} | _parts(troubles, request)
        return JSONResponse(said, 200 if status == "ready" else 503, NEVER_KEPT)

    async def _look(self) -> dict[str, str | None]:
        return {name: await trouble() for name, trouble in self._parts.items()}


def _parts(troubles: Mapping[str, str | None], request: Request) -> dict[str, object]:
    """Which parts work; on this machine, where operators look, also what is wrong with the others."""
    parts = {name: trouble is None for name, trouble in troubles.items()}
    wrong = {name: trouble for name, trouble in troubles.items() if trouble is not None}
    told = wrong and request.url.scheme == "http"
    return {"parts": parts, "troubles": wrong} if told else {"parts": parts}


def metrics_route() -> Route:
    """`/metrics`: for a collector on this machine."""

    async def tell(_request: Request) -> Response:
        return Response(metrics.show(), headers={"Content-Type": metrics.MEDIA_TYPE})

    return Route("/metrics", tell, methods=["GET"])
