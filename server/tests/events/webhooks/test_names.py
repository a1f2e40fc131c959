"""A name that is slow to be looked up keeps its own receiver waiting, and nobody else's."""

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest

from openrooms.events.webhooks.names import Names

pytestmark = pytest.mark.anyio

PORT = 443
# More than any pool of threads that is shared has.
MANY = 100


class Resolver:
    """One that knows names, and answers those that begin with "slow" once it is let to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answering = threading.Event()

    def __call__(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host.startswith("slow"):
            self.answering.wait(30)
        if host.startswith("unknown"):
            raise OSError("not known")
        return ["192.0.2.1"]


@pytest.fixture
def resolver() -> Iterator[Resolver]:
    made = Resolver()
    yield made
    made.answering.set()


async def test_a_hundred_slow_names_keep_no_other_waiting(resolver: Resolver) -> None:
    names = Names(resolver)
    async with asyncio.TaskGroup() as group:
        slow = [group.create_task(names.look_up(f"slow{each}", PORT)) for each in range(MANY)]

        async with asyncio.timeout(5):
            quick = await names.look_up("quick", PORT)

        assert not any(one.done() for one in slow)
        resolver.answering.set()
    assert [quick, *(one.result() for one in slow)] == [["192.0.2.1"]] * (MANY + 1)


async def test_a_slow_name_is_looked_up_once_however_many_ask_and_give_up(
    resolver: Resolver,
) -> None:
    names = Names(resolver)
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await names.look_up("slow", PORT)
    asked = [*resolver.asked]

    async with asyncio.TaskGroup() as group:
        last = group.create_task(names.look_up("slow", PORT))
        resolver.answering.set()
    again = await names.look_up("slow", PORT)

    assert asked == ["slow"]
    assert last.result() == again == ["192.0.2.1"]
    # What is known is not kept: it may be otherwise the next time.
    assert resolver.asked == ["slow", "slow"]


async def test_a_name_that_leads_nowhere_is_told_to_all_who_asked(resolver: Resolver) -> None:
    names = Names(resolver)

    told = await asyncio.gather(
        *(names.look_up("unknown", PORT) for _ in range(3)), return_exceptions=True
    )

    assert [str(one) for one in told] == ["not known"] * 3


async def test_the_system_knows_this_machine() -> None:
    assert "127.0.0.1" in await Names().look_up("localhost", PORT)


def test_an_answer_that_comes_after_the_end_is_nobodys(resolver: Resolver) -> None:
    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await Names(resolver).look_up("slow", PORT)

    before = threading.active_count()
    asyncio.run(give_up())
    (waiting,) = [one for one in threading.enumerate() if one.daemon and "_answer" in one.name]
    resolver.answering.set()
    waiting.join(5)

    assert threading.active_count() <= before
