"""What the engine reports, taken in: media up, media gone, what is sent, and people who should not be there."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog

from openrooms.calling.model import Leg, leg_of_seat
from openrooms.calling.publications import Publications
from openrooms.calling.service import Calls
from openrooms.calling.watches import Watches
from openrooms.media.engine import Engine, EngineEvent, EventKind
from openrooms.media.errors import EngineAway
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

MOST_REMEMBERED = 10_000

# Verifies and reads one report from its body and headers; None for one that is not the engine's.
ReadReport: TypeAlias = Callable[[bytes, Mapping[str, str]], EngineEvent | None]


@dataclass(slots=True)
class Reports:
    """Takes the engine's reports in. A report that comes twice counts once."""

    calls: Calls
    engine: Engine
    watches: Watches
    publications: Publications
    read: ReadReport
    leaving: Callable[[], None]
    # The room in which nobody is but the server itself.
    hidden: str
    _seen: OrderedDict[str, None] = field(default_factory=OrderedDict)

    async def receive(self, body: bytes, headers: Mapping[str, str]) -> int:
        """One report as it came; gives the HTTP status: of 5xx the engine sends it again."""
        event = self.read(body, headers)
        if event is None:
            return 401
        try:
            await self.take(event)
        except (DatabaseAway, EngineAway):
            return 503
        return 200

    async def take(self, event: EngineEvent) -> None:
        if event.id in self._seen or event.room == self.hidden:
            return
        await self._take(event)
        # Noted only now: a report that could not be worked on comes again.
        self._seen[event.id] = None
        if len(self._seen) > MOST_REMEMBERED:
            self._seen.popitem(last=False)

    async def _take(self, event: EngineEvent) -> None:
        match event.kind:
            case EventKind.JOINED:
                await self._joined(event)
            case EventKind.LEFT:
                self.publications.left(event)
                await self._left(event)
            case EventKind.TRACK_PUBLISHED:
                self.publications.published(event)
            case EventKind.TRACK_UNPUBLISHED:
                self.publications.unpublished(event)
            case EventKind.ROOM_STARTED:
                await self._room_started(event)
            case EventKind.LEAVING:
                self.leaving()
            case _:
                return

    async def _joined(self, event: EngineEvent) -> None:
        leg = await self._leg(event)
        if leg is None or leg.end is not None:
            log.warning("stranger_at_engine", room=event.room, participant=event.identity)
            await self.engine.remove(event.room, event.identity)
            return
        self.watches.begin(leg)
        self.watches.joined(leg.id, event.connection)
        await self.calls.connected(leg.id)

    async def _left(self, event: EngineEvent) -> None:
        leg_id = leg_of_seat(event.identity)
        self.watches.left(
            leg_id, event.connection, hung_up=event.hung_up, silent_for=event.silent_for
        )
        reason = self.watches.verdict(leg_id)
        if reason is not None:
            await self.calls.end(leg_id, reason)

    async def _room_started(self, event: EngineEvent) -> None:
        if not await self.calls.is_live(event.room):
            await self.engine.close_room(event.room)

    async def _leg(self, event: EngineEvent) -> Leg | None:
        leg = await self.calls.leg(leg_of_seat(event.identity))
        if leg is None or leg.seat != event.identity or leg.call_id != event.room:
            return None
        return leg
