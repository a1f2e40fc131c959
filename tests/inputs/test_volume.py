"""More than a server can do: floods of requests and of joins, and 100,000 rooms that end at once."""

import asyncio
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
from support.agents import Agent, Refusal, agent
from support.deadlines import wait_for
from support.inputs.house import House, open_house
from support.inputs.mint import Mint, open_mint
from support.inputs.rows import get, post
from support.inputs.wire import exchange
from support.report import figure, lines
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

CREATES = 2000
ANY_DATE = {"OPENROOMS_SIGNATURE_WINDOW_MINUTES": "0"}
LIMITED = {"OPENROOMS_LIMIT_REQUESTS": "true"}
FLOODERS = 16
PEOPLE, JOINED_WITHIN = 350, 15.0
ROOMS, GONE = 100_000, 3_000
FIRST = 99_100_000_000_000_000
GRACE_DAYS, DAY = 40, 24 * 3600
GOOD_REQUESTS = 300
UNSEEN = 0.15
MOST_GROWTH = 64 * 2**20
TOO_MUCH = 4429
# What a user may join at once; then once a second.
JOINS_AT_ONCE, TOO_OFTEN = 20, 429


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that gives each resource its quota."""
    with open_house(tmp_path_factory.mktemp("limited"), environment=LIMITED) as made:
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


@pytest.mark.line("R01", "R02")
def test_a_flood_is_served_as_fast_as_can_be_and_a_neighbour_hardly_notices(house: House) -> None:
    calm = [house.well(get("/rooms/<room>")).took for _ in range(GOOD_REQUESTS)]
    memory, stop = house.memory(), threading.Event()
    alone = _rate(house, 2)
    with ThreadPoolExecutor(FLOODERS) as pool:
        floods = [pool.submit(_flood, house, stop) for _ in range(FLOODERS)]
        during = [house.well(get("/rooms/<room>")).took for _ in range(GOOD_REQUESTS)]
        stop.set()
        made = [flood.result() for flood in floods]

    goodput = sum(count for count, _ in made) / max(took for _, took in made)
    before, meanwhile = _p99(calm), _p99(during)
    lines.append(f"R01: {alone:.0f} creates/s by two clients, {goodput:.0f} by {FLOODERS}")
    figure("R01, creates/s by two clients / by a flood", alone / goodput, at_most=1.25, unit="")
    figure("R02, p99 of others in a flood", meanwhile, at_most=max(2 * before, UNSEEN), unit="s")
    assert house.memory() - memory < MOST_GROWTH


@pytest.mark.line("R03")
def test_three_hundred_and_fifty_who_join_at_once_are_all_let_in(house: House) -> None:
    users = [
        house.well(post("/identities", {"createTokenWithScopes": ["voip"]})).json
        for _ in range(PEOPLE)
    ]
    roster = {one["identity"]["id"]: {"role": "Attendee"} for one in users}
    room = house.well(post("/rooms", {"participants": roster})).json["id"]
    start = time.monotonic()

    admitted = asyncio.run(_join_all(house, room, [one["accessToken"]["token"] for one in users]))

    figure("R03, 350 joins", time.monotonic() - start, at_most=JOINED_WITHIN, unit="s")
    assert len(set(admitted)) == PEOPLE


@pytest.mark.line("R04")
def test_one_who_joins_and_leaves_all_the_time_leaves_no_ghost(house: House, mint: Mint) -> None:
    roster = {house.names["user"]: {"role": "Attendee"}}
    room = house.well(post("/rooms", {"participants": roster})).json["id"]
    with agent(house.server.ready.browser_url, house.server.secrets) as restless:
        restless.hello(mint.good)
        came = sum(_in_and_out(restless, room) for _ in range(40))
        wait_for("no leg of his is left", lambda: _legs(house, room) == 0, within=5)
        # It may be over before all is said.
        with suppress(ConnectionClosed):
            for number in range(200):
                restless.send(json.dumps({"id": 10_000 + number, "op": "ping"}))
        assert restless.closed_with(within=5) == TOO_MUCH

    assert came >= JOINS_AT_ONCE
    assert _legs(house, room) == 0


@pytest.mark.line("R05")
def test_a_hundred_thousand_rooms_that_end_at_once_hold_up_nobody(tmp_path: Path) -> None:
    with open_house(tmp_path / "house", environment=ANY_DATE) as house:
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
def mint(house: House) -> Mint:
    body = {"scopes": ["voip"]}
    good = house.well(post("/identities/<user_path>/:issueAccessToken", body)).json["token"]
    return open_mint(house.server, good, "")


def _in_and_out(restless: Agent, room: str) -> bool:
    """Join and leave at once. False when he is told that he joins too often, and nothing else."""
    try:
        restless.leave(restless.join(room).call_id)
    except Refusal as refused:
        if refused.code != TOO_OFTEN:
            raise
        return False
    return True


def _rate(house: House, clients: int) -> float:
    """Creates a second, by so many clients."""
    stop = threading.Event()
    with ThreadPoolExecutor(clients) as pool:
        floods = [pool.submit(_flood, house, stop) for _ in range(clients)]
        stop.wait(2)
        stop.set()
        made = [flood.result() for flood in floods]
    return sum(count for count, _ in made) / max(took for _, took in made)


def _flood(house: House, stop: threading.Event) -> tuple[int, float]:
    """Create rooms as fast as can be, ten requests at a time; how many were made, and in what time."""
    made, start = 0, time.monotonic()
    octets = house.bytes_of(post("/rooms", "{}"), "plain")
    with house.doors.open("plain") as channel:
        while not stop.is_set():
            heard = exchange(channel, [octets], method="POST")
            assert heard.status in {201, 429}, heard
            made += heard.status == 201
    return made, time.monotonic() - start


async def _join_all(house: House, room: str, tokens: list[str]) -> list[str]:
    """Everybody's hello and join at once; the participant ids."""
    url = house.server.ready.browser_url.replace("http", "ws", 1) + "calling/v1/agent"
    gate = asyncio.Semaphore(100)

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
                if said.get("id") == 2:
                    assert "ok" in said, said
                    house.server.secrets.add("ticket", said["ok"]["media"]["ticket"])
                    return str(said["ok"]["leg"]["participantId"])

    async with asyncio.TaskGroup() as tasks:
        joins = [tasks.create_task(join(token)) for token in tokens]
    return [one.result() for one in joins]


