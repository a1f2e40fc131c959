"""More than a server can do: floods of requests and of joins, and 100,000 rooms that end at once."""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from support.agents import Agent, Refusal, agent
from support.crowd import ask_for
from support.databases import KINDS, store_of
from support.deadlines import wait_for
from support.inputs.house import House, open_house
from support.inputs.rows import get, post
from support.report import figure, figure_of_few, lines
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

CREATES = 2000
ANY_DATE = {"OPENROOMS_SIGNATURE_WINDOW_MINUTES": "0"}
LIMITED = {"OPENROOMS_LIMIT_REQUESTS": "true"}
# Who ask as fast as they are answered: as many as get the most out of a server, and far more.
CLIENTS, FLOODERS = (2, 8, 16, 32), 200
MEASURED_SECONDS = 2.0
PEOPLE, JOINED_WITHIN = 350, 15.0
ROOMS, GONE = 100_000, 3_000
FIRST = 99_100_000_000_000_000
GRACE_DAYS, DAY = 40, 24 * 3600
GOOD_REQUESTS = 300
# What is fast stays fast: below this, twice as slow is nothing that anybody sees.
UNSEEN = 0.03
MOST_GROWTH = 64 * 2**20
TOO_MUCH, TRY_AGAIN = 4429, 503
# What a user may join at once; then once a second.
JOINS_AT_ONCE, TOO_OFTEN = 20, 429


@pytest.fixture(scope="module", params=KINDS)
def limited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A server that gives each resource its quota."""
    folder = tmp_path_factory.mktemp("limited")
    with store_of(request) as url, open_house(folder, database=url, environment=LIMITED) as made:
        yield made


@pytest.mark.line("R01")
def test_more_creates_than_the_quota_get_429_and_are_told_when_to_come(limited: House) -> None:
    memory = limited.memory()
    heard = [limited.well(post("/rooms", "{}")) for _ in range(CREATES)]

    statuses = {one.status for one in heard}
    waits = {one.answer.headers.get("retry-after", "") for one in heard if one.status == 429}
    assert statuses == {201, 429}
    assert all(wait.isdigit() and int(wait) >= 1 for wait in waits)
    assert limited.well(get("/rooms/<room>")).status == 200
    figure("R01, growth of the server", (limited.memory() - memory) / 2**20, at_most=64, unit="MiB")


@pytest.mark.line("R01")
def test_a_flood_is_served_as_fast_as_can_be(any_house: House) -> None:
    memory = any_house.memory()

    figure_of_few(
        "R01, most creates/s / those of a flood",
        lambda: [_best_over_flood(any_house)],
        at_most=1.25,
        unit="",
    )
    assert any_house.memory() - memory < MOST_GROWTH


@pytest.mark.line("R03")
def test_three_hundred_and_fifty_who_join_at_once_are_all_let_in(any_house: House) -> None:
    users = [
        any_house.well(post("/identities", {"createTokenWithScopes": ["voip"]})).json
        for _ in range(PEOPLE)
    ]
    roster = {one["identity"]["id"]: {"role": "Attendee"} for one in users}
    room = any_house.well(post("/rooms", {"participants": roster})).json["id"]
    start = time.monotonic()

    everybody = [one["accessToken"]["token"] for one in users]
    admitted, put_off = asyncio.run(_join_all(any_house, room, everybody))

    lines.append(f"R03: {put_off} of the joins were put off, and tried again")
    figure("R03, 350 joins", time.monotonic() - start, at_most=JOINED_WITHIN, unit="s")
    assert len(set(admitted)) == PEOPLE
    # A file is never too busy for them.
    assert put_off == 0 or any_house.tables.url is not None


@pytest.mark.line("R04")
def test_one_who_joins_and_leaves_all_the_time_leaves_no_ghost(
    any_house: House, token: str
) -> None:
    roster = {any_house.names["user"]: {"role": "Attendee"}}
    room = any_house.well(post("/rooms", {"participants": roster})).json["id"]
    with agent(any_house.server.ready.browser_url, any_house.server.secrets) as restless:
        restless.hello(token)
        came = sum(_in_and_out(restless, room) for _ in range(40))
        wait_for("no leg of his is left", lambda: _legs(any_house, room) == 0, within=5)
        # It may be over before all is said.
        with suppress(ConnectionClosed):
            for number in range(200):
                restless.send(json.dumps({"id": 10_000 + number, "op": "ping"}))
        assert restless.closed_with(within=5) == TOO_MUCH

    assert came >= JOINS_AT_ONCE
    assert _legs(any_house, room) == 0


@pytest.mark.line("R05")
def test_a_hundred_thousand_rooms_that_end_at_once_hold_up_nobody(
    tmp_path: Path, database_url: str | None
) -> None:
    with open_house(tmp_path / "house", database=database_url, environment=ANY_DATE) as house:
        calm = [house.well(get("/rooms")).took for _ in range(GOOD_REQUESTS)]
        with house.away():
            _multiply(house, ROOMS)
            house.server.move_clock(GRACE_DAYS * DAY)
        during = list[float]()
        # They go a few at a time, for minutes; the first thousands show how it goes.
        _, took = wait_for(
            f"{GONE} rooms are gone", lambda: _gone(house, during) >= GONE, within=60
        )

    before, meanwhile = _p99(calm), _p99(during)
    told = f"R05: {GONE} of {ROOMS} rooms that ended at once were swept in {took:.1f} s"
    lines.append(f"{told}; p99 {before * 1000:.1f} ms before, {meanwhile * 1000:.1f} ms meanwhile")
    figure("R05, p99 while rooms go", meanwhile, at_most=max(2 * before, UNSEEN), unit="s")


@pytest.fixture
def token(any_house: House) -> str:
    """A good token of the house's user."""
    body = {"scopes": ["voip"]}
    heard = any_house.well(post("/identities/<user_path>/:issueAccessToken", body))
    return str(heard.json["token"])


