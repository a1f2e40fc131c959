"""Makes true, at the engine and at the sockets, what the database has decided.

Order of taking away: the client is told why, the engine puts him out (or allows less) until it is
so, the gate cuts his sockets, the others are told. Each leg has one worker at a time, which reads
the leg anew until nothing changes under its hands; so orders may be repeated, and never overtake
each other. What fails here is repeated by the reconciler.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.closing import LEG_OVER, SIGNED_OUT
from openrooms.calling.consequences import (
    CallEnded,
    CallEnding,
    Consequence,
    FeaturesChanged,
    LegAccepted,
    LegChanged,
    LegEnded,
    LegRings,
    RoleChanged,
    TokensRevoked,
)
from openrooms.calling.model import ANSWERED_ELSEWHERE, REVOKED, EndReason, Leg, LegState
from openrooms.calling.passages import Passages
from openrooms.calling.service import Calls
from openrooms.calling.views import Views
from openrooms.calling.watches import Watches
from openrooms.media.engine import Engine
from openrooms.media.errors import EngineAway
from openrooms.metrics import LEGS_ENDED
from openrooms.storage.errors import DatabaseAway

log = structlog.get_logger(__name__)

PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
Deed = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Stage:
    """All that enforcing works on."""

    calls: Calls
    engine: Engine
    agents: Agents
    passages: Passages
    watches: Watches
    views: Views


class Enforcer:
    """Follows what was decided. `follow` is called on the loop, in the order of the commits."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._new: asyncio.Queue[str | CallEnded] = asyncio.Queue()
        # Legs that have a worker, and whether they were ordered once more meanwhile.
        self._again: dict[str, bool] = {}

    def follow(self, consequences: Sequence[Consequence]) -> None:
        for consequence in consequences:
            match consequence:
                case LegEnded(leg=leg) if leg.state is LegState.RINGING:
                    self._tell_silence(leg, consequence.reason)
                    self._stage.views.rang(leg)
                case LegEnded(leg=leg):
                    self._tell_end(consequence)
                    self.order(leg.id)
                case LegRings(leg=leg):
                    self._tell_call(consequence)
                case LegAccepted(leg=leg):
                    self._tell_silence(leg, ANSWERED_ELSEWHERE)
                case RoleChanged(leg=leg):
                    log.info("role_changed", call=leg.call_id, leg=leg.id, role=leg.role)
                    self.order(leg.id)
                case LegChanged(leg=leg):
                    self.order(leg.id)
                case FeaturesChanged(call_id=call_id):
                    self._stage.views.touch(call_id)
                case CallEnding(call_id=call_id, at=at):
                    log.info("call_ending", call=call_id, at=at)
                    self._stage.views.tell_end(call_id, at)
                case CallEnded(call_id=call_id):
                    log.info("call_ended", call=call_id)
                    self._stage.views.forget_end(call_id)
                    self._new.put_nowait(consequence)
                case TokensRevoked(raw_id=raw_id):
                    self._sign_out(raw_id)

    def order(self, leg_id: str) -> None:
        """Have a leg made true; once more, when its worker is at it."""
        if leg_id in self._again:
            self._again[leg_id] = True
        else:
            self._again[leg_id] = False
            self._new.put_nowait(leg_id)

    def sign_out_resource(self, resource_id: str) -> None:
        """Sign out every agent of a resource that is no more."""
        for line in self._stage.agents.of_resource(resource_id):
            self._sign_out(line.agent.raw_id)

    async def run(self) -> None:
        """Carry out what is ordered, each leg in a task of its own, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                order = await self._new.get()
                tasks.create_task(self._carry_out(order))

    async def _carry_out(self, order: str | CallEnded) -> None:
        try:
            if isinstance(order, CallEnded):
                await self._close_room(order.call_id)
            else:
                await self._work(order)
        except Exception:
            # The top of a task; the reconciler repeats what is left undone.
            log.exception("enforcing_failed")

    async def _work(self, leg_id: str) -> None:
        try:
            while True:
                self._again[leg_id] = False
                await _insist(lambda: self._make_true(leg_id))
                if not self._again[leg_id]:
                    return
        finally:
            del self._again[leg_id]

    async def _make_true(self, leg_id: str) -> bool:
        """Whether the leg is at the engine as it is in the database."""
        leg = await self._stage.calls.leg(leg_id)
        if leg is None:
            return True
        if leg.end is None:
            return await self._allow(leg)
        await self._stage.engine.remove(leg.call_id, leg.seat)
        # A connect that was under way may have put him in just now.
        if await self._stage.passages.settled(leg.id):
            return False
        self._stage.passages.cut(leg.id, LEG_OVER)
        self._stage.watches.forget(leg.id)
        self._stage.views.touch(leg.call_id)
        return True

    async def _allow(self, leg: Leg) -> bool:
        stage = self._stage
        stage.passages.set_grants(leg.id, leg.grants)
        stage.views.touch(leg.call_id)
        line = stage.agents.of_leg(leg)
        told = None if line is None else line.leg_told(leg.id)
        gains = told is not None and leg.grants.sources > told.grants.sources
        # Who may do less hears of it before it is so; who may do more, once it is so.
        if not gains:
            self._tell_role(leg)
        try:
            there = await stage.engine.permit(
                leg.call_id, leg.seat, leg.grants, name=leg.display_name
            )
        finally:
            # Also when the engine is away: whoever connects to the next one has the new grants.
            self._tell_role(leg)
            # He may see more now, or less.
            stage.views.touch(leg.call_id)
        if not there and await stage.passages.settled(leg.id):
            return False
        now = await stage.calls.leg(leg.id)
        return now is None or now.version == leg.version

    def _tell_end(self, ended: LegEnded) -> None:
        leg, reason = ended.leg, ended.reason
        log.info(
            "leg_ended", call=leg.call_id, leg=leg.id, code=reason.code, sub_code=reason.sub_code
        )
        LEGS_ENDED.labels(str(reason.code), str(reason.sub_code)).inc()
        line = self._stage.agents.of_leg(leg)
        if line is not None:
            line.tell_end(leg, reason)

    def _tell_call(self, ringing: LegRings) -> None:
        leg = ringing.leg
        log.info("leg_rings", call=leg.call_id, leg=leg.id, user=leg.raw_id)
        for line in self._stage.agents.of_user(leg.raw_id):
            line.post(wire.incoming(leg, ringing.call, caller_name=ringing.caller_name))
        self._stage.views.touch(leg.call_id)

    def _tell_silence(self, leg: Leg, reason: EndReason) -> None:
        """Have a leg ring no more at its user's agents, but for the one that has taken it."""
        log.info(
            "leg_silent", call=leg.call_id, leg=leg.id, code=reason.code, sub_code=reason.sub_code
        )
        for line in self._stage.agents.of_user(leg.raw_id):
            if line.agent.id != leg.agent_id:
                line.post(wire.incoming_ended(leg, reason))
        self._stage.views.touch(leg.call_id)

    def _tell_role(self, leg: Leg) -> None:
        line = self._stage.agents.of_leg(leg)
        if line is not None:
            line.tell_role(leg)

    def _sign_out(self, raw_id: str) -> None:
        for line in self._stage.agents.of_user(raw_id):
            line.post(wire.signed_out(REVOKED))
            line.cut(SIGNED_OUT)

    async def _close_room(self, call_id: str) -> None:
        async def close() -> bool:
            await self._stage.engine.close_room(call_id)
            return True

        await _insist(close)


async def _insist(deed: Deed) -> None:
    """Try until it is done, for a while."""
    for pause in PAUSES:
        try:
            if await deed():
                return
        except (EngineAway, DatabaseAway):
            await asyncio.sleep(pause)
