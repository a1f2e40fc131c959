"""Makes true, at the engine and at the sockets, what the database has decided.

Order of taking away: the client is told why, the engine puts him out (or allows less) until it is
so, the gate cuts his sockets, the others are told. Every step may be repeated; what fails here is
repeated by the reconciler.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.closing import LEG_OVER, SIGNED_OUT
from openrooms.calling.model import REVOKED, Leg, grants
from openrooms.calling.passages import Passages
from openrooms.calling.service import (
    CallEnded,
    Calls,
    Consequence,
    LegEnded,
    RoleChanged,
    TokensRevoked,
)
from openrooms.calling.views import Views
from openrooms.calling.watches import Watches
from openrooms.media.engine import Engine
from openrooms.media.errors import EngineAway

log = structlog.get_logger(__name__)

PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


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
    """Follows what was decided. `follow` is called on the loop, after the commit."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._orders: asyncio.Queue[Consequence] = asyncio.Queue()

    def follow(self, consequences: Sequence[Consequence]) -> None:
        for consequence in consequences:
            self._tell(consequence)
            self._orders.put_nowait(consequence)

    async def run(self) -> None:
        """Carry out what is ordered, each in a task of its own, for ever."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                order = await self._orders.get()
                tasks.create_task(self._enforce(order))

    def _tell(self, consequence: Consequence) -> None:
        stage = self._stage
        match consequence:
            case LegEnded(leg=leg, reason=reason):
                log.info(
                    "leg_ended", call=leg.call_id, leg=leg.id, code=reason.code, sub=reason.sub_code
                )
                line = stage.agents.find(leg.agent_id, leg.raw_id)
                if line is not None:
                    line.post(wire.ended(leg, reason))
            case RoleChanged(leg=leg, before=before):
                log.info("role_changed", call=leg.call_id, leg=leg.id, role=leg.role.value)
                stage.passages.set_grants(leg.id, leg.grants)
                if not leg.grants.sources > grants(before).sources:
                    self._tell_role(leg)
            case CallEnded(call_id=call_id):
                log.info("call_ended", call=call_id)
            case TokensRevoked(raw_id=raw_id):
                for line in stage.agents.of_user(raw_id):
                    line.post(wire.signed_out(REVOKED))
                    line.cut(SIGNED_OUT)

    def _tell_role(self, leg: Leg) -> None:
        line = self._stage.agents.find(leg.agent_id, leg.raw_id)
        if line is not None:
            line.post(wire.role_changed(leg))

    async def _enforce(self, consequence: Consequence) -> None:
        try:
            await self._do(consequence)
        except Exception:
            # The reconciler repeats it.
            log.exception("enforcing_failed", order=type(consequence).__name__)

    async def _do(self, consequence: Consequence) -> None:
        match consequence:
            case LegEnded(leg=leg):
                await self.put_out(leg)
                self._stage.watches.forget(leg.id)
                self._stage.views.touch(leg.call_id)
            case RoleChanged(leg=leg, before=before):
                await self.permit(leg)
                # Who may do more hears of it once it is so.
                if leg.grants.sources > grants(before).sources:
                    self._tell_role(leg)
                self._stage.views.touch(leg.call_id)
            case CallEnded(call_id=call_id):
                await self.close_room(call_id)
            case TokensRevoked():
                pass

    async def put_out(self, leg: Leg) -> None:
        """Out of the engine until he is out, then his sockets are cut."""
        for pause in PAUSES:
            try:
                await self._stage.engine.remove(leg.call_id, leg.seat)
                # A connect that was under way may have put him in just now.
                if not await self._stage.passages.settled(leg.id):
                    break
            except EngineAway:
                await asyncio.sleep(pause)
        self._stage.passages.cut(leg.id, LEG_OVER)

    async def permit(self, leg: Leg) -> None:
        """What the leg may do now, read anew, until the engine has it so."""
        for pause in PAUSES:
            try:
                now = await self._stage.calls.leg(leg.id)
                if now is None or now.end is not None:
                    return
                self._stage.passages.set_grants(now.id, now.grants)
                if await self._stage.engine.permit(now.call_id, now.seat, now.grants):
                    return
                if not await self._stage.passages.settled(leg.id):
                    return
            except EngineAway:
                await asyncio.sleep(pause)

    async def close_room(self, call_id: str) -> None:
        for pause in PAUSES:
            try:
                await self._stage.engine.close_room(call_id)
            except EngineAway:
                await asyncio.sleep(pause)
            else:
                return
