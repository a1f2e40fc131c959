"""What callers can do with rooms; one method for each operation."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from openrooms.kernel.clock import Clock
from openrooms.kernel.ids import new_room_id
from openrooms.rooms import store
from openrooms.rooms.errors import (
    InvalidIdentifier,
    InvalidParticipants,
    RepeatDiffers,
    RoomError,
    RoomNotFound,
    Taken,
)
from openrooms.rooms.model import (
    REPEAT_MEMORY,
    ROSTER_LIMIT,
    Anchor,
    Answer,
    Invitation,
    NewRoom,
    Page,
    Repeat,
    Role,
    Room,
    RoomChange,
    RosterChange,
    are_users,
    change_roster,
    change_window,
    check_window,
    choose_window,
    parse_room_id,
)
from openrooms.storage.database import Connection, Database
from openrooms.storage.locks import lock_room

TRIES = 3


class RoomWatcher(Protocol):
    """Whoever must know of each change to a roster, a window, or the existence of a room."""

    def settle_room(self, connection: Connection, room_id: int) -> object:
        """Write what follows from the change, in its transaction, with the room locked."""

    def follow(self, outcome: object) -> None:
        """Act on what `settle_room` returned, now that it is committed."""


class Rooms:
    """What callers can do with rooms."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        roster_limit: int = ROSTER_LIMIT,
        new_id: Callable[[], int] = new_room_id,
    ) -> None:
        self._database = database
        self._clock = clock
        self._roster_limit = roster_limit
        self._new_id = new_id
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

        `answer` says what is answered about a room.
        """
        for _ in range(TRIES):
            try:
                room, roster = self._draft(resource_id, wish)
            except RoomError:
                # What was right at first may have become wrong since, such as an end that is past.
                known = await self._recall(resource_id, repeat)
                if known is None:
                    raise
                return known
            add = partial(_add, room=room, roster=roster, repeat=repeat, answer=answer(room))
            with suppress(Taken):
                return await self._database.write(add)
        raise Taken

    async def list_rooms(self, resource_id: str, after: Anchor | None) -> Page:
        """The rooms that have not ended, newest first, one page at a time."""
        now = self._clock()
        return await self._database.read(
            partial(store.list_rooms, resource_id=resource_id, now=now, after=after)
        )

    async def get(self, resource_id: str, room_id: str) -> Room:
        number = parse_room_id(room_id)
        return await self._database.read(
            partial(_existing, room_id=number, resource_id=resource_id)
        )

    async def update(self, resource_id: str, room_id: str, change: RoomChange) -> Room:
        """Change the window, the dial-out flag, or nothing; the room as it is then."""
        check_window(self._clock(), change.valid_from, change.valid_until)
        if change.is_empty:
            return await self.get(resource_id, room_id)
        number = parse_room_id(room_id)
        room, _ = await self._database.write(
            partial(self._update, room_id=number, resource_id=resource_id, change=change),
            then=lambda written: self._follow(written[1]),
        )
        return room

    async def delete(self, resource_id: str, room_id: str) -> None:
        """Delete the room and its roster. Deleting it once more changes nothing."""
        number, now = parse_room_id(room_id), self._clock()
        await self._database.write(
            partial(self._delete, room_id=number, resource_id=resource_id, now=now),
            then=self._follow,
        )

    async def list_participants(self, resource_id: str, room_id: str) -> tuple[Invitation, ...]:
        """The roster, in the order of invitation."""
        number = parse_room_id(room_id)

        def query(connection: Connection) -> tuple[Invitation, ...]:
            _existing(connection, room_id=number, resource_id=resource_id)
            return store.find_roster(connection, number)

        return await self._database.read(query)

    async def update_participants(
        self, resource_id: str, room_id: str, wishes: Mapping[str, Role | None]
    ) -> RosterChange:
        """Invite, give another role, or (None) take off the roster: all of it or nothing."""
        number = parse_room_id(room_id)
        change, _ = await self._database.write(
            partial(self._invite, room_id=number, resource_id=resource_id, wishes=wishes),
            then=lambda written: self._follow(written[1]),
        )
        return change

    async def forget_repeats(self) -> None:
        """Drop what is kept of repeatable requests for longer than their 24 hours."""
        until = self._clock() - REPEAT_MEMORY
        while await self._database.write(partial(store.forget, until=until)):
            pass

    def has_rooms(self, connection: Connection, resource_id: str) -> bool:
        """Whether the resource has any room, ended or not."""
        return store.has_rooms(connection, resource_id)

    async def forget_resource(self, resource_id: str) -> None:
        """Delete the rooms of a deleted resource, a few at a time."""
        delete = partial(store.delete_some, resource_id=resource_id, at=self._clock())
        while await self._database.write(delete):
            pass

    def find(self, connection: Connection, room_id: int, resource_id: str) -> Room | None:
        """The room; None when it is unknown, of another resource, or deleted."""
        return store.find_room(connection, room_id, resource_id)

    def lock(self, connection: Connection, room_id: int) -> None:
        """Keep every other transaction off this room until the end of this one."""
        lock_room(connection, room_id)

    def role_of(self, connection: Connection, room_id: int, raw_id: str) -> Role | None:
        """The role of a user on the roster; None when he is not invited."""
        return store.find_role(connection, room_id, raw_id)

    def roles(self, connection: Connection, room_id: int) -> dict[str, Role]:
        """The role of everyone on the roster, by raw id."""
        return {one.raw_id: one.role for one in store.find_roster(connection, room_id)}

    def _draft(self, resource_id: str, wish: NewRoom) -> tuple[Room, tuple[Invitation, ...]]:
        """The room as it would be made now."""
        now = self._clock()
        window = choose_window(now, wish.valid_from, wish.valid_until)
        if not are_users(wish.participants):
            raise InvalidIdentifier
        roster = change_roster((), wish.participants, self._roster_limit).added
        room = Room(self._new_id(), resource_id, now, window, wish.pstn_dial_out_enabled)
        return room, roster

    async def _recall(self, resource_id: str, repeat: Repeat | None) -> Answer | None:
        if repeat is None:
            return None
        return await self._database.read(partial(_known, resource_id=resource_id, repeat=repeat))

    def _update(
        self, connection: Connection, *, room_id: int, resource_id: str, change: RoomChange
    ) -> tuple[Room, list[object]]:
        lock_room(connection, room_id)
        room = _existing(connection, room_id=room_id, resource_id=resource_id)
        flag = change.pstn_dial_out_enabled
        changed = replace(
            room,
            window=change_window(room.window, change),
            pstn_dial_out_enabled=room.pstn_dial_out_enabled if flag is None else flag,
        )
        store.change_room(connection, changed)
        return changed, self._settle(connection, room_id)

    def _delete(
        self, connection: Connection, *, room_id: int, resource_id: str, now: datetime
    ) -> list[object]:
        lock_room(connection, room_id)
        if store.find_room(connection, room_id, resource_id) is None:
            if store.is_tombstone(connection, room_id, resource_id):
                return []
            raise RoomNotFound
        store.delete_room(connection, room_id, now)
        return self._settle(connection, room_id)

    def _invite(
        self,
        connection: Connection,
        *,
        room_id: int,
        resource_id: str,
        wishes: Mapping[str, Role | None],
    ) -> tuple[RosterChange, list[object]]:
        lock_room(connection, room_id)
        _existing(connection, room_id=room_id, resource_id=resource_id)
        if not are_users(wishes):
            raise InvalidParticipants
        roster = store.find_roster(connection, room_id)
        change = change_roster(roster, wishes, self._roster_limit)
        if change.is_empty:
            return change, []
        store.change_roster(connection, room_id, change)
        return change, self._settle(connection, room_id)

    def _settle(self, connection: Connection, room_id: int) -> list[object]:
        return [watcher.settle_room(connection, room_id) for watcher in self._watchers]

    def _follow(self, outcomes: list[object]) -> None:
        # Nothing was settled where nothing changed.
        for watcher, outcome in zip(self._watchers, outcomes, strict=False):
            watcher.follow(outcome)


def _existing(connection: Connection, *, room_id: int, resource_id: str) -> Room:
    room = store.find_room(connection, room_id, resource_id)
    if room is None:
        raise RoomNotFound
    return room


def _known(connection: Connection, *, resource_id: str, repeat: Repeat) -> Answer | None:
    """What was answered to this request before."""
    known = store.recall(connection, resource_id, repeat.request_id)
    if known is None:
        return None
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
        known = _known(connection, resource_id=room.resource_id, repeat=repeat)
        if known is not None:
            return known
    store.add_room(connection, room, roster)
    if repeat is not None:
        store.remember(connection, room, request=repeat, answer=answer)
    return answer
