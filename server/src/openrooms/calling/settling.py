"""What live legs stand on, read and made true inside a transaction.

The caller has locked the call (`lock`). What is read here is the same that the decision about a
join reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from openrooms.calling import features, happenings, member_store, ring_store, store
from openrooms.calling.capabilities import CallKind, Capabilities, Standing, decide
from openrooms.calling.consequences import (
    CallEnded,
    CallEnding,
    Consequence,
    FeaturesChanged,
    LegEnded,
    RoleChanged,
)
from openrooms.calling.deadlines import Deadlines, Plan
from openrooms.calling.endings import Rest, fallout
from openrooms.calling.model import (
    MOST_LEGS,
    TIME_OVER,
    VANISHED,
    Call,
    EndReason,
    Ground,
    Leg,
    LegState,
    Member,
    fall,
)
from openrooms.events.store import add as add_event
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import parse_user
from openrooms.rooms.model import Role, Room
from openrooms.rooms.service import Rooms
from openrooms.rooms.settings.model import NO_PERMISSIONS, Invited
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Scene:
    """A call with everything that decides what people may do in it. `roster`: in rooms alone."""

    call: Call
    room: Room | None
    roster: Mapping[str, Invited]
    members: Mapping[str, Member]
    presenters_manage: bool = True

    def role(self, raw_id: str) -> Role | None:
        """The user's role; None for one who is not invited, and in calls without roles."""
        invited = self.roster.get(raw_id)
        return None if invited is None else invited.role

    def capabilities(self, raw_id: str) -> Capabilities:
        """What a user may do in the call."""
        call, invited = self.call, self.roster.get(raw_id)
        role, permissions = (None, NO_PERMISSIONS) if invited is None else invited
        audio, video = self.media_access(raw_id)
        return decide(
            Standing(
                call.kind,
                role,
                two_party=call.two_party,
                audio=audio,
                video=video,
                permissions=permissions,
                presenters_manage=self.presenters_manage,
            )
        )

    def media_access(self, raw_id: str) -> tuple[bool, bool]:
        """Whether the meeting lets a user speak and show himself: only attendees can be forbidden."""
        if self.role(raw_id) is not Role.ATTENDEE:
            return True, True
        return features.media_access(self.call, self.members.get(raw_id, Member(raw_id)))


class Verdict(NamedTuple):
    """How a live leg has to be: ended for a reason, or as it is here."""

    reason: EndReason | None
    leg: Leg


