"""What is true of PostgreSQL alone: locks, repeats, order, and what a session is set to."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from support.postgres import Postgres

from openrooms.storage.database import Database
from openrooms.storage.errors import DatabaseBusy, DatabaseFull, DatabaseLocked
from openrooms.storage.hints import hint
from openrooms.storage.postgres.adapter import Limits, open_postgres
from openrooms.storage.postgres.troubles import Course, judge
from openrooms.storage.schema import secret

pytestmark = pytest.mark.anyio

PATIENCE = 0.6
# Holds up the commit of a transaction that wrote this name, until the lock of that number is free.
SLOW_COMMIT = """
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON secret DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.name = 'slow') EXECUTE FUNCTION wait();
"""


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.fresh() as made:
        yield made


@pytest.fixture
async def store(url: str) -> AsyncIterator[Database]:
    """A database that gives up soon."""
    async with open_postgres(url, Limits(patience=PATIENCE)) as opened:
        yield opened


@contextmanager
def session(url: str) -> Iterator[psycopg.Connection]:
    """Another program that works on the database."""
    with psycopg.connect(url) as connection:
        yield connection


def keep(name: str) -> Callable[[Connection], str]:
    def transaction(connection: Connection) -> str:
        connection.execute(secret.insert().values(name=name, value=b"v"))
        return name

    return transaction


def change(name: str) -> Callable[[Connection], None]:
    def transaction(connection: Connection) -> None:
        connection.execute(secret.update().where(secret.c.name == name).values(value=b"changed"))

    return transaction


def names(connection: Connection) -> list[str]:
    return list(connection.scalars(select(secret.c.name).order_by(secret.c.name)))


async def test_a_lock_that_another_holds_is_waited_for(store: Database, url: str) -> None:
    await store.write(keep("one"))
    with session(url) as other:
        other.execute("UPDATE secret SET value = 'other'")
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(store.write(change("one")))
            await asyncio.wait([writing], timeout=PATIENCE / 3)
            assert not writing.done()
            other.commit()

    assert await store.read(lambda connection: connection.scalar(select(secret.c.value))) == (
        b"changed"
    )


async def test_a_lock_that_is_never_let_go_is_a_busy_database_for_that_row_alone(
    store: Database, url: str
) -> None:
    await store.write(keep("held"))
    await store.write(keep("free"))
    loop = asyncio.get_running_loop()
    with session(url) as other:
        other.execute("UPDATE secret SET value = 'other' WHERE name = 'held'")
        begun = loop.time()
        # Many more than there are threads, and all of them before the one that is free.
        outcomes, free_after = await asyncio.gather(
            asyncio.gather(
                *(store.write(change("held")) for _ in range(30)), return_exceptions=True
            ),
            _took(store.write(change("free"))),
        )
        held_after = loop.time() - begun

    assert free_after < PATIENCE
    assert {type(one) for one in outcomes} <= {DatabaseBusy, DatabaseLocked}
    assert held_after < 3 * PATIENCE


async def _took(done: Awaitable[object]) -> float:
    """The seconds until it was done."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await done
    return loop.time() - begun


async def test_a_statement_that_takes_too_long_is_cancelled(store: Database) -> None:
    with pytest.raises(DatabaseBusy):
        await store.read(lambda connection: connection.execute(text("SELECT pg_sleep(30)")))


# Found while a writer glances at the lock, and found after it has stepped aside.
@pytest.mark.parametrize("found_after", ["10ms", "200ms"])
async def test_two_that_wait_for_each_other_both_come_through(
    url: str, postgres: Postgres, found_after: str
) -> None:
    postgres.tell(f"ALTER DATABASE {url.rpartition('/')[2]} SET deadlock_timeout = '{found_after}'")
    async with open_postgres(url, Limits(patience=PATIENCE)) as database:
        await _cross(database)


