"""Two processes on one PostgreSQL: one runs the calls, the other serves the APIs beside it."""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path

import jwt
import pytest
from support.agents import Agent, Refusal, agent
from support.office import Office, User
from support.postgres import Postgres
from support.server import API_ONLY, Server, refuse

KEY = {"OPENROOMS_MASTER_KEY": base64.b64encode(b"a key that two processes share..").decode()}
OTHER_KEY = {"OPENROOMS_MASTER_KEY": base64.b64encode(b"a key of nobody in particular...").decode()}


@pytest.fixture(scope="module")
def url(postgres: Postgres) -> Iterator[str]:
    """A database without any table."""
    with postgres.empty() as made:
        yield made


@pytest.fixture(scope="module")
def calls(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that runs the calls."""
    yield from _serving(tmp_path_factory.mktemp("calls"), url)


@pytest.fixture(scope="module")
def beside(calls: Server, url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that has the APIs alone."""
    yield from _serving(tmp_path_factory.mktemp("beside"), url, API_ONLY)


@pytest.fixture(scope="module")
def away(beside: Server) -> Iterator[Office]:
    """The customer's own server, which knows the second process only."""
    made = Office(beside)
    yield made
    made.close()


def _serving(
    folder: Path, url: str, *options: str, environment: Mapping[str, str] = KEY
) -> Iterator[Server]:
    made = Server(folder, "--database", url, *options, environment=environment)
    made.start()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def user(away: Office) -> User:
    return away.user()


@pytest.fixture
def socket(calls: Server, user: User) -> Iterator[Agent]:
    """The user's agent, at the server that runs the calls."""
    with agent(calls.ready.browser_url, calls.secrets) as opened:
        opened.hello(user.token)
        yield opened


def test_who_is_taken_off_the_roster_elsewhere_is_out_within_seconds(
    away: Office, user: User, socket: Agent
) -> None:
    room = away.room({user: "Attendee"})
    socket.join(room)

    away.expel(room, user)

    ended = socket.event("ended", within=2)
    assert (ended["code"], ended["subCode"]) == (0, 5317)
    with pytest.raises(Refusal):
        socket.join(room)


def test_another_role_given_elsewhere_is_told(away: Office, user: User, socket: Agent) -> None:
    room = away.room({user: "Attendee"})
    socket.join(room)

    away.invite(room, user, "Presenter")

    assert socket.event("roleChanged", within=2)["role"] == "Presenter"


def test_who_is_deleted_elsewhere_is_signed_out(away: Office, user: User, socket: Agent) -> None:
    away.forget(user)

    assert socket.event("signedOut", within=2)
    assert socket.closed_with(within=2) == 4401


def test_tokens_of_either_process_lead_to_the_one_with_the_calls(calls: Server, user: User) -> None:
    claims = jwt.decode(user.token, options={"verify_signature": False})

    assert f"{claims['iss']}/" == calls.ready.browser_url


def test_a_server_with_another_master_key_is_refused(
    calls: Server, url: str, tmp_path: Path
) -> None:
    stranger = Server(tmp_path, "--database", url, API_ONLY)

    refused = refuse(stranger.command(), environment=OTHER_KEY)

    assert refused.status == 1
    assert "all servers of one PostgreSQL need the same OPENROOMS_MASTER_KEY" in refused.text


def test_a_second_server_that_wants_to_run_the_calls_is_refused(
    calls: Server, url: str, tmp_path: Path
) -> None:
    second = Server(tmp_path, "--database", url)

    refused = refuse(second.command(), environment=KEY)

    assert refused.status == 1
    assert "another server runs its calls" in refused.text
    assert "--api-only" in refused.text


def test_a_killed_server_can_be_started_again_at_once(calls: Server) -> None:
    calls.kill()

    calls.start()
