"""When tokens were issued: told at once, written a moment later, and never in the token's way."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tests.identity.house import ISSUER, START, House

from openrooms.identity import store
from openrooms.identity.errors import IdentityNotFound, TokenRefused
from openrooms.identity.model import Scope, TokenWish
from openrooms.identity.moments import AT_ONCE, MOST, Moments
from openrooms.identity.service import Identities, open_tokens
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.storage.database import Connection, Database
from openrooms.storage.errors import DatabaseAway

pytestmark = pytest.mark.anyio

T = TypeVar("T")
WISH = TokenWish((Scope.VOIP,), timedelta(hours=1))
LATER = START + timedelta(minutes=5)
SOON = 10


def nothing() -> None:
    """What happens between, unless a test says otherwise."""


@dataclass
class Door:
    """A real database at whose door things happen. `troubles` are what its next writes raise."""

    database: Database
    troubles: list[Exception] = field(default_factory=list)
    writes: int = 0
    written: asyncio.Event = field(default_factory=asyncio.Event)
    between: Callable[[], object] = nothing

    async def write(
        self,
        transaction: Callable[[Connection], T],
        /,
        then: Callable[[T], None] | None = None,
        *,
        brief: bool = False,
    ) -> T:
        self.writes += 1
        if self.troubles:
            raise self.troubles.pop(0)
        result = await self.database.write(transaction, then, brief=brief)
        self.between()
        self.written.set()
        return result

    async def read(self, query: Callable[[Connection], T], /) -> T:
        return await self.database.read(query)

    async def look(self, query: Callable[[Connection], T], /) -> T:
        return await self.database.look(query)

    def hear(self, heard: Callable[[], None], /) -> None:
        self.database.hear(heard)

    @property
    def usable(self) -> bool:
        return self.database.usable


@dataclass(frozen=True, slots=True)
class Other:
    """A process beside the house, on the same database."""

    house: House
    identities: Identities

    async def user(self) -> CommunicationUser:
        user, _ = await self.identities.create(self.house.resource_id)
        return user

    async def issue(self, user: CommunicationUser) -> str:
        token = await self.identities.issue(user.resource, user.raw_id, WISH)
        return token.token

    async def told(self, user: CommunicationUser) -> datetime | None:
        """What it says of the user's last token."""
        return await _told(self.identities, user)

    async def written(self, user: CommunicationUser) -> datetime | None:
        """What whoever has only the database says of it."""
        return await _told(self.house.identities, user)


async def _told(identities: Identities, user: CommunicationUser) -> datetime | None:
    return (await identities.get(user.resource, user.raw_id)).last_token_issued_at


@pytest.fixture
def door(house: House) -> Door:
    return Door(house.database)


@pytest.fixture
async def other(house: House, door: Door) -> Other:
    tokens = await open_tokens(house.database, house.vault, house.clock, issuer=ISSUER)
    return Other(house, Identities(door, house.clock, tokens))


def users(house: House, count: int) -> list[CommunicationUser]:
    return [CommunicationUser(house.resource_id, str(UUID(int=n))) for n in range(count)]


async def add(house: House, user: CommunicationUser) -> None:
    await house.database.write(
        partial(store.add_identity, user=user, at=START, with_token=False),
    )


# Issuing


async def test_the_moment_of_a_token_is_told_at_once_and_written_at_the_end(other: Other) -> None:
    user = await other.user()

    async with other.identities.running():
        await other.issue(user)

        assert await other.told(user) == START
        assert await other.written(user) is None
    assert await other.written(user) == START


async def test_issuing_waits_for_no_write(other: Other, door: Door) -> None:
    user = await other.user()
    writes = door.writes

    token = await other.issue(user)

    assert door.writes == writes
    assert (await other.identities.verify(token)).user == user