async def _cross(database: Database) -> None:
    await database.write(keep("a"))
    await database.write(keep("b"))
    meeting = threading.Barrier(2)

    def both(first: str, second: str) -> Callable[[Connection], None]:
        tries: list[str] = []

        def transaction(connection: Connection) -> None:
            change(first)(connection)
            tries.append(first)
            if len(tries) == 1:
                meeting.wait(5)
            change(second)(connection)

        return transaction

    await asyncio.gather(database.write(both("a", "b")), database.write(both("b", "a")))


async def test_what_another_made_meanwhile_is_found_in_a_second_run(
    store: Database, url: str
) -> None:
    def make_once(connection: Connection) -> str:
        if "one" in names(connection):
            return "found"
        return keep("one")(connection)

    with session(url) as other:
        other.execute("INSERT INTO secret VALUES ('one', '')")
        async with asyncio.TaskGroup() as tasks:
            writing = tasks.create_task(store.write(make_once))
            await asyncio.wait([writing], timeout=PATIENCE / 3)
            other.commit()

    assert writing.result() == "found"


async def test_a_duplicate_that_stays_one_reaches_the_caller(store: Database) -> None:
    await store.write(keep("one"))

    with pytest.raises(IntegrityError):
        await store.write(keep("one"))


async def test_a_transaction_that_goes_on_after_an_error_is_not_taken_for_done(
    store: Database,
) -> None:
    def go_on(connection: Connection) -> None:
        keep("one")(connection)
        with pytest.raises(IntegrityError):
            keep("one")(connection)

    with pytest.raises(RuntimeError, match="went on after an error"):
        await store.write(go_on)
    assert await store.read(names) == []


async def test_what_follows_a_commit_waits_for_an_earlier_commit_and_answers_do_not(
    store: Database, url: str
) -> None:
    followed: list[str] = []
    with session(url) as other:
        other.execute(SLOW_COMMIT)
        other.commit()
        other.execute("SELECT pg_advisory_xact_lock(7)")
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(store.write(keep("slow"), then=followed.append))
            await asyncio.to_thread(_until_waiting, url)
            later = tasks.create_task(store.write(keep("later"), then=followed.append))
            await store.write(keep("without"))
            assert followed == []
            assert not later.done()
            other.commit()

    assert followed == ["slow", "later"]


def _until_waiting(url: str) -> None:
    """Until somebody waits for the lock at his commit."""
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with psycopg.connect(url, autocommit=True) as other:
        while other.execute(waiting).fetchone() is None:
            pass


@pytest.mark.parametrize(
    ("default", "used"), [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")]
)
async def test_a_commit_is_synced_whatever_weaker_default_the_server_has(
    url: str, postgres: Postgres, default: str, used: str
) -> None:
    name = url.rpartition("/")[2]
    postgres.tell(f"ALTER DATABASE {name} SET synchronous_commit = '{default}'")

    def setting(connection: Connection) -> object:
        return connection.exec_driver_sql("SHOW synchronous_commit").scalar()

    async with open_postgres(url) as database:
        assert await database.write(setting) == used


async def test_a_hint_reaches_other_processes_with_the_commit(store: Database, url: str) -> None:
    heard = asyncio.Event()
    async with asyncio.timeout(5), open_postgres(url) as elsewhere:
        store.hear(heard.set)
        await elsewhere.write(hint)

        await heard.wait()


async def test_texts_compare_byte_by_byte_whatever_the_order_of_the_database(
    store: Database,
) -> None:
    for name in ("b", "a-b", "B", "a", "A", "ab", "ä"):
        await store.write(keep(name))

    assert await store.read(names) == ["A", "B", "a", "a-b", "ab", "b", "ä"]


def test_a_full_disk_is_named() -> None:
    full = psycopg.errors.DiskFull("no space left")

    verdict = judge(IntegrityError("INSERT", {}, full), lost=False)

    assert verdict.course is Course.TELL
    assert isinstance(verdict.error, DatabaseFull)
