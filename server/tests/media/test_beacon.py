"""Where the engine is, and who hears of it."""

import pytest

from openrooms.media.beacon import Beacon
from openrooms.media.errors import EngineAway

pytestmark = pytest.mark.anyio


async def test_it_says_where_the_engine_is_or_what_is_wrong() -> None:
    beacon = Beacon()
    said = [beacon.trouble]

    beacon.light("http://127.0.0.1:1")
    said.append(beacon.trouble)
    url = await beacon.ready(within=0)
    beacon.put_out("it ended")

    assert [*said, beacon.trouble] == ["it is starting", None, "it ended"]
    assert url == "http://127.0.0.1:1"
    with pytest.raises(EngineAway):
        await beacon.ready(within=0)


async def test_a_loss_is_told_once_and_at_once() -> None:
    beacon, lost = Beacon(), list[str]()
    beacon.on_loss(lambda: lost.append("lost"))

    beacon.put_out("it is not there yet")
    before = len(lost)
    beacon.light("http://127.0.0.1:1")
    beacon.put_out("it ended")
    beacon.put_out("it ended twice")

    assert (before, lost) == (0, ["lost"])


async def test_the_first_engine_takes_over_from_nobody() -> None:
    beacon, lives = Beacon(), list[int]()

    async def hear() -> None:
        lives.append(beacon.lives)

    beacon.watch(hear)
    for _ in range(3):
        beacon.light("http://127.0.0.1:1")
        await beacon.tell()

    assert lives == [2, 3]
