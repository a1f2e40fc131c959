"""What every conformance test starts from: a served database of each kind, and a running SDK of each version."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from support.databases import KINDS, postgres
from support.issuer import ROLE, ROLE_CLAIM, running_issuer
from support.postgres import Postgres
from support.relay import Relay, relaying
from support.sdks import Driver, Sdk, params
from support.server import Server
from support.signed import Ask, Caller

__all__ = ["postgres"]


ROOMS = "/rooms?api-version=2025-03-13"


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Whose tokens the servers take beside their keys: its name."""
    with running_issuer() as name:
        yield name


@pytest.fixture(scope="session", params=KINDS)
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, issuer: str
) -> Iterator[Server]:
    """One started server for each kind of database; the tests leave each other's things alone."""
    with ExitStack() as stack:
        options: tuple[str, ...] = ()
        if request.param == "postgresql":
            database: Postgres = request.getfixturevalue("postgres")
            options = ("--database", stack.enter_context(database.empty()))
        environment = {
            "OPENROOMS_OIDC_ISSUER": issuer,
            "OPENROOMS_OIDC_ROLE_CLAIM": ROLE_CLAIM,
            "OPENROOMS_OIDC_ROLE": ROLE,
        }
        made = Server(tmp_path_factory.mktemp("server"), *options, environment=environment)
        made.start()
        stack.callback(made.close)
        yield made


@pytest.fixture(scope="session")
def caller(server: Server) -> Iterator[Caller]:
    """Raw signed requests to that server."""
    made = Caller(server.ready)
    yield made
    made.close()


@pytest.fixture(scope="module")
def no_rooms(caller: Caller) -> None:
    """The rooms of other tests are gone: lists that are read whole are short."""
    while left := caller.call(Ask("GET", ROOMS)).json["value"]:
        for room in left:
            caller.call(Ask("DELETE", f"/rooms/{room['id']}?{ROOMS.partition('?')[2]}"))


@pytest.fixture(scope="module")
def relay(server: Server) -> Iterator[Relay]:
    """What stands between an SDK and that server."""
    with relaying(server) as made:
        yield made


@pytest.fixture(scope="session")
def drivers(server: Server) -> Iterator[dict[str, Driver]]:
    """The SDKs that run against that server, each started when it is first asked for."""
    running: dict[str, Driver] = {}
    yield running
    for driver in running.values():
        driver.close()


@pytest.fixture(params=params())
def sdk(
    request: pytest.FixtureRequest,
    server: Server,
    drivers: dict[str, Driver],
    tmp_path_factory: pytest.TempPathFactory,
) -> Driver:
    """An SDK that holds the server's connection string."""
    wanted: Sdk = request.param
    if wanted.name not in drivers:
        drivers[wanted.name] = Driver(wanted, server.ready, tmp_path_factory.mktemp("sdk"))
    return drivers[wanted.name]