def _in_and_out(restless: Agent, room: str) -> bool:
    """Join and leave at once. False when he is told that he joins too often, and nothing else."""
    try:
        restless.leave(restless.join(room).call_id)
    except Refusal as refused:
        if refused.code != TOO_OFTEN:
            raise
        return False
    return True


def _best_over_flood(house: House) -> float:
    """How many times as much is made for a few as for a flood."""
    rates = {many: asyncio.run(_rate(house, many)) for many in (*CLIENTS, FLOODERS)}
    lines.append("R01, creates/s: " + ", ".join(f"{rates[n]:.0f} by {n}" for n in rates))
    return max(rates.values()) / rates[FLOODERS]


async def _rate(house: House, clients: int) -> float:
    """Creates a second, by so many clients."""
    request, start = house.bytes_of(post("/rooms", "{}"), "plain"), time.monotonic()
    asked = [ask_for(house.doors.plain, request, MEASURED_SECONDS) for _ in range(clients)]
    heard = await asyncio.gather(*asked)
    took = time.monotonic() - start
    statuses = sum((one.statuses for one in heard), Counter[int]())
    assert set(statuses) <= {201, 429}
    return statuses[201] / took


async def _join_all(house: House, room: str, tokens: list[str]) -> tuple[list[str], int]:
    """Everybody's hello and join at once; the participant ids, and how often one was put off."""
    url = house.server.ready.browser_url.replace("http", "ws", 1) + "calling/v1/agent"
    gate, again = asyncio.Semaphore(100), list[str]()

    async def join(token: str) -> str:
        async with gate:
            socket = await connect(url, compression=None, proxy=None)
        async with socket:
            await socket.send(
                json.dumps(
                    {"id": 1, "op": "hello", "version": 1, "token": token, "displayName": "x"}
                )
            )
            ask = {"id": 2, "op": "join", "roomId": room, "joinId": str(uuid.uuid4())}
            await socket.send(json.dumps(ask))
            while True:
                said = json.loads(await socket.recv())
                if said.get("id") == 2 and said.get("error", {}).get("code") == TRY_AGAIN:
                    # As the SDK does.
                    again.append(token)
                    await socket.send(json.dumps(ask))
                elif said.get("id") == 2:
                    assert "ok" in said, said
                    house.server.secrets.add("ticket", said["ok"]["media"]["ticket"])
                    return str(said["ok"]["leg"]["participantId"])

    async with asyncio.timeout(JOINED_WITHIN), asyncio.TaskGroup() as tasks:
        joins = [tasks.create_task(join(token)) for token in tokens]
    return [one.result() for one in joins], len(again)


def _legs(house: House, room: str) -> int:
    return house.tables.number(
        "SELECT count(*) FROM leg JOIN call ON call.id = leg.call_id "
        "WHERE call.room_id = ? AND leg.ended_at IS NULL",
        int(room),
    )


def _multiply(house: House, many: int) -> None:
    """So many rooms that all end in the same second, tomorrow."""
    ends = (int(time.time()) + DAY) * 1_000_000
    house.tables.tell(
        f"""
        WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
        INSERT INTO room (id, resource_id, created_at, valid_from, valid_until, pstn_dial_out_enabled)
        SELECT {FIRST} + n, resource_id, created_at, valid_from, ?, false
        FROM counted, room WHERE id = ?
        """,  # noqa: S608 (a test's own text)
        *(many, ends, int(house.names["room"])),
    )


def _gone(house: House, during: list[float]) -> int:
    """Ask as a good client does, and see how many of them are gone."""
    during.extend(_asked(house) for _ in range(50))
    return house.tables.number(
        "SELECT count(*) FROM room WHERE id BETWEEN ? AND ? AND deleted_at IS NOT NULL",
        *(FIRST + 1, FIRST + ROOMS),
    )


def _asked(house: House) -> float:
    heard = house.well(get("/rooms/<room>"))
    assert heard.status == 200, heard
    return heard.took


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
