"""Two processes on one PostgreSQL: one runs the calls, the other serves the APIs beside it."""

import base64
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jwt
import pytest
from support.agents import Agent, Refusal, agent
from support.deadlines import wait_for
from support.office import Office, User
from support.postgres import Postgres
from support.server import API_ONLY, Server, openrooms, refuse
from support.signed import Ask, Caller, Key

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
    with made.running():
        yield made


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


def test_tokens_that_are_revoked_elsewhere_are_good_for_nothing_at_once(
    calls: Server, away: Office, user: User, socket: Agent
) -> None:
    socket.join(away.room({user: "Attendee"}))

    away.revoke(user)

    with agent(calls.ready.browser_url, calls.secrets) as late, pytest.raises(Refusal) as refused:
        late.hello(user.token)
    assert (refused.value.code, refused.value.sub_code) == (401, 10009)
    ended = socket.event("ended", within=5)
    assert (ended["code"], ended["subCode"]) == (401, 10009)
    assert socket.closed_with(within=2) == 4401
    with agent(calls.ready.browser_url, calls.secrets) as renewed:
        renewed.hello(away.token(user))


def test_tokens_of_either_process_lead_to_the_one_with_the_calls(calls: Server, user: User) -> None:
    claims = jwt.decode(user.token, options={"verify_signature": False})

    assert f"{claims['iss']}/" == calls.ready.browser_url


def test_a_key_that_was_rotated_at_one_process_is_refused_by_the_other(
    calls: Server, beside: Server
) -> None:
    made = _command(calls, "resource", "create", "clinic")
    wait_for("the new key to be known", partial(_is_let_in, beside, _key(made)), within=1)

    rotated = _command(calls, "resource", "rotate-key", "clinic", "primary")

    wait_for("the old key to be refused", lambda: not _is_let_in(beside, _key(made)), within=1)
    assert _is_let_in(beside, _key(rotated))
    assert _is_let_in(beside, _key(made, "secondaryConnectionString"))
    _command(beside, "resource", "delete", "clinic")
    wait_for("the end of it", lambda: not _is_let_in(calls, _key(rotated)), within=1)


def test_a_new_signing_key_is_known_to_every_process(
    calls: Server, away: Office, user: User
) -> None:
    (signs, old) = _command(calls, "signing-key", "rotate")["keys"]

    with agent(calls.ready.browser_url, calls.secrets) as opened:
        opened.hello(user.token)
    assert jwt.get_unverified_header(user.token)["kid"] == old["id"]

    def signed_anew() -> bool:
        return bool(jwt.get_unverified_header(away.user().token)["kid"] == signs["id"])

    wait_for("the other process to sign with it", signed_anew, within=1)


def _command(server: Server, *words: str) -> dict[str, Any]:
    """What a command says that is run beside a server."""
    done = subprocess.run(
        openrooms(*words, "--data", str(server.data), "--json"),
        capture_output=True,
        check=True,
        timeout=20,
        env=os.environ | KEY,
    )
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def _key(facts: Mapping[str, Any], name: str = "connectionString") -> Key:
    return Key(str(facts[name]).partition("accesskey=")[2])


def _is_let_in(server: Server, key: Key) -> bool:
    caller = Caller(server.ready)
    caller.key = key
    try:
        return caller.call(Ask("GET", "/rooms?api-version=2025-03-13")).status == 200
    finally:
        caller.close()


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