@dataclass(frozen=True, slots=True)
class Settling:
    """Ends and changes legs."""

    clock: Clock
    rooms: Rooms
    identities: Identities
    deadlines: Deadlines
    most_legs: int = MOST_LEGS
    presenters_manage: bool = field(default=True, kw_only=True)

    def lock(self, connection: Connection, call_id: str) -> Call | None:
        """The call, held until the end of the transaction: by its room's row, or by its own."""
        call = store.call(connection, call_id)
        if call is None:
            return None
        if call.room_id is not None:
            self.rooms.lock(connection, call.room_id)
        else:
            store.hold(connection, call_id)
        # Read once more: it may have changed before it was held.
        return store.call(connection, call_id)

    def settle(self, connection: Connection, call: Call) -> list[Consequence]:
        """End every open leg that no longer stands, and give the others what they may do now."""
        legs = ring_store.open_legs(connection, call.id)
        scene = self.scene(connection, call)
        plan = self._plan(connection, scene)
        verdicts = self._verdicts(connection, scene, legs)
        settled = [
            self._carry_out(connection, leg, verdict)
            for leg, verdict in zip(legs, verdicts, strict=True)
        ]
        changes: list[Consequence] = [change for change in settled if change is not None]
        if changes:
            changes += self._step_back(connection, call, verdicts)
        if plan is not None and plan.is_over:
            changes += self.end_all(connection, call, TIME_OVER)
        else:
            changes += self._arm(connection, call, plan)
        reasons = [change.reason for change in changes if isinstance(change, LegEnded)]
        last = reasons[-1] if reasons else VANISHED
        return [*changes, *self.wind_up(connection, call.id, last)]

    def _step_back(
        self, connection: Connection, call: Call, verdicts: list[Verdict]
    ) -> list[Consequence]:
        """Lower the hands, and end the spotlights, of those who may have them no longer."""
        staying = {one.leg.raw_id: one.leg for one in verdicts if one.reason is None}
        members = store.members(connection, call.id).values()
        stepped = [
            left
            for member in members
            if member.raw_id in staying
            and (left := features.left_to(member, staying[member.raw_id])) != member
        ]
        for member in stepped:
            member_store.put(connection, call.id, member)
        return [FeaturesChanged(call.id)] if stepped else []

    def is_settled(self, connection: Connection, call: Call) -> bool:
        """Whether there is nothing to settle."""
        legs = ring_store.open_legs(connection, call.id)
        scene = self.scene(connection, call)
        plan = self._plan(connection, scene)
        verdicts = self._verdicts(connection, scene, legs)
        return (
            bool(legs)
            and all(
                verdict == Verdict(None, leg) for leg, verdict in zip(legs, verdicts, strict=True)
            )
            and self.deadlines.has_begun(connection, call.id)
            and (plan is None or plan.is_carried_out)
        )

    def arm(self, connection: Connection, call: Call) -> list[Consequence]:
        """Have a call end when it must."""
        return self._arm(connection, call, self._plan(connection, self.scene(connection, call)))

    def _arm(self, connection: Connection, call: Call, plan: Plan | None) -> list[Consequence]:
        if not self.deadlines.has_begun(connection, call.id):
            self.deadlines.begin_call(connection, call.id)
        if plan is None or plan.is_carried_out:
            return []
        self.deadlines.carry_out(connection, call.id, plan)
        return [CallEnding(call.id, plan.told)] if plan.is_news else []

    def end_all(self, connection: Connection, call: Call, reason: EndReason) -> list[Consequence]:
        """End every live leg of a call, and what then rings for nobody."""
        ended: list[Consequence] = [
            self.end(connection, leg, reason) for leg in store.live_legs(connection, call.id)
        ]
        return [*ended, *self.wind_up(connection, call.id, reason)]

    def _plan(self, connection: Connection, scene: Scene) -> Plan | None:
        """How the call ends with its room's window; None where there is none."""
        call, room = scene.call, scene.room
        if room is None or call.room_id is None:
            return None
        settings = self.rooms.settings(connection, call.room_id)
        return self.deadlines.plan(connection, call.id, room=room, settings=settings)

    def end(self, connection: Connection, leg: Leg, reason: EndReason) -> LegEnded:
        now = self.clock()
        has_ended = store.end_leg(connection, leg.id, reason, at=now)
        self.deadlines.end_leg(connection, leg.id)
        ended = replace(leg, end=reason, version=leg.version + 1)
        if leg.state is LegState.RINGING:
            ring_store.forget(connection, leg.id)
        else:
            member_store.step_back(connection, leg.call_id, leg.raw_id)
            call = store.call(connection, leg.call_id)
            if has_ended and call is not None:
                add_event(connection, happenings.participant_removed(call, ended, now))
        return LegEnded(ended, reason)

    def wind_up(self, connection: Connection, call_id: str, last: EndReason) -> list[Consequence]:
        """End what ends with a leg that has just ended for the reason `last`; then an empty call."""
        call = store.call(connection, call_id)
        # Where nobody depends on anybody, only the last one to go matters.
        stands_alone = call is None or call.kind is not CallKind.DIRECT
        if call is None or (stands_alone and store.count_live_legs(connection, call_id)):
            return []
        legs = ring_store.open_legs(connection, call_id)
        rest = Rest(call, legs, ring_store.were_in(connection, call_id), last)
        falling = fallout(rest)
        ended: list[Consequence] = [self.end(connection, leg, reason) for leg, reason in falling]
        if len(falling) < len(legs):
            return ended
        now = self.clock()
        if not store.end_call(connection, call_id, last, at=now):
            return ended
        left = store.last_to_leave(connection, call_id)
        add_event(connection, happenings.call_ended(call, left, last, at=now))
        store.forget_members(connection, call_id)
        self.deadlines.end_call(connection, call_id)
        return [*ended, CallEnded(call_id)]

    def signed_in(self, connection: Connection, leg: Leg) -> bool:
        """Whether the tokens with which the leg came are still good."""
        user = parse_user(leg.raw_id)
        return user is not None and self.identities.stands(connection, user, leg.generation)

    def scene(self, connection: Connection, call: Call) -> Scene:
        """The call with everything that decides what people may do in it."""
        room, roster = None, {}
        if call.room_id is not None:
            room = self.rooms.find(connection, call.room_id, call.resource_id)
            roster = self.rooms.roster(connection, call.room_id)
        members = store.members(connection, call.id)
        return Scene(call, room, roster, members, self.presenters_manage)

    def capabilities_of(self, connection: Connection, call: Call, raw_id: str) -> Capabilities:
        """What one user may do in the call; nothing when he may not be in it."""
        roster: dict[str, Invited] = {}
        if call.room_id is not None:
            invited = self.rooms.invited(connection, call.room_id, raw_id)
            if invited is None:
                return Capabilities()
            roster = {raw_id: invited}
        members = store.members(connection, call.id)
        return Scene(call, None, roster, members, self.presenters_manage).capabilities(raw_id)

    def seats(self, connection: Connection, call: Call) -> int:
        """How many may be in the call: as many as the server allows, or fewer as its room is set."""
        if call.room_id is None:
            return self.most_legs
        return self.rooms.settings(connection, call.room_id).seats(self.most_legs)

    def _carry_out(
        self, connection: Connection, leg: Leg, verdict: Verdict
    ) -> LegEnded | RoleChanged | None:
        if verdict.reason is not None:
            return self.end(connection, leg, verdict.reason)
        if verdict.leg == leg:
            return None
        store.change_standing(connection, verdict.leg)
        if leg.state is LegState.RINGING:
            return None
        return RoleChanged(replace(verdict.leg, version=leg.version + 1))

    def _verdicts(self, connection: Connection, scene: Scene, legs: list[Leg]) -> list[Verdict]:
        """How each leg has to be, by one query for each table."""
        if not legs:
            return []
        call = scene.call
        users = {leg.id: user.user for leg in legs if (user := parse_user(leg.raw_id)) is not None}
        good = self.identities.generations(connection, call.resource_id, [*set(users.values())])
        return [
            # Nobody has come with a token yet for a leg that rings.
            _verdict(
                scene,
                leg,
                signed_in=leg.state is LegState.RINGING
                or good.get(users.get(leg.id, "")) == leg.generation,
            )
            for leg in legs
        ]


def _verdict(scene: Scene, leg: Leg, *, signed_in: bool) -> Verdict:
    kind = scene.call.kind
    role = scene.role(leg.raw_id)
    reason = fall(Ground(kind, signed_in, room_exists=scene.room is not None, role=role))
    capabilities = scene.capabilities(leg.raw_id)
    return Verdict(reason, replace(leg, role=role, capabilities=capabilities))
