"""PostgreSQL goes away and comes back: clear answers meanwhile, nothing lost, nothing to restart."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy import Connection, select, text
from support.postgres import Postgres, running_postgres

from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseAway, OutcomeUnknown
from openrooms.storage.postgres.adapter import Limits, open_postgres
from openrooms.storage.schema import secret

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

PATIENCE = 0.6
# A commit that lasts for as long as somebody else holds the lock.
SLOW_COMMIT = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(30); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON secret DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.name = 'slow') EXECUTE FUNCTION wait();
"""


@pytest.fixture(scope="module")
def own() -> Iterator[Postgres]:
    """A server that tests may stop, and that writes to the disk as one in earnest does."""
    with running_postgres(durable=True) as server:
        yield server


@pytest.fixture
def url(own: Postgres) -> Iterator[str]:
    with own.fresh() as made:
        yield made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Database]:
    async with open_postgres(url, Limits(patience=PATIENCE)) as opened:
        yield opened


def keep(name: str) -> Callable[[Connection], None]:
    def transaction(connection: Connection) -> None:
        connection.execute(secret.insert().values(name=name, value=b"v"))

    return transaction


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name).order_by(secret.c.name)))


def nothing(connection: Connection) -> None:
    connection.execute(select(1))


async def soon(look: Callable[[], bool], *, within: float = 2.0) -> None:
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(look):
            pass


async def works(store: Database) -> bool:
    try:
        await store.write(nothing)
        await store.read(nothing)
    except DatabaseAway:
        return False
    return True


async def test_an_outage_is_told_at_once_and_ends_by_itself(store: Database, own: Postgres) -> None:
    await store.write(keep("before"))
    own.stop()
    try:
        async with asyncio.timeout(2):
            for attempt in (store.write, store.read):
                with pytest.raises(DatabaseAway):
                    await attempt(nothing)
        await soon(lambda: not store.usable)
    finally:
        await asyncio.to_thread(own.start)

    async with asyncio.timeout(2):
        while not await works(store):
            pass
    await soon(lambda: store.usable)
    await store.write(keep("after"))
    assert await store.read(names) == ["after", "before"]


async def test_nothing_that_was_acknowledged_is_lost_by_an_outage(
    store: Database, own: Postgres
) -> None:
    kept: list[str] = []

    async def write(name: str) -> None:
        try:
            await store.write(keep(name))
            kept.append(name)
        except DatabaseAway:
            pass

    async with asyncio.TaskGroup() as tasks:
        for number in range(400):
            tasks.create_task(write(f"{number:03}"))
        await soon(lambda: len(kept) > 20)
        own.stop()
    await asyncio.to_thread(own.start)
    async with asyncio.timeout(2):
        while not await works(store):
            pass

    assert 20 < len(kept) < 400
    assert set(kept) <= set(await store.read(names))


async def test_connections_that_were_lost_while_idle_are_made_anew_unnoticed(
    store: Database, own: Postgres
) -> None:
    await asyncio.gather(*(store.write(nothing) for _ in range(20)))
    end_sessions(own)

    await asyncio.gather(*(store.write(nothing) for _ in range(20)))
    await asyncio.gather(*(store.read(nothing) for _ in range(20)))


async def test_a_change_whose_connection_is_lost_before_the_commit_is_made_once(
    store: Database, own: Postgres
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    tries: list[str] = []

    def change(connection: Connection) -> None:
        keep(f"try {len(tries)}")(connection)
        tries.append("")
        begun.set()
        assert go_on.wait(5)
        connection.execute(select(1))

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(store.write(change))
        await asyncio.to_thread(begun.wait, 5)
        end_sessions(own)
        go_on.set()

    assert await store.read(names) == ["try 1"]


async def test_a_connection_that_is_lost_in_the_commit_leaves_the_outcome_open(
    url: str, own: Postgres
) -> None:
    own.tell(SLOW_COMMIT, url.rpartition("/")[2])
    followed: list[None] = []
    async with open_postgres(url) as store, asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(_outcome(store, keep("slow"), followed))
        await asyncio.to_thread(_until_committing, own)
        end_sessions(own)

        assert isinstance(await writing, OutcomeUnknown)
        assert followed == []
        await store.write(keep("next"), then=followed.append)
        assert followed == [None]


async def _outcome(
    store: Database, change: Callable[[Connection], None], followed: list[None]
) -> Exception | None:
    try:
        await store.write(change, then=followed.append)
    except DatabaseAway as error:
        return error
    return None


def _until_committing(own: Postgres) -> None:
    seen = "SELECT 1 FROM pg_stat_activity WHERE query = 'COMMIT' AND state = 'active'"
    while not own.tell(seen):
        pass


def end_sessions(own: Postgres) -> None:
    """As an administrator, or a fault, would."""
    own.tell(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name = 'openrooms'"
    )


async def test_a_server_that_stands_still_is_given_up_and_works_again_afterwards(
    store: Database, own: Postgres
) -> None:
    await store.write(nothing)
    own.pause()
    try:
        async with asyncio.timeout(4 * PATIENCE):
            outcomes = await asyncio.gather(
                *(store.write(nothing) for _ in range(12)), return_exceptions=True
            )
    finally:
        own.go_on()

    assert all(isinstance(one, DatabaseAway) for one in outcomes)
    async with asyncio.timeout(5):
        while not await works(store):
            pass


async def test_a_standing_server_does_not_keep_the_database_from_closing(
    url: str, own: Postgres
) -> None:
    async with asyncio.timeout(6 * PATIENCE):
        async with open_postgres(url, Limits(patience=PATIENCE)) as store:
            await store.write(nothing)
            own.pause()
            with pytest.raises(DatabaseAway):
                await store.read(lambda connection: connection.execute(text("SELECT 2")))
        own.go_on()
