"""The gate may be opened while a call is being entered: it waits for what is decided, and only for that."""

import asyncio
from contextlib import suppress

import pytest
from tests.http.raw import until
from websockets.exceptions import InvalidStatus

from openrooms.calling import tickets
from openrooms.calling.errors import TryAgain
from openrooms.calling.tickets import MOST_WAITING, Entering, NextTicket, NotEntered

from .house import AgentClient, House, Refused, invited, there

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


class ComesToNothing(Exception):
    """Why a call is not entered."""


async def hello(house: House, client: AgentClient, token: str) -> str:
    """The ticket of the call that is entered first."""
    welcome = await client.ask("hello", version=1, token=token)
    assert welcome["next"]["path"] == "/calling/v1/media"
    return str(welcome["next"]["ticket"])


async def close_of(house: House, ticket: str) -> int:
    async with house.media(ticket) as media:
        return await media.close_code()


async def outcome(entering: Entering, ticket: str) -> type[Exception] | None:
    """What waiting for it came to."""
    try:
        await entering.decided(ticket)
    except (NotEntered, TryAgain) as error:
        return type(error)
    return None


def test_a_ticket_is_for_the_call_that_asks_for_it() -> None:
    tickets = NextTicket()
    told = tickets.text

    assert tickets.fits(told) == told
    assert told not in {tickets.fits(None), tickets.fits("x"), tickets.fits(told[:-1] + "ä")}


def test_a_ticket_that_was_used_is_followed_by_another() -> None:
    tickets = NextTicket()
    told = tickets.text

    tickets.spend(tickets.fits("another"))
    unspent = tickets.text
    tickets.spend(told)

    assert unspent == told
    assert tickets.text != told


async def test_nobody_waits_for_a_ticket_with_which_nothing_is_entered(anyio_backend: str) -> None:
    entering = Entering()
    with entering.with_ticket("one"):
        await entering.decided("another")
    await entering.decided("one")


async def test_who_waits_goes_on_once_it_is_decided(anyio_backend: str) -> None:
    entering = Entering()
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        with entering.with_ticket("one"):
            waiting = tasks.create_task(entering.decided("one"))
            await asyncio.sleep(0)
            before = waiting.done()

    assert not before


async def test_who_waits_hears_that_nothing_came_of_it(anyio_backend: str) -> None:
    entering = Entering()
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        with suppress(ComesToNothing), entering.with_ticket("one"):
            waiting = tasks.create_task(outcome(entering, "one"))
            await asyncio.sleep(0)
            raise ComesToNothing

    assert waiting.result() is NotEntered


async def test_so_many_wait_and_for_so_long(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "HOLD_SECONDS", 0.05)
    entering = Entering()
    async with asyncio.timeout(10):
        with entering.with_ticket("one"):
            async with asyncio.TaskGroup() as tasks:
                some = [
                    tasks.create_task(outcome(entering, "one")) for _ in range(MOST_WAITING + 1)
                ]
                await some[-1]
                before = [one.done() for one in some]

    assert before == [False] * MOST_WAITING + [True]
    assert {one.result() for one in some} == {TryAgain}


async def test_the_ticket_of_the_next_call_opens_the_gate_at_once(house: House) -> None:
    user, room = await invited(house)
    async with house.call() as client:
        ticket = await hello(house, client, await house.token(user))
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(client.join(room.id, ticket=ticket))
            await asyncio.sleep(0)
            async with house.media(ticket) as media:
                await media.hear("join")
                joined = await joining
                present = await there(house, joined["call"]["callId"], user)

    assert joined["media"]["ticket"] == ticket
    assert joined["next"]["ticket"] != ticket
    assert len(present) == 1


async def test_a_ticket_that_was_told_to_another_is_none(house: House) -> None:
    user, room = await invited(house)
    async with house.call() as client, house.call() as stranger:
        own = await hello(house, client, await house.token(user))
        others = await hello(house, stranger, await house.token(user))
        joined = await client.join(room.id, ticket=others)

    assert joined["media"]["ticket"] not in {own, others}
    assert joined["next"]["ticket"] == own


async def test_until_a_call_is_entered_its_ticket_opens_nothing(house: House) -> None:
    user, _ = await invited(house)
    async with house.call() as client:
        ticket = await hello(house, client, await house.token(user))
        with pytest.raises(InvalidStatus) as refused:
            async with house.media(ticket):
                pass

    assert refused.value.response.status_code == 403


async def test_who_is_not_let_in_finds_the_gate_shut_and_may_ask_again(house: House) -> None:
    user, room = await invited(house)
    entering = house.side.desk.entering
    async with house.call() as client:
        ticket = await hello(house, client, await house.token(user))
        with pytest.raises(Refused):
            await client.join("99123456789012345", ticket=ticket)
        async with asyncio.TaskGroup() as tasks:
            with suppress(ComesToNothing), entering.with_ticket(ticket):
                media = tasks.create_task(close_of(house, ticket))
                await until(lambda: entering.waits(ticket))
                raise ComesToNothing
        joined = await client.join(room.id, ticket=ticket)

    assert media.result() == 4400
    assert joined["media"]["ticket"] == ticket
