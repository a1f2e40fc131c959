"""What the people in a call are told of each other: the roster as a stream of differences, and what
goes on beside media (hands, spotlights, media access) as a whole each time.

For each call one list of legs is held as it was last told. A client that joins is given that list;
from then on it gets every difference, so that nobody ever sees a gap. Of a room, who is called and
has not come yet is shown to those alone who may call others: nobody else learns who is invited.
"""

import asyncio
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakValueDictionary

import structlog

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.capabilities import ADD_USER, CallKind
from openrooms.calling.ending_wire import ROOM_EXPIRED
from openrooms.calling.features import Features
from openrooms.calling.features_wire import FeaturesView, view_of_features
from openrooms.calling.model import EndReason, Leg, LegState
from openrooms.calling.service import Calls
from openrooms.calling.watches import CONNECTING
from openrooms.kernel.clock import monotonic
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

GATHER_SECONDS = 0.1
# What changes in a larger call is gathered for longer: to tell everyone costs as much as there are people. So
# a call that fills up costs the same each second, however full it is.
GATHER_SECONDS_EACH = 0.002
RINGING = "ringing"


@dataclass(frozen=True, slots=True)
class Shown:
    """A leg as it is told. `guarded`: to those alone who may call others."""

    view: wire.LegView
    guarded: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client was told last: of a call's legs as `leg` might see them, and its features."""

    leg: Leg
    features: Features