async def test_a_token_whose_generation_was_read_before_a_revocation_is_dead(
    other: Other, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await other.user()

    async def look(query: Callable[[Connection], T]) -> T:
        found = await door.database.look(query)
        await other.house.identities.revoke(user.resource, user.raw_id)
        return found

    with monkeypatch.context() as slow:
        slow.setattr(door, "look", look)
        token = await other.issue(user)

    with pytest.raises(TokenRefused, match="revoked"):
        await other.identities.verify(token)
    assert (await other.identities.verify(await other.issue(user))).generation == 2


async def test_no_token_is_issued_while_nothing_can_be_looked_at(
    other: Other, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await other.user()

    async def look(_query: Callable[[Connection], T]) -> T:
        raise DatabaseAway

    monkeypatch.setattr(door, "look", look)

    with pytest.raises(DatabaseAway):
        await other.issue(user)
    assert await other.told(user) is None


# What is written


async def test_a_user_deleted_meanwhile_does_not_come_back(other: Other) -> None:
    user = await other.user()

    async with other.identities.running():
        await other.issue(user)
        await other.house.identities.delete(user.resource, user.raw_id)

    with pytest.raises(IdentityNotFound):
        await other.told(user)
    with pytest.raises(IdentityNotFound):
        await other.written(user)


async def test_a_moment_written_late_does_not_hide_a_later_one(other: Other) -> None:
    user = await other.user()

    async with other.identities.running():
        await other.issue(user)
        later = partial(store.note_tokens, moments=[(user, LATER)])
        await other.house.database.write(later)

        assert await other.told(user) == LATER
    assert await other.written(user) == LATER


async def test_of_many_each_is_written_a_few_at_a_time(house: House, door: Door) -> None:
    there, moments = users(house, AT_ONCE + 1), Moments(door)
    for user in there:
        await add(house, user)
        moments.note(user, START)

    await moments.write()

    assert door.writes == 2
    assert {moments.of(user) for user in there} == {None}
    assert {await _told(house.identities, user) for user in there} == {START}


async def test_what_is_issued_during_a_write_is_written_by_the_next(
    house: House, door: Door
) -> None:
    (user,), moments = users(house, 1), Moments(door)
    await add(house, user)
    moments.note(user, START)
    door.between = lambda: moments.note(user, LATER)

    await moments.write()
    door.between = nothing
    between = moments.of(user), await _told(house.identities, user)
    await moments.write()

    assert between == (LATER, START)
    assert await _told(house.identities, user) == LATER
    assert moments.of(user) is None


async def test_they_are_written_as_they_come(house: House, door: Door) -> None:
    (user,), moments = users(house, 1), Moments(door)
    await add(house, user)

    async with moments.writing(every=0):
        moments.note(user, START)
        await asyncio.wait_for(door.written.wait(), SOON)
        door.written.clear()
        first = await _told(house.identities, user)
        moments.note(user, LATER)
        await asyncio.wait_for(door.written.wait(), SOON)

        assert (first, await _told(house.identities, user)) == (START, LATER)


# When nothing can be written


@pytest.mark.parametrize(
    ("trouble", "event"),
    [(DatabaseAway(), "token_moments_delayed"), (ValueError(), "token_moments_failed")],
)
async def test_what_cannot_be_written_is_written_later(
    house: House, door: Door, trouble: Exception, event: str
) -> None:
    (user,), moments = users(house, 1), Moments(door, again=0)
    await add(house, user)
    door.troubles = [trouble, trouble]

    with capture_logs() as logs:
        async with moments.writing(every=0):
            moments.note(user, START)
            await asyncio.wait_for(door.written.wait(), SOON)

    assert await _told(house.identities, user) == START
    assert [line["event"] for line in logs] == [event, event]


async def test_a_server_stops_though_they_cannot_be_written(house: House, door: Door) -> None:
    (user,), moments = users(house, 1), Moments(door)
    door.troubles = [DatabaseAway()]

    with capture_logs() as logs:
        async with moments.writing():
            moments.note(user, START)

    assert [(line["event"], line["count"]) for line in logs] == [("token_moments_delayed", 1)]


async def test_no_more_are_kept_than_fit(house: House, door: Door) -> None:
    there, moments = users(house, MOST + 1), Moments(door)

    for user in there:
        moments.note(user, START)

    kept = [user for user in there if moments.of(user) is not None]
    assert kept == there[1:]
