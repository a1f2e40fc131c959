"""What callers can do with rooms; one method for each operation."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import TypeVar

from openrooms.events import store as event_store
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import are_users
from openrooms.kernel.ids import new_room_id
from openrooms.rooms import happenings, store
from openrooms.rooms.errors import (
    InvalidIdentifier,
    InvalidParticipants,
    RepeatDiffers,
    RoomNotFound,
    StillRunning,
    Taken,
)
from openrooms.rooms.model import (
    DEFAULT_LIMITS,
    REPEAT_MEMORY,
    Anchor,
    Answer,
    Invitation,
    Limits,
    NewRoom,
    Page,
    Repeat,
    Role,
    Room,
    RoomChange,
    RosterChange,
    RosterPage,
    change_roster,
    change_window,
    check_window,
    choose_window,
    invite,
    parse_room_id,
)
from openrooms.rooms.settings import store as settings_store
from openrooms.rooms.settings.model import Invited, RoomSettings
from openrooms.rooms.twins import Turn, Twins
from openrooms.rooms.watcher import RoomWatcher
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseLocked
from openrooms.storage.locks import lock_room

TRIES = 3
# So many invitations are written so fast that nobody has to be kept from waiting for it.
BRIEF_ROSTER = 20

T = TypeVar("T")


class Rooms:
    """What callers can do with rooms."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        limits: Limits = DEFAULT_LIMITS,
        new_id: Callable[[], int] = new_room_id,
    ) -> None:
        self._database = database
        self._clock = clock
        self._limits = limits
        self._new_id = new_id
        self._twins = Twins()
        self._watchers: list[RoomWatcher] = []

    def watch(self, watcher: RoomWatcher) -> None:
        """Tell the watcher of every change from now on. Called while the parts are put together."""
        self._watchers.append(watcher)

    async def create(
        self,
        resource_id: str,
        wish: NewRoom,
        *,
        repeat: Repeat | None,
        answer: Callable[[Room], Answer],
    ) -> Answer:
        """Make a room and its roster; or answer as before, when the request is a repeated one.

        `answer` says what is answered about a room. What is raised has to be handed to `refuse`
        when the request is a repeatable one, and both are done inside of its turn.
        """
        for _ in range(TRIES):
            room, roster = self._draft(resource_id, wish)
            add = partial(_add, room=room, roster=roster, repeat=repeat, answer=answer(room))
            with suppress(Taken):
                return await self._write_with_record(add, brief=len(roster) <= BRIEF_ROSTER)
        raise Taken

    async def refuse(self, resource_id: str, refusal: Answer, *, repeat: Repeat) -> Answer:
        """Keep a refusal, to be given to each repeat; or answer as before.

        What was right at first may have become wrong since, such as an end that is past.
        """
        keep = partial(
            _settle_repeat,
            resource_id=resource_id,
            repeat=repeat,
            answer=refusal,
            at=self._clock(),
        )
        known = await self._write_with_record(keep, brief=True)
        return refusal if known is None else known

    def turn(self, resource_id: str, repeat: Repeat | None) -> Turn:
        """The turn of a request to create a room: twins of it wait for its end."""
        return self._twins.turn(resource_id, repeat)

    async def list_rooms(self, resource_id: str, after: Anchor | None) -> Page:
        """The rooms that have not ended, newest first, one page at a time."""
        return await self._database.read(
            partial(
                store.list_rooms,
                resource_id=resource_id,
                now=self._clock(),
                after=after,
                size=self._limits.rooms_page,
            )
        )

    async def get(self, resource_id: str, room_id: str) -> Room:
        """The room; also one that has ended, until its grace is over."""
        number = parse_room_id(room_id)
        return await self._database.look(
            partial(_existing, room_id=number, resource_id=resource_id, horizon=self._horizon())
        )

    async def update(self, resource_id: str, room_id: str, change: RoomChange) -> Room:
        """Change the window, the dial-out flag, or nothing; the room as it is then."""
        longest = self._limits.longest_window
        check_window(self._clock(), change.valid_from, change.valid_until, longest=longest)
        if change.is_empty:
            return await self.get(resource_id, room_id)
        return await self.alter(resource_id, room_id, partial(self._update, change=change))

    async def delete(self, resource_id: str, room_id: str) -> None:
        """Delete the room and its roster. Deleting it once more changes nothing."""
        number, now = parse_room_id(room_id), self._clock()
        await self._database.write(
            partial(self._delete, room_id=number, resource_id=resource_id, now=now),
            then=self._follow,
        )

    async def list_participants(
        self, resource_id: str, room_id: str, after: int | None = None
    ) -> RosterPage:
        """The roster, in the order of invitation, one page at a time."""
        size = self._limits.participants_page
        page = partial(store.list_roster, after=after, size=size)
        return await self.read(resource_id, room_id, page)

    async def update_participants(
        self, resource_id: str, room_id: str, wishes: Mapping[str, Role | None]
    ) -> RosterChange:
        """Invite, give another role, or (None) take off the roster: all of it or nothing."""
        return await self.alter(resource_id, room_id, partial(self._invite, wishes=wishes))

    async def read(
        self, resource_id: str, room_id: str, query: Callable[[Connection, int], T]
    ) -> T:
        """What `query` finds about the room."""
        number, horizon = parse_room_id(room_id), self._horizon()

        def find(connection: Connection) -> T:
            _existing(connection, room_id=number, resource_id=resource_id, horizon=horizon)
            return query(connection, number)

        return await self._database.read(find)

    async def alter(
        self, resource_id: str, room_id: str, write: Callable[[Connection, Room], tuple[T, bool]]
    ) -> T:
        """What `write` answers, which changes the room while it is held; calls follow.

        The flag says that something has changed.
        """
        change = partial(
            self._alter,
            room_id=parse_room_id(room_id),
            resource_id=resource_id,
            horizon=self._horizon(),
            write=write,
        )
        answer, _ = await self._database.write(
            change, then=lambda written: self._follow(written[1])
        )
        return answer

    async def sweep(self) -> bool:
        """Drop some of what has been kept long enough; whether there is more of it.

        That is, answers to repeatable requests, and rooms whose grace is over. Nobody can see any
        of them: this makes space, a short transaction at a time.
        """
        now = self._clock()
        forgotten = await self._database.write(
            partial(store.forget, until=now - REPEAT_MEMORY, latest=now + REPEAT_MEMORY)
        )
        all_done, _ = await self._database.write(
            partial(self._bury, now=now), then=lambda buried: self._follow_all(buried[1])
        )
        return bool(forgotten) or not all_done

    def has_rooms(self, connection: Connection, resource_id: str) -> bool:
        """Whether the resource has any room, ended or not."""
        return store.has_rooms(connection, resource_id)

    async def forget_resource(self, resource_id: str) -> None:
        """Delete the rooms of a deleted resource, a few at a time."""
        delete = partial(store.delete_some, resource_id=resource_id, at=self._clock())
        while await self._database.write(delete):
            pass

    def find(self, connection: Connection, room_id: int, resource_id: str) -> Room | None:
        """The room; None when it is unknown, of another resource, deleted, or long over."""
        return self.find_at(connection, room_id, resource_id, at=self._clock())

    def find_at(
        self, connection: Connection, room_id: int, resource_id: str, *, at: datetime
    ) -> Room | None:
        """The same at a moment, with the room as it is now."""
        room = store.find_room(connection, room_id, resource_id)
        horizon = at - self._limits.grace
        return room if room is not None and room.window.valid_until > horizon else None

    def lock(self, connection: Connection, room_id: int) -> None:
        """Keep every other transaction off this room until the end of this one."""
        lock_room(connection, room_id)

    def role_of(self, connection: Connection, room_id: int, raw_id: str) -> Role | None:
        """The role of a user on the roster; None when he is not invited."""
        return store.find_role(connection, room_id, raw_id)

    def invited(self, connection: Connection, room_id: int, raw_id: str) -> Invited | None:
        """A user on the roster as a call sees him; None when he is not invited."""
        return settings_store.find_invited(connection, room_id, raw_id)

    def roster(self, connection: Connection, room_id: int) -> dict[str, Invited]:
        """Everyone on the roster, by raw id."""
        return settings_store.find_roster(connection, room_id)

    def settings(self, connection: Connection, room_id: int) -> RoomSettings:
        """What is set for the room beyond the Rooms API."""
        return settings_store.find_settings(connection, room_id)

    def _draft(self, resource_id: str, wish: NewRoom) -> tuple[Room, tuple[Invitation, ...]]:
        """The room as it would be made now."""
        now = self._clock()
        window = choose_window(now, wish.valid_from, wish.valid_until, limits=self._limits)
        if not are_users(wish.participants):
            raise InvalidIdentifier
        roster = invite(wish.participants, self._limits.roster)
        room = Room(self._new_id(), resource_id, now, window, wish.pstn_dial_out_enabled)
        return room, roster

    async def _write_with_record(self, transaction: Callable[[Connection], T], *, brief: bool) -> T:
        try:
            return await self._database.write(transaction, brief=brief)
        except DatabaseLocked as locked:
            # What it needs and others can hold is the record of a repeatable request alone.
            raise StillRunning from locked

    def _horizon(self) -> datetime:
        """What had ended by then is gone now: its grace is over."""
        return self._clock() - self._limits.grace

    def _alter(
        self,
        connection: Connection,
        *,
        room_id: int,
        resource_id: str,
        horizon: datetime,
        write: Callable[[Connection, Room], tuple[T, bool]],
    ) -> tuple[T, list[object]]:
        lock_room(connection, room_id)
        room = _existing(connection, room_id=room_id, resource_id=resource_id, horizon=horizon)
        answer, has_changed = write(connection, room)
        return answer, self._settle(connection, room_id) if has_changed else []

    def _update(
        self, connection: Connection, room: Room, *, change: RoomChange
    ) -> tuple[Room, bool]:
        flag = change.pstn_dial_out_enabled
        changed = room._replace(
            window=change_window(room.window, change, self._limits.longest_window),
            pstn_dial_out_enabled=room.pstn_dial_out_enabled if flag is None else flag,
        )
        store.change_room(connection, changed)
        event_store.add(connection, happenings.room_updated(changed, self._clock()))
        return changed, True

    def _delete(
        self, connection: Connection, *, room_id: int, resource_id: str, now: datetime
    ) -> list[object]:
        lock_room(connection, room_id)
        if store.find_room(connection, room_id, resource_id) is None:
            if store.is_tombstone(connection, room_id, resource_id):
                return []
            raise RoomNotFound
        store.delete_room(connection, room_id, now)
        event_store.add(connection, happenings.room_deleted(resource_id, room_id, now))
        return self._settle(connection, room_id)

    def _invite(
        self, connection: Connection, room: Room, *, wishes: Mapping[str, Role | None]
    ) -> tuple[RosterChange, bool]:
        if not are_users(wishes):
            raise InvalidParticipants
        roster = store.find_roster(connection, room.id)
        change = change_roster(roster, wishes, self._limits.roster)
        if not change.is_empty:
            store.change_roster(connection, room.id, change)
            told = happenings.participants_updated(room, change, self._clock())
            event_store.add(connection, told)
        return change, not change.is_empty

    def _bury(self, connection: Connection, *, now: datetime) -> tuple[bool, list[list[object]]]:
        until = now - self._limits.grace
        buried, all_done = store.bury_rooms(connection, until, now)
        for room_id, resource_id in buried:
            event_store.add(connection, happenings.room_expired(resource_id, room_id, now))
        return all_done, [self._settle(connection, room_id) for room_id, _ in buried]

    def _settle(self, connection: Connection, room_id: int) -> list[object]:
        return [watcher.settle_room(connection, room_id) for watcher in self._watchers]

    def _follow(self, outcomes: list[object]) -> None:
        # Nothing was settled where nothing changed.
        for watcher, outcome in zip(self._watchers, outcomes, strict=False):
            watcher.follow(outcome)

    def _follow_all(self, settled: list[list[object]]) -> None:
        for outcomes in settled:
            self._follow(outcomes)


