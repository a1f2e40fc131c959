"""When a token was issued is told at once and written a moment later: what a stop and a kill leave of it."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
from support.deadlines import wait_for
from support.server import Server
from support.signed import Ask, Caller

VERSION = "api-version=2025-03-02-preview"
JSON = {"Content-Type": "application/json"}
WRITTEN_WITHIN = 10.0


@contextmanager
def calling(server: Server) -> Iterator[Caller]:
    with closing(Caller(server.ready)) as caller:
        yield caller


def new_user(server: Server) -> str:
    with calling(server) as caller:
        made = caller.call(Ask("POST", f"/identities?{VERSION}"))
    assert made.status == 201
    return str(made.json["identity"]["id"])


def issue(server: Server, user: str) -> None:
    target = f"/identities/{user}/:issueAccessToken?{VERSION}"
    with calling(server) as caller:
        issued = caller.call(Ask("POST", target, json.dumps({"scopes": ["voip"]}).encode(), JSON))
    assert issued.status == 200
    server.secrets.add("user token", issued.json["token"])


def told(server: Server, user: str) -> str | None:
    """What the server says of the user's last token."""
    with calling(server) as caller:
        identity = caller.call(Ask("GET", f"/identities/{user}?{VERSION}"))
    assert identity.status == 200
    moment: str | None = identity.json.get("lastTokenIssuedAt")
    return moment


def is_written(server: Server, user: str) -> bool:
    """Whether the database itself knows of a token of the user."""
    query = "SELECT last_token_issued_at FROM identity WHERE user_id = '{}'"
    query = query.format(user.rpartition("_")[2])
    command = server.command()
    if "--database" in command:
        with psycopg.connect(command[command.index("--database") + 1]) as there:
            row = there.execute(query.encode()).fetchone()
    else:
        with closing(sqlite3.connect(server.data / "openrooms.db", timeout=5)) as file:
            row = file.execute(query).fetchone()
    return row is not None and row[0] is not None


def test_it_is_told_at_once_and_outlives_a_stop(spare: Server) -> None:
    spare.start()
    user = new_user(spare)

    issue(spare, user)
    at_once = told(spare, user)
    spare.stop()
    spare.start()

    assert at_once is not None
    assert told(spare, user) == at_once


def test_a_kill_takes_nothing_that_was_written(spare: Server) -> None:
    spare.start()
    user = new_user(spare)

    issue(spare, user)
    at_once = told(spare, user)
    wait_for("the moment in the database", lambda: is_written(spare, user), within=WRITTEN_WITHIN)
    spare.kill()
    spare.start()

    assert told(spare, user) == at_once


def test_a_kill_takes_the_moment_at_most_and_never_the_user(spare: Server) -> None:
    spare.start()
    user = new_user(spare)

    issue(spare, user)
    at_once = told(spare, user)
    spare.kill()
    spare.start()

    assert told(spare, user) in {None, at_once}
    issue(spare, user)
    assert told(spare, user) not in {None, at_once}
