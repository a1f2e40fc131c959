"""What participants do at a moment and that leaves nothing behind: mutes and reactions."""

import asyncio
from collections.abc import Sequence

from openrooms.calling import wire
from openrooms.calling.agents import Agents
from openrooms.calling.errors import TooOften, TryAgain
from openrooms.calling.joining import Agent
from openrooms.calling.model import Leg
from openrooms.calling.moderation import Moderation
from openrooms.calling.rates import Rates
from openrooms.media.engine import Engine, Presence, Source
from openrooms.media.errors import EngineAway

# Of one user; and of all in one call together, for each goes to everyone.
HIS_A_SECOND, HIS_AT_ONCE = 1.0, 10
ALL_A_SECOND, ALL_AT_ONCE = 20.0, 60


class Gestures:
    """Mutes others, and passes reactions on."""

    def __init__(self, moderation: Moderation, engine: Engine, agents: Agents) -> None:
        self._moderation = moderation
        self._engine = engine
        self._agents = agents
        self._his = Rates(HIS_A_SECOND, HIS_AT_ONCE)
        self._all = Rates(ALL_A_SECOND, ALL_AT_ONCE)

    async def mute(self, agent: Agent, call_id: str, raw_ids: Sequence[str] | None) -> None:
        """Mute the microphones of these users, of all others when none is named.

        Once: each may unmute himself. Raises `TryAgain` when the engine is away.
        """
        legs = await self._moderation.muted_by(agent, call_id, raw_ids)
        try:
            presences = await self._engine.presences(call_id)
        except EngineAway as error:
            raise TryAgain from error
        heard = {one.identity: one for one in presences if _is_heard(one)}
        async with asyncio.TaskGroup() as tasks:
            deeds = [
                tasks.create_task(self._mute(leg, heard[leg.seat], by=agent.raw_id))
                for leg in legs
                if leg.seat in heard
            ]
        if not all(deed.result() for deed in deeds):
            raise TryAgain

    async def _mute(self, leg: Leg, presence: Presence, *, by: str) -> bool:
        try:
            muted = await self._engine.mute(leg.call_id, presence, Source.MICROPHONE)
        except EngineAway:
            return False
        line = self._agents.of_leg(leg)
        if muted and line is not None:
            line.post(wire.MutedByOthers(call_id=leg.call_id, participant_id=leg.id, by=by))
        return True

    async def react(self, agent: Agent, call_id: str, reaction_type: str) -> None:
        """Show a reaction to everyone in the call, himself included. Raises `TooOften`."""
        if not self._his.take(agent.raw_id):
            raise TooOften
        await self._moderation.reacting(agent, call_id)
        if not self._all.take(call_id):
            raise TooOften
        for line in self._agents.in_call(call_id):
            line.post(
                wire.Reaction(call_id=call_id, raw_id=agent.raw_id, reaction_type=reaction_type)
            )


def _is_heard(presence: Presence) -> bool:
    return any(track.source is Source.MICROPHONE and not track.muted for track in presence.tracks)
