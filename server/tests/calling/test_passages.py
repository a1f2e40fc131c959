"""The connections through the gate of one process."""

import asyncio

import pytest

from openrooms.calling.closing import Closing
from openrooms.calling.errors import TryAgain
from openrooms.calling.passages import MOST_OF_A_LEG, Passage, Passages
from openrooms.media.engine import Grants

from .samples import LEG

pytestmark = pytest.mark.anyio


async def test_a_leg_has_only_so_many_connections() -> None:
    passages = Passages()
    for _ in range(MOST_OF_A_LEG):
        passages.add(Passage(LEG))

    with pytest.raises(TryAgain):
        passages.add(Passage(LEG))


async def test_who_goes_leaves_the_others_and_may_go_twice() -> None:
    passages, first, second = Passages(), Passage(LEG), Passage(LEG)
    passages.add(first)
    passages.add(second)

    left = [passages.remove(first), passages.remove(first), passages.remove(second)]

    assert left == [1, 1, 0]
    assert passages.of("leg") == []


async def test_new_grants_hold_for_every_connection_of_the_leg() -> None:
    passages, passage = Passages(), Passage(LEG)
    passages.add(passage)

    passages.set_grants("leg", Grants(frozenset()))

    assert passage.grants == Grants(frozenset())


async def test_a_cut_ends_the_connection_with_its_code_the_first_one_counts() -> None:
    passages, passage = Passages(), Passage(LEG)
    passages.add(passage)
    passages.cut("leg", 4403)
    passages.cut("leg", 1012)

    with pytest.raises(Closing) as closing:
        await passage.until_cut()

    assert closing.value.code == 4403
    assert passage.is_cut


async def test_a_server_that_stops_cuts_everyone_and_lets_nobody_in() -> None:
    passages, passage = Passages(), Passage(LEG)
    passages.add(passage)

    passages.close()

    assert passage.is_cut
    with pytest.raises(TryAgain):
        passages.add(Passage(LEG))


async def settle(passage: Passage) -> None:
    passage.settled.set()


async def test_a_connect_that_is_under_way_is_waited_for() -> None:
    passages, passage = Passages(), Passage(LEG)
    passages.add(passage)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(passages.settled("leg"))
        tasks.create_task(settle(passage))

    assert waiting.result()
    assert not await passages.settled("leg")
