"""What those ask who keep an eye on us: are we well, do we want visitors, what has been counted."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from openrooms import metrics
from openrooms.kernel.clock import Clock, system_clock

# One part we stand on: what is wrong with it now; None while it works.
Part: TypeAlias = Callable[[], Awaitable[str | None]]
# What the last try of a call found: the same for each part that it came to.
Probed: TypeAlias = Callable[[], Mapping[str, str | None]]

NEVER_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Seen:
    """How a part is, since when, and what was wrong with it last, and when."""

    trouble: str | None
    since: datetime
    last: str | None = None
    last_at: datetime | None = None

    def next(self, trouble: str | None, at: datetime) -> "Seen":
        since = self.since if (trouble is None) == (self.trouble is None) else at
        seen = replace(self, trouble=trouble, since=since)
        return seen if trouble is None else replace(seen, last=trouble, last_at=at)

    def told(self, *, fully: bool) -> dict[str, object]:
        said: dict[str, object] = {"works": self.trouble is None, "since": _text(self.since)}
        if fully and self.last_at is not None:
            said["lastTrouble"] = {"at": _text(self.last_at), "what": self.last}
        return said


@dataclass(slots=True)
class Probes:
    """How the parts are, and whether we are about to end.

    `parts` are looked at when somebody asks. `probed` gives what the last try of a call found of what
    it came to; it is told, and decides about health, but turns no visitors away.
    """

    parts: Mapping[str, Part]
    version: str
    probed: Probed = field(default=dict, kw_only=True)
    clock: Clock = field(default=system_clock, kw_only=True)
    _leaving: bool = False
    _seen: dict[str, Seen] = field(default_factory=dict)

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

    async def look(self) -> tuple[dict[str, str | None], dict[str, str | None]]:
        """What is wrong with each part, and with each that was probed; noted with the time."""
        troubles = {name: await trouble() for name, trouble in self.parts.items()}
        probed = dict(self.probed())
        now = self.clock()
        for name, trouble in (troubles | probed).items():
            known = self._seen.get(name) or Seen(trouble, now)
            self._seen[name] = known.next(trouble, now)
            metrics.PART_WORKS.labels(name).set(trouble is None)
        for name in self._seen.keys() - troubles.keys() - probed.keys():
            # Nobody knows now. What was wrong last is still worth telling when it is known again.
            with suppress(KeyError):
                metrics.PART_WORKS.remove(name)
        return troubles, probed

    async def _health(self, request: Request) -> Response:
        """200 while every part works and calls succeed, otherwise 503 and which part does not."""
        troubles, probed = await self.look()
        well = not any((troubles | probed).values())
        said = {"status": "ok" if well else "unavailable", "version": self.version}
        fully = _is_near(request)
        now = {name: self._seen[name].told(fully=fully) for name in troubles | probed}
        said_of_parts = _parts(troubles, request, beside=probed)
        return JSONResponse(
            said | said_of_parts | {"calls": _works(probed), "states": now},
            200 if well else 503,
            NEVER_KEPT,
        )

    async def _ready(self, request: Request) -> Response:
        """200 while visitors are welcome: every part works and we are not about to end."""
        troubles, _ = await self.look()
        if self._leaving:
            status = "stopping"
        else:
            status = "unavailable" if any(troubles.values()) else "ready"
        said = {"status": status} | _parts(troubles, request)
        return JSONResponse(said, 200 if status == "ready" else 503, NEVER_KEPT)


def _parts(
    troubles: Mapping[str, str | None],
    request: Request,
    *,
    beside: Mapping[str, str | None] = MappingProxyType({}),
) -> dict[str, object]:
    """Which parts work; on this machine, where operators look, also what is wrong with the others."""
    every = {**troubles, **beside}
    wrong = {name: trouble for name, trouble in every.items() if trouble is not None}
    parts: dict[str, object] = {"parts": _works(troubles)}
    return parts | {"troubles": wrong} if wrong and _is_near(request) else parts


def _works(troubles: Mapping[str, str | None]) -> dict[str, bool]:
    return {name: trouble is None for name, trouble in troubles.items()}


def _is_near(request: Request) -> bool:
    return request.url.scheme == "http"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _nothing() -> bytes:
    return b""


def metrics_route(probes: Probes, beside: Callable[[], Awaitable[bytes]] = _nothing) -> Route:
    """`/metrics`: for a collector on this machine; with `beside`, what others count, in the same form."""

    async def tell(_request: Request) -> Response:
        await probes.look()
        told = metrics.show() + await beside()
        return Response(told, headers={"Content-Type": metrics.MEDIA_TYPE})

    return Route("/metrics", tell, methods=["GET"])
