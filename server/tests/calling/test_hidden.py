"""The hidden room: a real call through the gate and the engine that nothing and nobody tells of."""

import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import func, select
from support.ports import free_ports

import openrooms_engine
from openrooms.calling.operations import MEDIA_PATH
from openrooms.kernel.clock import system_clock
from openrooms.kernel.ids import new_secret
from openrooms.media.engine import EngineEvent, EventKind
from openrooms.media.probe import STEPS, Outcome, Probe, Way
from openrooms.media.relay import RelaySettings, relayed
from openrooms.media.ways import Ways, relay_credential
from openrooms.storage import schema

from .house import House, open_house, soon

pytestmark = pytest.mark.anyio

SECONDS = 8.0
# Where something never comes: how long it is waited for, and longer on a machine that is so busy that
# what comes before it has not come by then.
BRIEFLY = (2.0, 4.0, SECONDS)


@pytest.fixture
async def probe() -> AsyncIterator[Probe]:
    made = Probe(openrooms_engine.probe())
    yield made
    await made.close()


def way(house: House, ways: Ways, credential: tuple[str, str] = ("", "")) -> Way:
    return Way(f"ws://{house.address}{MEDIA_PATH}", ways, *credential)


async def blamed(
    part: str, call: Callable[[float], Awaitable[Outcome]], tries: Sequence[float] = BRIEFLY
) -> Outcome:
    """What is told once a call came as far as to the part that is to be blamed."""
    outcome = await call(tries[0])
    for seconds in tries[1:]:
        if outcome.fault == part:
            break
        outcome = await call(seconds)
    assert outcome.fault == part
    return outcome


async def rows(house: House) -> dict[str, int]:
    """How many rows each table has."""
    tables = schema.metadata.sorted_tables
    return await house.world.database.read(
        lambda connection: {
            table.name: connection.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
    )


async def test_one_hears_the_other_and_nothing_tells_of_it(tmp_path: Path, probe: Probe) -> None:
    # Nobody else is in this house.
    async with open_house(tmp_path) as house:
        before = await rows(house)
        order = way(house, Ways()).order(house.side.hidden.open(), seconds=SECONDS)

        outcome = await probe.call(order, seconds=SECONDS)

        assert (outcome.fault, outcome.why) == ("", "")
        seconds = [outcome.seconds[step] for step in STEPS]
        assert seconds == sorted(seconds)
        assert await rows(house) == before
        assert house.side.desk.watches.watched() == []


async def test_a_probe_may_come_as_often_as_it_likes(house: House, probe: Probe) -> None:
    faults = []
    for _ in range(3):
        order = way(house, Ways()).order(house.side.hidden.open(), seconds=SECONDS)
        faults.append((await probe.call(order, seconds=SECONDS)).fault)

    assert faults == [""] * 3


async def test_what_was_closed_opens_nothing(house: House, probe: Probe) -> None:
    order = way(house, Ways()).order(house.side.hidden.open(), seconds=SECONDS)
    house.side.hidden.close()

    outcome = await probe.call(order, seconds=SECONDS)

    assert outcome.fault == "signalling"
    assert "403" in outcome.why


async def test_its_room_is_left_alone_and_another_of_the_kind_is_not(house: House) -> None:
    room, stray = house.side.hidden.room, "probe-of-a-process-that-is-gone"
    for one in (room, stray):
        await house.engine.open_room(one)
    started = EngineEvent("started", EventKind.ROOM_STARTED, room, "", "", hung_up=False)

    await house.side.reports.take(started)
    await house.side.reconciler.reconcile()

    there = await house.engine.rooms()
    assert room in there
    assert stray not in there


async def test_media_that_does_not_come_through_is_told(house: House, probe: Probe) -> None:
    async def call(seconds: float) -> Outcome:
        order = json.loads(way(house, Ways()).order(house.side.hidden.open(), seconds=seconds))
        # Where nobody takes what is sent to the engine.
        blocked = json.dumps(order | {"reached": "127.0.0.77"}).encode() + b"\n"
        return await probe.call(blocked, seconds=seconds)

    outcome = await blamed("media", call)

    assert "127.0.0.77" in outcome.why
    assert "admitted" in outcome.seconds
    assert "connected" not in outcome.seconds


async def test_a_gate_that_nobody_answers_at_is_told(house: House, probe: Probe) -> None:
    (port,) = free_ports(socket.SOCK_STREAM)
    nowhere = Way(f"ws://127.0.0.1:{port}", Ways())

    outcome = await probe.call(
        nowhere.order(house.side.hidden.open(), seconds=SECONDS), seconds=SECONDS
    )

    assert outcome.fault == "signalling"
    assert "cannot be reached" in outcome.why


async def test_who_listens_comes_by_the_relay_where_there_is_one(
    house: House, probe: Probe, tmp_path: Path
) -> None:
    ways = Ways(media_port=house.supervisor.media_port, turn_port=free_ports(socket.SOCK_DGRAM)[0])
    secret = new_secret()
    credential = relay_credential(secret, house.side.hidden.room, system_clock())

    async def told() -> RelaySettings:
        return RelaySettings(ways, secret, tmp_path / "server.pem", tmp_path / "server.key")

    async def call(seconds: float) -> Outcome:
        through = way(house, ways, credential)
        order = through.order(house.side.hidden.open(), seconds=seconds)
        return await probe.call(order, seconds=seconds)

    async with relayed(told, binary=openrooms_engine.relay(), folder=tmp_path):

        async def well() -> bool:
            return (await call(SECONDS)).fault == ""

        assert await soon(well)

    await blamed("relay", call)
