"""Explains why somebody may join a room at a moment, or not: by the decision that joins are made by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias

from openrooms.calling import store as live
from openrooms.calling.doorway import Arrival, Doorway
from openrooms.calling.explaining import store
from openrooms.calling.explaining.errors import UserMissing
from openrooms.calling.explaining.model import (
    Explanation,
    Seen,
    When,
    choose_when,
    explain,
    role_before,
)
from openrooms.calling.model import Door, Visit, comes_back, giving_way, reason_of
from openrooms.calling.records.model import KeptLeg, Refusal
from openrooms.calling.records.service import DEFAULT_KEPT
from openrooms.events.service import DEFAULT_KEPT as EVENTS_KEPT
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import CommunicationUser, parse_user
from openrooms.rooms.model import Room, parse_room_id
from openrooms.storage.database import Connection, Database

# What is on record so long before and after a moment is told with it.
AROUND = timedelta(hours=1)

# Of a resource, the users that exist, and the generation of their tokens.
Generations: TypeAlias = Callable[[Connection, str, Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Question:
    """Who, where, and when. `resource_id`: of whoever asks."""

    resource_id: str
    room_id: int
    user: CommunicationUser
    at: datetime
    when: When

    @property
    def is_ours(self) -> bool:
        """Whether the user is of the resource that asks."""
        return self.user.resource == self.resource_id


@dataclass(frozen=True, slots=True)
class Kept:
    """How far back is known who was in calls, and what happened to rosters."""

    calls: timedelta = DEFAULT_KEPT
    events: timedelta = EVENTS_KEPT


ALL_KEPT = Kept()


class Explainer:
    """Explains. `kept`: how long the records go back."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        doorway: Doorway,
        *,
        generations: Generations,
        kept: Kept = ALL_KEPT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._doorway = doorway
        self._generations = generations
        self._kept = kept

    async def explain(
        self, resource_id: str, room_id: str, raw_id: str | None, *, at: datetime | None = None
    ) -> Explanation:
        """Why the user may join the room, now or then, or not.

        Raises `UserMissing`, or the `RoomError` of a malformed room id.
        """
        user, number = parse_user(raw_id or ""), parse_room_id(room_id)
        if user is None:
            raise UserMissing
        now = self._clock()
        asked = Question(resource_id, number, user, at or now, choose_when(at, now))
        return await self._database.read(partial(self._explain, asked=asked, now=now))

    def _explain(self, connection: Connection, *, asked: Question, now: datetime) -> Explanation:
        seen = self._look(connection, asked, now)
        broken, steps = explain(seen)
        reason = None if broken is None else reason_of(broken.refusal)
        raw_id, place = asked.user.raw_id, str(asked.room_id)
        refusals: list[Refusal] = []
        stays: list[KeptLeg] = []
        # What somebody else's user did is nobody's business here.
        if asked.is_ours:
            refusals = store.refusals_near(connection, raw_id, place, at=asked.at, within=AROUND)
            stays = store.stays_near(connection, raw_id, asked.room_id, at=asked.at, within=AROUND)
        return Explanation(
            room_id=place,
            raw_id=raw_id,
            at=asked.at,
            when=asked.when,
            role=seen.visit.door.role if reason is None else None,
            reason=reason,
            steps=steps,
            refusals=tuple(refusals),
            stays=tuple(stays),
        )

    def _look(self, connection: Connection, asked: Question, now: datetime) -> Seen:
        """What there was, is or will be to see, as far as it is known."""
        call = live.live_call_of_room(connection, asked.room_id)
        arrival = Arrival(
            asked.room_id,
            asked.user,
            signed_in=self._signed_in(connection, asked),
            call_id=None if call is None else call.id,
        )
        door = self._doorway.look(connection, arrival, now)
        if not asked.is_ours:
            # Another resource's room, which he may well join, is none of whoever asks.
            door = replace(door, room=None)
        his = 0
        if call is not None:
            his = len(live.live_legs_of_user_in(connection, call.id, asked.user.raw_id))
        leaving = giving_way(his)
        if asked.when is When.NOW:
            return Seen(Visit(door, asked.at, leaving), asked.when, ours=asked.is_ours)
        if asked.when is When.PAST:
            return self._look_back(connection, asked, door, now=now)
        # Who is in the call may have gone by then.
        later = replace(door, comes_back=False, room=self._room_then(connection, asked, door))
        return Seen(Visit(later, asked.at, leaving), asked.when, ours=asked.is_ours)

    def _look_back(
        self, connection: Connection, asked: Question, door: Door, *, now: datetime
    ) -> Seen:
        """The door as it is now, with those in the call and on the roster who were then."""
        at, raw_id = asked.at, asked.user.raw_id
        made_later = door.room is not None and door.room.created_at > at
        call_id = store.call_at(connection, asked.room_id, at)
        taken = his = 0
        last = None
        if call_id is not None:
            taken = store.count_legs(connection, call_id, at)
            his = store.count_legs(connection, call_id, at, raw_id=raw_id)
            last = store.last_stay(connection, call_id, raw_id, at=at)
        role, listed = door.role, at >= now - self._kept.events
        if listed:
            since = store.roster_changes_since(connection, asked.resource_id, asked.room_id, at=at)
            role, listed = role_before(since, raw_id, door.role)
        then = replace(
            door,
            role=role,
            room=None if made_later else door.room,
            live_legs=taken,
            comes_back=comes_back(last, at),
        )
        counted = at >= now - self._kept.calls
        return Seen(
            Visit(then, at, giving_way(his)),
            asked.when,
            made_later=made_later,
            counted=counted,
            listed=listed,
            ours=asked.is_ours,
        )

    def _room_then(self, connection: Connection, asked: Question, door: Door) -> Room | None:
        """The room, unless its grace will be over."""
        if door.room is None:
            return None
        rooms, resource = self._doorway.rooms, asked.resource_id
        return rooms.find_at(connection, asked.room_id, resource, at=asked.at)

    def _signed_in(self, connection: Connection, asked: Question) -> bool:
        """Whether the user exists. Of other resources nothing is told: their rooms decide."""
        user = asked.user
        if not asked.is_ours:
            return True
        return user.user in self._generations(connection, user.resource, [user.user])