def _existing(connection: Connection, *, room_id: int, resource_id: str, horizon: datetime) -> Room:
    """The room, unless it had ended by the horizon: the sweep may not have come to it yet."""
    room = store.find_room(connection, room_id, resource_id)
    if room is None or room.window.valid_until <= horizon:
        raise RoomNotFound
    return room


def _settle_repeat(
    connection: Connection, *, resource_id: str, repeat: Repeat, answer: Answer, at: datetime
) -> Answer | None:
    """Keep the answer to a request, unless there is one from before: then that one, not None."""
    if store.remember(connection, resource_id, request=repeat, answer=answer, at=at):
        return None
    known = store.recall(connection, resource_id, repeat.request_id)
    if known is None:
        # Dropped between two statements, for its age.
        raise Taken
    digest, answer = known
    if digest != repeat.digest:
        raise RepeatDiffers
    return answer


def _add(
    connection: Connection,
    *,
    room: Room,
    roster: Sequence[Invitation],
    repeat: Repeat | None,
    answer: Answer,
) -> Answer:
    """Write the room with all that belongs to it, unless the request was served before."""
    if repeat is not None:
        resource_id, at = room.resource_id, room.created_at
        # First of all: whoever comes with the same id meanwhile waits here, having done nothing.
        known = _settle_repeat(
            connection, resource_id=resource_id, repeat=repeat, answer=answer, at=at
        )
        if known is not None:
            return known
    store.add_room(connection, room, roster)
    event_store.add(connection, happenings.room_created(room, roster))
    return answer
