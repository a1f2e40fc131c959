"""Time in the town: it passes by hand, may end some legs, and must end others.

What is seen of a leg is seen before time passes, so it is known when each of its limits begins. A
second to each side of a limit nothing is promised.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.fakes import FakeEngine

from openrooms.calling.model import Call, Leg, LegState
from openrooms.media.errors import EngineAway

from .house import House, soon
from .people import Person

# Nothing happens at the very moment at which something else did.
MOMENT = 0.001
SLACK = 1.0
NEVER_SECONDS, NO_AGENT_SECONDS, SILENT_SECONDS = 20, 60, 120
RINGING_SECONDS, TOKEN_SECONDS, LONGEST_SECONDS = 120, 60, 30 * 3600
TRIES = 10


@dataclass(slots=True)
class Since:
    """Since which of the world's seconds something is so with a leg; None: it is not."""

    no_agent: float | None = None
    no_media: float | None = None
    lapsed: float | None = None
    ringing: float | None = None
    had_media: bool = False


@dataclass(slots=True)
class Hours:
    """How long what lasts in the town, and what has to have ended by now."""

    house: House
    engine: FakeEngine
    people: list[Person]
    # Agent id to the end of its token.
    tokens: dict[str, datetime] = field(default_factory=dict)
    # Room id to its window, where it was moved; and the rooms whose calls end with it.
    windows: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)
    ending: set[int] = field(default_factory=set)
    # Legs for which media was asked.
    tried: set[str] = field(default_factory=set)
    _since: dict[str, Since] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.house.world.clock()

    def admits(self, room: int) -> bool:
        opens, closes = self.windows.get(room, (self.now, self.now + timedelta(1)))
        return opens <= self.now < closes

    def is_late(self, room: int, *, at: datetime | None = None) -> bool:
        """Whether the room's window is over."""
        return room in self.windows and self.windows[room][1] <= (at or self.now)

    def is_over(self, room: int | None, *, at: datetime | None = None) -> bool:
        """Whether there may be no call in the room any more."""
        return room is not None and room in self.ending and self.is_late(room, at=at)

    async def look(self) -> bool:
        """The house looks at everything; whether the engine has told it all."""
        told = not self.engine.away and not self.engine.losing
        self._advance(MOMENT)
        try:
            await self.house.side.reconciler.reconcile()
        except EngineAway:
            return False
        return told

    async def go_by(self, seconds: float) -> list[str]:
        """So many seconds; what should have ended in them, and lives."""
        await soon(self._lost_agents_are_missed)
        told = await self.look()
        calls = {call.id: call for call in await self.house.side.calls.live_calls()}
        legs = await self._legs()
        for leg in legs:
            self._see(leg, told=told)
        ended = {leg.id for leg in legs if self._must_end(leg, calls, seconds, told=told)}
        for leg in legs:
            if self._may_end(leg, calls, seconds):
                for person in self.people:
                    person.must_live.pop(leg.id, None)
        self._advance(seconds)
        return await self._late(ended)

    async def _late(self, ended: set[str]) -> list[str]:
        legs, late = list[Leg](), list[Leg]()
        for _ in range(TRIES):
            await self.house.side.timers.tick()
            await self.look()
            await self.house.side.reconciler.end_quiet()
            legs = await self._legs()
            late = [leg for leg in legs if leg.id in ended]
            if not late:
                break
        for leg in legs:
            since = self._since.setdefault(leg.id, Since())
            if since.lapsed is None and self.tokens.get(leg.agent_id, self.now) <= self.now:
                since.lapsed = self._seconds
        return [f"{leg.id} lives too long: {self._since[leg.id]}" for leg in late]

    @property
    def _seconds(self) -> float:
        return self.house.world.seconds()

    def _advance(self, seconds: float) -> None:
        self.house.world.clock.advance(seconds=seconds)
        self.house.world.seconds.advance(seconds)

    async def _legs(self) -> list[Leg]:
        """The open legs of the town's people."""
        raw_ids = {person.user.raw_id for person in self.people}
        calls = self.house.side.calls
        found = [await calls.open_legs(call.id) for call in await calls.live_calls()]
        return [leg for legs in found for leg in legs if leg.raw_id in raw_ids]

    async def _lost_agents_are_missed(self) -> bool:
        await self.house.side.calls.live_calls()
        return all(
            set(self.house.side.desk.agents.ids_of_user(person.user.raw_id))
            <= {agent.agent_id for agent in person.agents()}
            for person in self.people
        )

    def _see(self, leg: Leg, *, told: bool) -> None:
        since, now = self._since.setdefault(leg.id, Since()), self._seconds
        if leg.state is LegState.RINGING:
            since.ringing = since.ringing or now
            return
        since.ringing = None
        has_agent = self.house.side.desk.agents.of_leg(leg) is not None
        has_media = told and self.engine.seen(leg.call_id, leg.seat) is not None
        since.no_agent = None if has_agent else since.no_agent or now
        since.no_media = None if has_media else since.no_media or now
        since.had_media = since.had_media or has_media

    def _may_end(self, leg: Leg, calls: dict[str, Call], seconds: float) -> bool:
        since, call = self._since[leg.id], calls[leg.call_id]
        later, at = self._seconds + seconds + SLACK, self.now + timedelta(seconds=seconds)
        silence = SILENT_SECONDS if since.had_media else NEVER_SECONDS
        return (
            _is_past(since.no_media, silence, later)
            or _is_past(since.no_agent, NO_AGENT_SECONDS, later)
            or _is_past(since.lapsed, TOKEN_SECONDS, later)
            or self.is_over(call.room_id, at=at)
            or (at - call.started_at).total_seconds() + SLACK >= LONGEST_SECONDS
        )

    def _must_end(self, leg: Leg, calls: dict[str, Call], seconds: float, *, told: bool) -> bool:
        since, call = self._since[leg.id], calls[leg.call_id]
        later, at = self._seconds + seconds - SLACK, self.now + timedelta(seconds=seconds)
        never = leg.id not in self.tried
        gone = told and since.no_media is not None
        return (
            _is_past(since.ringing, RINGING_SECONDS, later)
            or (never and _is_past(since.no_media, NEVER_SECONDS, later))
            or (since.no_media is None and _is_past(since.no_agent, NO_AGENT_SECONDS, later))
            or (gone and seconds - SLACK >= SILENT_SECONDS)
            or _is_past(since.lapsed, TOKEN_SECONDS, later)
            or self.is_over(call.room_id, at=at)
            or (at - call.started_at).total_seconds() - SLACK >= LONGEST_SECONDS
        )


def _is_past(since: float | None, limit: float, later: float) -> bool:
    return since is not None and later - since >= limit