class Views:
    """Tells the agents of each call who else is in it."""

    def __init__(self, calls: Calls, agents: Agents, *, state: Callable[[str], str]) -> None:
        self._calls = calls
        self._agents = agents
        self._state = state
        self._told: dict[str, dict[str, Shown]] = {}
        # What goes on in each call.
        self._features: dict[str, Features] = {}
        # By call and leg: what its client was told last.
        self._heard: dict[str, dict[str, Heard]] = {}
        # By call and id: legs that rang, and have ended since its people were told last.
        self._rang: dict[str, dict[str, Leg]] = {}
        # When calls will end, as everyone in them was told.
        self._ending: dict[str, datetime] = {}
        # Since when something has changed.
        self._changed: dict[str, float] = {}
        self._wake = asyncio.Event()
        # One lock for each call that is being loaded; it goes with the last who waits for it.
        self._loading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def touch(self, call_id: str) -> None:
        """Something about a leg of this call has changed."""
        self._changed.setdefault(call_id, monotonic())
        self._wake.set()

    def rang(self, leg: Leg) -> None:
        """A leg that rang has ended. Whoever may know of it is told both, however soon it was."""
        self._rang.setdefault(leg.call_id, {})[leg.id] = leg
        self.touch(leg.call_id)

    async def load_ends(self) -> None:
        """Know what a process before us has told of the ends of calls."""
        self._ending.update(await self._calls.ends())

    def tell_end(self, call_id: str, at: datetime | None) -> None:
        """Tell everyone in the call when it will end; None: that it will not."""
        self.forget_end(call_id)
        if at is not None:
            self._ending[call_id] = at
        told = None if at is None else wire.moment(at)
        for agent in self._agents.in_call(call_id):
            agent.post(wire.Ending(call_id=call_id, at=told, reason=ROOM_EXPIRED))

    def end_of(self, call_id: str) -> datetime | None:
        """When the call will end, as everyone in it knows; None: nobody was told of an end."""
        return self._ending.get(call_id)

    def forget_end(self, call_id: str) -> None:
        self._ending.pop(call_id, None)

    async def load(self, call_id: str) -> None:
        """Make sure that the call's list, and what goes on in it, is held."""
        if call_id in self._told:
            return
        # A crowd that joins one call at once looks once, and holds up no other call.
        async with self._loading.setdefault(call_id, asyncio.Lock()):
            if call_id not in self._told:
                shown = await self._look(call_id)
                features = await self._calls.features(call_id)
                self._told.setdefault(call_id, shown)
                self._features.setdefault(call_id, features)
                # Whoever begins a call knows whom he called, and sees who of them is on the list.
                self._rang.pop(call_id, None)

    def show(self, leg: Leg) -> tuple[list[wire.LegView], FeaturesView]:
        """Everyone but `leg` itself, as last told, and what goes on in the call: its client hears it."""
        seen = self._features.get(leg.call_id, Features()).seen_by(leg)
        self._heard.setdefault(leg.call_id, {})[leg.id] = Heard(leg, seen)
        others = _seen_by(leg, self._told.get(leg.call_id, {}))
        others.pop(leg.id, None)
        return list(others.values()), view_of_features(seen)

    async def run(self) -> None:
        """Send the differences, gathered for 100 ms and in large calls for longer, for ever."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            for call_id in self._due():
                try:
                    await self._tell(call_id)
                except DatabaseAway as error:
                    log.warning("roster_not_told", call=call_id, why=type(error).__name__)
                    self.touch(call_id)

    def _due(self) -> list[str]:
        """The calls whose people are told now."""
        now = monotonic()
        due = [
            call_id for call_id, at in self._changed.items() if at + self._gathers(call_id) <= now
        ]
        for call_id in due:
            del self._changed[call_id]
        if not self._changed:
            self._wake.clear()
        return due

    def _gathers(self, call_id: str) -> float:
        seconds = GATHER_SECONDS_EACH * len(self._told.get(call_id, ()))
        return seconds if seconds > GATHER_SECONDS else 0.0

    async def _tell(self, call_id: str) -> None:
        now = await self._look(call_id)
        told = self._told.get(call_id, {})
        ends = await self._ends(told.keys() - now.keys(), told)
        features = await self._calls.features(call_id)
        rang = self._rang.pop(call_id, {})
        ends |= {leg.id: leg.end for leg in rang.values() if leg.end is not None}
        # Who rang between two looks is told of as well: he comes first, and then goes.
        before = {
            leg_id: _ringing(leg, in_room=leg.role is not None) for leg_id, leg in rang.items()
        }
        before |= told
        listeners = self._agents.in_call(call_id)
        if now or listeners:
            self._told[call_id] = now
            self._features[call_id] = features
        else:
            self._told.pop(call_id, None)
            self._features.pop(call_id, None)
        heard = self._heard.pop(call_id, {})
        brief, news = _News(told, before), _News(before, now)
        for agent in listeners:
            own = agent.leg_in(call_id)
            if own is None:
                continue
            last = heard.get(own.id)
            hears = Heard(own, features.seen_by(own))
            self._heard.setdefault(call_id, {})[own.id] = hears
            if last is None or last.features != hears.features:
                agent.post(wire.features_changed(call_id, hears.features))
            then = own if last is None else last.leg
            came, _ = brief.of(then, then)
            if came:
                agent.post(wire.legs_changed(call_id, came, []))
            changed, removed = news.of(then, own)
            if changed or removed:
                whys = {leg_id: ends[leg_id] for leg_id in removed if leg_id in ends}
                agent.post(wire.legs_changed(call_id, changed, removed, ends=whys))

    async def _ends(
        self, gone: AbstractSet[str], before: Mapping[str, Shown]
    ) -> dict[str, EndReason]:
        """How those ended who were called and never came."""
        rang = [leg_id for leg_id in gone if before[leg_id].view.state == RINGING]
        legs = [await self._calls.leg(leg_id) for leg_id in rang]
        return {leg.id: leg.end for leg in legs if leg is not None and leg.end is not None}

    async def _look(self, call_id: str) -> dict[str, Shown]:
        call = await self._calls.call(call_id)
        in_room = call is not None and call.kind is CallKind.ROOM
        legs = await self._calls.open_legs(call_id)
        shown = {leg.id: self._show(leg, in_room=in_room) for leg in legs}
        return {leg_id: one for leg_id, one in shown.items() if one is not None}

    def _show(self, leg: Leg, *, in_room: bool) -> Shown | None:
        if leg.state is LegState.RINGING:
            return _ringing(leg, in_room=in_room)
        state = self._state(leg.id)
        # Who was called is shown on his way; who comes by himself, once he is there.
        if state == CONNECTING and leg.invited_by is None:
            return None
        return Shown(wire.view_of_leg(leg, state), guarded=in_room and state == CONNECTING)


def _ringing(leg: Leg, *, in_room: bool) -> Shown:
    return Shown(wire.view_of_leg(leg, RINGING), guarded=in_room)


class _News:
    """What is new in a call's list, by what its hearer might see before and may see now.

    It is the same for all who may see the same: a full call is compared once, and not for each in it.
    """

    def __init__(self, before: Mapping[str, Shown], now: Mapping[str, Shown]) -> None:
        self._before = before
        self._now = now
        self._known: dict[tuple[bool, bool], tuple[list[wire.LegView], list[str]]] = {}

    def of(self, then: Leg, own: Leg) -> tuple[list[wire.LegView], list[str]]:
        """The views that are new or others, and the ids of what is gone.

        Whoever may not see any more what he was told of hears that it is gone.
        """
        rights = _may_call(then), _may_call(own)
        if rights not in self._known:
            seen, sees = _seen_by(then, self._before), _seen_by(own, self._now)
            changed = [view for leg_id, view in sees.items() if seen.get(leg_id) != view]
            self._known[rights] = changed, [leg_id for leg_id in seen if leg_id not in sees]
        return self._known[rights]


def _may_call(leg: Leg) -> bool:
    return leg.capabilities.has(ADD_USER)


def _seen_by(own: Leg, all_shown: Mapping[str, Shown]) -> dict[str, wire.LegView]:
    may_call = _may_call(own)
    return {
        leg_id: shown.view for leg_id, shown in all_shown.items() if may_call or not shown.guarded
    }
