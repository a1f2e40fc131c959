"""The demo: a ready-made room with two invited people, and links for them and for a stranger."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from openrooms.identity.errors import Denied, IdentityNotFound
from openrooms.identity.model import Scope, TokenWish
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.rooms.errors import RoomNotFound
from openrooms.rooms.model import Answer, NewRoom, Role, Room
from openrooms.rooms.service import Rooms
from openrooms.storage.secrets import Secrets

KEPT_AS = "demo"
# A link is opened some time after the start; a room about to end would spoil it.
LEFT_AT_LEAST = timedelta(days=1)
WISH = TokenWish((Scope.VOIP,), timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the demo. The one without a role is not invited."""

    name: str
    role: Role | None


PEOPLE = (
    Person("Doctor", Role.PRESENTER),
    Person("Patient", Role.ATTENDEE),
    Person("Stranger", None),
)


@dataclass(frozen=True, slots=True)
class Link:
    """A link that opens the demo room as somebody."""

    person: Person
    url: str


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo room, and the ways into it."""

    room_id: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What stays from one start to the next: the room, and the people's raw ids in their order."""

    room_id: str
    raw_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoMaker:
    """Makes the demo of a resource, once, and finds it again."""

    rooms: Rooms
    identities: Identities
    secrets: Secrets
    clock: Clock
    resource_id: str

    async def prepare(self, browser_url: str) -> Demo:
        """The demo with fresh tokens. What has gone or has ended since the last start is made anew."""
        kept = await self._recall()
        passes = [await self._enter(raw_id) for raw_id in kept.raw_ids]
        kept = replace(kept, raw_ids=tuple(raw_id for raw_id, _ in passes))
        kept = await self._open_room(kept)
        await self.secrets.put(KEPT_AS, json.dumps([kept.room_id, *kept.raw_ids]).encode())
        links = [
            Link(person, _link(browser_url, kept.room_id, person, token=token))
            for person, (_, token) in zip(PEOPLE, passes, strict=True)
        ]
        return Demo(kept.room_id, tuple(links))

    async def _recall(self) -> _Kept:
        written = await self.secrets.get(KEPT_AS)
        if written is None:
            return _Kept("", ("",) * len(PEOPLE))
        room_id, *raw_ids = json.loads(written)
        return _Kept(room_id, tuple(raw_ids))

    async def _enter(self, raw_id: str) -> tuple[str, str]:
        """A person with a fresh token: the known one while there is one."""
        if raw_id:
            try:
                known = await self.identities.issue(self.resource_id, raw_id, WISH)
            except (IdentityNotFound, Denied):
                # Deleted, or of a resource that was.
                pass
            else:
                return raw_id, known.token
        user, made = await self.identities.create(self.resource_id, WISH)
        return user.raw_id, made.token if made is not None else ""

    async def _open_room(self, kept: _Kept) -> _Kept:
        """A room that is open now, with exactly these people on its roster."""
        roster = _roster(kept.raw_ids)
        if not await self._is_open(kept.room_id):
            answer = await self.rooms.create(
                self.resource_id, NewRoom(participants=roster), repeat=None, answer=_located
            )
            return replace(kept, room_id=answer.location)
        page = await self.rooms.list_participants(self.resource_id, kept.room_id)
        gone: dict[str, Role | None] = {one.raw_id: None for one in page.participants}
        await self.rooms.update_participants(self.resource_id, kept.room_id, gone | roster)
        return kept

    async def _is_open(self, room_id: str) -> bool:
        if not room_id:
            return False
        try:
            room = await self.rooms.get(self.resource_id, room_id)
        except RoomNotFound:
            return False
        now = self.clock()
        return _opens(room, now) and _opens(room, now + LEFT_AT_LEAST)


def _opens(room: Room, at: datetime) -> bool:
    return room.window.admits(at)


def _roster(raw_ids: Sequence[str]) -> dict[str, Role]:
    people = zip(raw_ids, PEOPLE, strict=True)
    return {raw_id: person.role for raw_id, person in people if person.role is not None}


def _located(room: Room) -> Answer:
    return Answer(201, b"", str(room.id))


def _link(browser_url: str, room_id: str, person: Person, *, token: str) -> str:
    # In the fragment, which no browser sends anywhere.
    said = {"room": room_id, "token": token, "name": person.name}
    parts = urlencode(said, quote_via=quote)
    return f"{browser_url}call#{parts}"
