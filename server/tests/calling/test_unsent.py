"""What waits for a client that reads slowly."""

import pytest

from openrooms.calling import messages_wire, wire
from openrooms.calling.unsent import (
    HEAVIEST_BEFORE_LOSSY,
    HEAVIEST_UNSENT,
    MOST_BEFORE_LOSSY,
    MOST_UNSENT,
    Unsent,
)

pytestmark = pytest.mark.anyio
SMALL = wire.Answer(1, ok=wire.Done())


def data(size: int) -> messages_wire.Data:
    return messages_wire.Data(
        call_id="c",
        participant_id="p",
        raw_id="8:acs:a_b",
        channel_id=1,
        session=1,
        sequence=1,
        reliability="Durable",
        data=bytes(size),
    )


async def test_what_is_put_comes_in_its_order_and_the_code_last() -> None:
    unsent, event = Unsent(), data(3)

    assert [unsent.put(one) for one in (SMALL, event, 4401)] == [True, True, True]

    assert [await unsent.get() for _ in range(3)] == [SMALL, event, 4401]


async def test_too_much_is_said_once_and_nothing_comes_behind_the_code() -> None:
    unsent = Unsent()

    said = [unsent.put(SMALL) for _ in range(MOST_UNSENT + 3)]
    unsent.put(4429)

    assert said == [True] * MOST_UNSENT + [False, True, True]
    assert [await unsent.get() for _ in range(MOST_UNSENT + 1)][-1] == 4429


async def test_what_is_heavy_is_too_much_sooner() -> None:
    unsent = Unsent()

    said = [unsent.put(data(HEAVIEST_UNSENT // 4)) for _ in range(5)]

    assert said == [True] * 4 + [False]


async def test_what_was_sent_weighs_no_more() -> None:
    unsent = Unsent()
    for _ in range(12):
        assert unsent.put(data(HEAVIEST_UNSENT // 4))
        await unsent.get()


async def test_what_may_be_lost_is_behind_many_or_heavy_ones() -> None:
    many, heavy = Unsent(), Unsent()

    assert [many.offer(data(0)) for _ in range(MOST_BEFORE_LOSSY + 2)][-3:] == [True, False, False]
    assert [heavy.offer(data(HEAVIEST_BEFORE_LOSSY + 1)) for _ in range(2)] == [True, False]
    assert many.put(SMALL)
    assert heavy.put(SMALL)
    await heavy.get()
    assert heavy.offer(data(1))
