"""What participants do to a call and to each other: hands, spotlights, media access, hold, names.

Each operation decides and writes in one transaction that holds the call, and asks there, of the
database, whether its user has the capability that it needs.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from openrooms.calling import member_store, store
from openrooms.calling.capabilities import (
    END_SPOTLIGHTS,
    FORBID_AUDIO,
    FORBID_VIDEO,
    MUTE_OTHERS,
    RAISE_HAND,
    SPOTLIGHT,
    USE_REACTIONS,
    Capabilities,
)
from openrooms.calling.consequences import Consequence, FeaturesChanged, LegChanged
from openrooms.calling.decisions import Decisions
from openrooms.calling.errors import (
    BadMessage,
    NoAttendee,
    NobodyThere,
    NotInCall,
    NotToBeSeen,
    SignedOut,
    TooManySpotlights,
    TryAgain,
)
from openrooms.calling.features import MOST_SPOTLIGHTS
from openrooms.calling.joining import Agent
from openrooms.calling.model import Call, Leg, MediaAccess, Member, Place, clean_name
from openrooms.calling.settling import Settling
from openrooms.rooms.model import Role
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Floor:
    """A call that is held, with the leg of who speaks, and what he may do."""

    connection: Connection
    call: Call
    own: Leg
    capabilities: Capabilities

    @property
    def members(self) -> Mapping[str, Member]:
        return store.members(self.connection, self.call.id)

    def put(self, member: Member) -> None:
        member_store.put(self.connection, self.call.id, member)

    def present(self, raw_ids: Sequence[str]) -> list[Leg]:
        """The live legs of these users. Raises `NobodyThere` when one of them has none.

        It is the same of who is invited and has not come as of a stranger.
        """
        legs = store.live_legs(self.connection, self.call.id)
        if {*raw_ids} - {leg.raw_id for leg in legs}:
            raise NobodyThere
        return [leg for leg in legs if leg.raw_id in raw_ids]


class Moderation:
    """What participants may do in a call."""

    def __init__(self, decisions: Decisions, settling: Settling) -> None:
        self._decisions = decisions
        self._settling = settling

    # hands

    async def raise_hand(self, agent: Agent, call_id: str) -> None:
        """Stand in the line of raised hands; who stands there keeps his place."""
        await self._decisions.decide(partial(self._raise_hand, agent=agent, call_id=call_id))

    def _raise_hand(
        self, connection: Connection, *, agent: Agent, call_id: str
    ) -> list[Consequence]:
        floor = self._floor(connection, agent, call_id)
        floor.capabilities.require(RAISE_HAND)
        members = floor.members
        own = members.get(agent.raw_id, Member(agent.raw_id))
        if own.hand is not None:
            return []
        floor.put(replace(own, hand=_next(member.hand for member in members.values())))
        return [FeaturesChanged(call_id)]

    async def lower_hands(self, agent: Agent, call_id: str, raw_ids: Sequence[str] | None) -> None:
        """Lower hands; all of them when none is named. One's own may always be lowered."""
        await self._decisions.decide(
            partial(self._lower_hands, agent=agent, call_id=call_id, raw_ids=raw_ids)
        )

    def _lower_hands(
        self, connection: Connection, *, agent: Agent, call_id: str, raw_ids: Sequence[str] | None
    ) -> list[Consequence]:
        floor = self._floor(connection, agent, call_id)
        if raw_ids is None or {*raw_ids} - {agent.raw_id}:
            floor.capabilities.require(MUTE_OTHERS)
        raised = [one for one in floor.members.values() if one.hand is not None]
        lowered = [one for one in raised if raw_ids is None or one.raw_id in raw_ids]
        for member in lowered:
            floor.put(replace(member, hand=None))
        return [FeaturesChanged(call_id)] if lowered else []

    # spotlights

    async def spotlight(self, agent: Agent, call_id: str, raw_ids: Sequence[str]) -> None:
        """Show these users to everyone. Who is shown already stays in his place."""
        await self._decisions.decide(
            partial(self._spotlight, agent=agent, call_id=call_id, raw_ids=raw_ids)
        )

    def _spotlight(
        self, connection: Connection, *, agent: Agent, call_id: str, raw_ids: Sequence[str]
    ) -> list[Consequence]:
        floor = self._floor(connection, agent, call_id)
        floor.capabilities.require(SPOTLIGHT)
        if any(leg.role is Role.CONSUMER for leg in floor.present(raw_ids)):
            raise NotToBeSeen
        members = floor.members
        shown = {one.raw_id: one.spotlight for one in members.values() if one.spotlight is not None}
        new = [raw_id for raw_id in dict.fromkeys(raw_ids) if raw_id not in shown]
        if len(shown) + len(new) > MOST_SPOTLIGHTS:
            raise TooManySpotlights(MOST_SPOTLIGHTS)
        first = _next(shown.values())
        for place, raw_id in enumerate(new, first):
            floor.put(replace(members.get(raw_id, Member(raw_id)), spotlight=place))
        return [FeaturesChanged(call_id)] if new else []

    async def end_spotlights(
        self, agent: Agent, call_id: str, raw_ids: Sequence[str] | None
    ) -> None:
        """Show these users no more; all of them when none is named. One's own may always be ended."""
        await self._decisions.decide(
            partial(self._end_spotlights, agent=agent, call_id=call_id, raw_ids=raw_ids)
        )

    def _end_spotlights(
        self, connection: Connection, *, agent: Agent, call_id: str, raw_ids: Sequence[str] | None
    ) -> list[Consequence]:
        floor = self._floor(connection, agent, call_id)
        if raw_ids is None or {*raw_ids} - {agent.raw_id}:
            floor.capabilities.require(END_SPOTLIGHTS)
        shown = [one for one in floor.members.values() if one.spotlight is not None]
        ended = [one for one in shown if raw_ids is None or one.raw_id in raw_ids]
        for member in ended:
            floor.put(replace(member, spotlight=None))
        return [FeaturesChanged(call_id)] if ended else []

    # media access

    async def media_access(
        self, agent: Agent, call_id: str, raw_ids: Sequence[str] | None, *, access: MediaAccess
    ) -> None:
        """Let attendees speak or show themselves, or not: all, those who come included, or some."""
        await self._decisions.decide(
            partial(
                self._media_access, agent=agent, call_id=call_id, raw_ids=raw_ids, access=access
            )
        )

    def _media_access(
        self,
        connection: Connection,
        *,
        agent: Agent,
        call_id: str,
        raw_ids: Sequence[str] | None,
        access: MediaAccess,
    ) -> list[Consequence]:
        floor = self._floor(connection, agent, call_id)
        if access == MediaAccess():
            raise BadMessage("Say whether it is about audio, video or both.")
        if access.audio is not None:
            floor.capabilities.require(FORBID_AUDIO)
        if access.video is not None:
            floor.capabilities.require(FORBID_VIDEO)
        if raw_ids is None:
            member_store.let_attendees(connection, call_id, access)
        else:
            _let_some(floor, raw_ids, access)
        call = store.call(connection, call_id)
        settled = [] if call is None else self._settling.settle(connection, call)
        return [*settled, FeaturesChanged(call_id)]

    # one's own legs

    async def hold(self, agent: Agent, call_id: str, *, on_hold: bool) -> None:
        """Hold the agent's leg, which then neither sends nor receives; or let it go on."""
        await self._decisions.decide(
            partial(self._hold, agent=agent, call_id=call_id, on_hold=on_hold)
        )

    def _hold(
        self, connection: Connection, *, agent: Agent, call_id: str, on_hold: bool
    ) -> list[Consequence]:
        own = self._floor(connection, agent, call_id).own
        if own.on_hold == on_hold:
            return []
        member_store.hold(connection, own.id, on_hold=on_hold)
        return [LegChanged(replace(own, on_hold=on_hold, version=own.version + 1))]

    async def rename(self, agent: Agent, display_name: str) -> str:
        """Give the agent's live legs another name; the name as others see it."""
        name = clean_name(display_name)
        await self._decisions.decide(partial(self._rename, agent=agent, name=name))
        return name

    def _rename(self, connection: Connection, *, agent: Agent, name: str) -> list[Consequence]:
        renamed: list[Consequence] = []
        legs = store.live_legs_of_agent(connection, agent.id, agent.raw_id)
        # In one order for all, or two who change legs of the same calls could wait for each other.
        for call_id in sorted({leg.call_id for leg in legs}):
            # One may have ended before its call was held.
            with suppress(NotInCall):
                own = self._floor(connection, agent, call_id).own
                member_store.rename(connection, own.id, name)
                renamed.append(LegChanged(replace(own, display_name=name, version=own.version + 1)))
        return renamed

    # what leaves nothing behind in the database

    async def muted_by(
        self, agent: Agent, call_id: str, raw_ids: Sequence[str] | None
    ) -> list[Leg]:
        """The legs that the agent's user may mute: of these users, or of all others."""
        return await self._decisions.read(
            partial(self._muted_by, agent=agent, call_id=call_id, raw_ids=raw_ids)
        )

    def _muted_by(
        self, connection: Connection, *, agent: Agent, call_id: str, raw_ids: Sequence[str] | None
    ) -> list[Leg]:
        floor = self._look(connection, agent, call_id)
        floor.capabilities.require(MUTE_OTHERS)
        if raw_ids is not None:
            return floor.present(raw_ids)
        legs = store.live_legs(connection, call_id)
        return [leg for leg in legs if leg.raw_id != agent.raw_id]

    async def reacting(self, agent: Agent, call_id: str) -> Leg:
        """The agent's leg, whose user may react."""
        return await self._decisions.read(partial(self._reacting, agent=agent, call_id=call_id))

    def _reacting(self, connection: Connection, *, agent: Agent, call_id: str) -> Leg:
        floor = self._look(connection, agent, call_id)
        floor.capabilities.require(USE_REACTIONS)
        return floor.own

    async def among(self, agent: Agent, call_id: str) -> tuple[Leg, int]:
        """The agent's leg, and how many people are in the call with it, himself included."""
        return await self._decisions.read(partial(self._among, agent=agent, call_id=call_id))

    def _among(self, connection: Connection, *, agent: Agent, call_id: str) -> tuple[Leg, int]:
        own = self._look(connection, agent, call_id).own
        legs = store.live_legs(connection, call_id)
        return own, len({leg.raw_id for leg in legs})

    async def addressed(
        self, agent: Agent, call_id: str, *, needs: str | None = None
    ) -> tuple[Leg, list[Place]]:
        """The agent's leg, which may write, and all who are connected in the call, itself included.

        `needs`: a capability. Raises `TryAgain` while the leg's own media has not been up.
        """
        return await self._decisions.read(
            partial(self._addressed, agent=agent, call_id=call_id, needs=needs)
        )

    def _addressed(
        self, connection: Connection, *, agent: Agent, call_id: str, needs: str | None
    ) -> tuple[Leg, list[Place]]:
        floor = self._look(connection, agent, call_id)
        if needs is not None:
            floor.capabilities.require(needs)
        if not floor.own.connected:
            raise TryAgain
        return floor.own, store.places(connection, call_id)

    def _floor(self, connection: Connection, agent: Agent, call_id: str) -> Floor:
        """The call, held. Raises `NotInCall`, or `SignedOut`."""
        self._settling.lock(connection, call_id)
        return self._look(connection, agent, call_id)

    def _look(self, connection: Connection, agent: Agent, call_id: str) -> Floor:
        call = store.call(connection, call_id)
        his = store.live_legs_of_user_in(connection, call_id, agent.raw_id)
        own = next((leg for leg in his if leg.agent_id == agent.id), None)
        if call is None or own is None:
            raise NotInCall
        if not self._settling.signed_in(connection, own):
            raise SignedOut
        capabilities = self._settling.capabilities_of(connection, call, agent.raw_id)
        return Floor(connection, call, own, capabilities)


def _next(places: Iterable[int | None]) -> int:
    """The place behind all of these."""
    return max((place for place in places if place is not None), default=0) + 1


def _let_some(floor: Floor, raw_ids: Sequence[str], access: MediaAccess) -> None:
    if any(leg.role is not Role.ATTENDEE for leg in floor.present(raw_ids)):
        raise NoAttendee
    members = floor.members
    for raw_id in dict.fromkeys(raw_ids):
        member = members.get(raw_id, Member(raw_id))
        audio = member.audio if access.audio is None else access.audio
        video = member.video if access.video is None else access.video
        floor.put(replace(member, audio=audio, video=video))