def _legs(house: House, room: str) -> int:
    statement = (
        "SELECT count(*) FROM leg JOIN call ON call.id = leg.call_id "
        "WHERE call.room_id = ? AND leg.ended_at IS NULL"
    )
    with closing(sqlite3.connect(house.server.data / "openrooms.db")) as database:
        return int(database.execute(statement, [int(room)]).fetchone()[0])


def _multiply(house: House, many: int) -> None:
    """So many rooms that all end in the same second, tomorrow."""
    statement = f"""
        WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)
        INSERT INTO room (id, resource_id, created_at, valid_from, valid_until, pstn_dial_out_enabled)
        SELECT {FIRST} + n, resource_id, created_at, valid_from, ?, 0
        FROM number, (SELECT * FROM room WHERE id = ?)
    """  # noqa: S608 (a test's own text)
    ends = (int(time.time()) + DAY) * 1_000_000
    with closing(sqlite3.connect(house.server.data / "openrooms.db")) as database, database:
        database.execute(statement, [many, ends, int(house.names["room"])])


def _gone(house: House, during: list[float]) -> int:
    """Ask as a good client does, and see how many of them are gone."""
    during.extend(_asked(house) for _ in range(50))
    statement = "SELECT count(*) FROM room WHERE id BETWEEN ? AND ? AND deleted_at IS NOT NULL"
    with closing(sqlite3.connect(house.server.data / "openrooms.db")) as database:
        found = database.execute(statement, [FIRST + 1, FIRST + ROOMS]).fetchone()
    return int(found[0])


def _asked(house: House) -> float:
    heard = house.well(get("/rooms/<room>"))
    assert heard.status == 200, heard
    return heard.took


def _p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]
