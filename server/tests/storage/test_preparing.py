"""A PostgreSQL database that cannot be served from is refused in one clear line."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from support.ports import free_ports
from support.postgres import LOCKED_USER, Postgres

from openrooms.storage.errors import DatabaseInUse, DatabaseUnusable, NewerData
from openrooms.storage.migrate import HEAD
from openrooms.storage.postgres.adapter import open_postgres
from openrooms.storage.postgres.connections import read_address
from openrooms.storage.postgres.preparing import prepare

pytestmark = pytest.mark.anyio

PASSWORD = "correct horse"


@pytest.fixture
def url(postgres: Postgres) -> Iterator[str]:
    with postgres.empty() as made:
        yield made


@pytest.fixture
def locked(postgres: Postgres, url: str) -> Iterator[str]:
    """The URL of a user who needs a password, without it."""
    name = url.rpartition("/")[2]
    postgres.tell(f"CREATE ROLE {LOCKED_USER} LOGIN PASSWORD '{PASSWORD}'")
    postgres.tell(f"ALTER DATABASE {name} OWNER TO {LOCKED_USER}")
    yield postgres.url(name, user=LOCKED_USER)
    postgres.tell(f"ALTER DATABASE {name} OWNER TO CURRENT_USER")
    postgres.tell(f"REASSIGN OWNED BY {LOCKED_USER} TO CURRENT_USER", name)
    postgres.tell(f"DROP ROLE {LOCKED_USER}")


def refusal(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as refused:
        prepare(read_address(url))
    return str(refused.value)


def test_a_server_that_is_not_there_is_named() -> None:
    (port,) = free_ports(socket.SOCK_STREAM)

    said = refusal(f"postgresql://openrooms:secret@127.0.0.1:{port}/openrooms")

    assert said == (
        f"Database 127.0.0.1:{port}/openrooms: Connection refused. "
        "Start the server, or correct the setting database."
    )


def test_a_wrong_password_is_told_and_not_repeated(locked: str) -> None:
    said = refusal(locked.replace("@", ":wrong-one@"))

    assert "password authentication failed for user" in said
    assert "OPENROOMS_DATABASE" in said
    assert "wrong-one" not in said


def test_the_right_password_lets_in(locked: str) -> None:
    prepare(read_address(locked.replace("@", ":correct%20horse@")))


def test_a_database_that_is_not_there_is_named(postgres: Postgres) -> None:
    said = refusal(postgres.url("nowhere"))

    assert 'database "nowhere" does not exist. Make it: CREATE DATABASE' in said


def test_a_user_that_is_not_there_is_named(postgres: Postgres) -> None:
    said = refusal(postgres.url("postgres", user="nobody-here"))

    assert 'role "nobody-here" does not exist. Make the user' in said


def test_a_user_who_may_make_no_tables_is_told_so(postgres: Postgres, url: str) -> None:
    name = url.rpartition("/")[2]
    postgres.tell("CREATE ROLE guest LOGIN")
    try:
        said = refusal(postgres.url(name, user="guest"))
    finally:
        postgres.tell("DROP ROLE guest")

    assert "permission denied for schema public. Make the user of the URL the owner" in said


def test_another_encoding_is_refused(postgres: Postgres) -> None:
    postgres.tell("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        said = refusal(postgres.url("latin"))
    finally:
        postgres.tell("DROP DATABASE latin WITH (FORCE)")

    assert "its encoding is LATIN1. Make one with: CREATE DATABASE" in said


def test_a_database_of_a_newer_program_is_refused(postgres: Postgres, url: str) -> None:
    prepare(read_address(url))
    postgres.tell("UPDATE alembic_version SET version_num = '9999'", url.rpartition("/")[2])

    with pytest.raises(NewerData, match=r"9999.*newer program"):
        prepare(read_address(url))


@pytest.mark.parametrize(
    "url", ["nonsense", f"postgresql://user:{PASSWORD}@host:port:port/x?unknown=1"]
)
def test_what_is_no_address_is_not_repeated(url: str) -> None:
    with pytest.raises(DatabaseUnusable) as refused:
        read_address(url)

    assert PASSWORD not in str(refused.value)
    assert "postgresql://USER@HOST:PORT/NAME" in str(refused.value)


def test_an_address_shows_neither_user_nor_password() -> None:
    address = read_address(f"postgresql://user:{PASSWORD.replace(' ', '%20')}@host:5433/name")

    assert str(address) == "host:5433/name"
    assert "horse" not in repr(address)


async def test_many_that_come_to_an_empty_database_at_once_make_it_once(
    postgres: Postgres, url: str
) -> None:
    address = read_address(url)

    await asyncio.gather(*(asyncio.to_thread(prepare, address) for _ in range(6)))

    name = url.rpartition("/")[2]
    assert postgres.tell("SELECT version_num FROM alembic_version", name) == [(HEAD,)]


@pytest.mark.slow
async def test_one_process_alone_runs_the_calls(url: str) -> None:
    async with open_postgres(url, runs_calls=True), open_postgres(url):
        with pytest.raises(DatabaseInUse, match="another server runs its calls"):
            async with open_postgres(url, runs_calls=True):
                pass
    async with open_postgres(url, runs_calls=True):
        pass
