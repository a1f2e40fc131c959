"""What participants write to each other: who may, whom it reaches, and how much of it."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from uuid import uuid4

import pytest
from tests.clock import HandSeconds

from openrooms.calling import messages_wire
from openrooms.calling.agents import Agents
from openrooms.calling.errors import NotInCall, NotPermitted, SignedOut, TooOften, TryAgain
from openrooms.calling.event_wire import Event
from openrooms.calling.joining import Agent
from openrooms.calling.messages import (
    BYTES_AT_ONCE,
    PACKET,
    PACKETS_AT_ONCE,
    RECEIVED_AT_ONCE,
    TEXTS_AT_ONCE,
    Messages,
)
from openrooms.calling.request_wire import (
    LARGEST_DATA,
    CloseData,
    Priority,
    Reliability,
    SendData,
    SendText,
)
from openrooms.kernel.identifiers import CommunicationUser
from openrooms.rooms.model import Role

from .lines import KeptLine
from .meeting import Meeting
from .world import World

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Hall:
    """A room's call in which people write to each other."""

    world: World
    meeting: Meeting
    agents: Agents = field(default_factory=Agents)
    seconds: HandSeconds = field(default_factory=HandSeconds)
    _messages: Messages | None = None

    @property
    def messages(self) -> Messages:
        if self._messages is None:
            ops = self.world.services.moderation
            self._messages = Messages(ops, self.agents, seconds=self.seconds)
        return self._messages

    async def next_door(self) -> "Hall":
        """The same in another room."""
        room = await self.world.room()
        return replace(self, meeting=Meeting(self.world, room), _messages=self.messages)

    async def enter(self, role: Role = Role.ATTENDEE) -> KeptLine:
        """Somebody comes, with media."""
        user = await self.world.person()
        await self.world.invite(self.meeting.room, {user.raw_id: role})
        return await self.device(user)

    async def device(self, user: CommunicationUser, *, connected: bool = True) -> KeptLine:
        """One more device of somebody comes."""
        agent = await self.world.agent(user, "Ada")
        came = await self.meeting.join(agent)
        if connected:
            await self.world.calls.connected(came.leg.id)
        line = KeptLine(agent, {came.call.id: came.leg})
        self.agents.add(line)
        return line

    @property
    def call_id(self) -> str:
        return self.meeting.call_id

    async def send(
        self,
        line: KeptLine,
        *raw_ids: str,
        data: bytes = b"hello",
        reliability: Reliability = "Durable",
        priority: Priority = "Normal",
    ) -> None:
        asked = SendData(
            *(1, "sendData", self.call_id, 1000, 1, next(_numbers)),
            *(reliability, priority, list(raw_ids) or None, data),
        )
        await self.messages.send_data(line.agent, asked)

    async def write(self, line: KeptLine, text: str = "Hel", *, final: bool = False) -> None:
        asked = SendText(1, "sendText", self.call_id, 7, text, final)
        await self.messages.send_text(line.agent, asked)


_numbers = count(1)


@pytest.fixture
async def hall(world: World) -> Hall:
    return Hall(world, Meeting(world, await world.room()))


def heard(line: KeptLine) -> list[Event]:
    """What came since the last look."""
    events: list[Event] = []
    while not line.events.empty():
        events.append(line.events.get_nowait())
    return events


def received(*lines: KeptLine) -> list[int]:
    """How much each received since the last look."""
    return [len(heard(line)) for line in lines]


async def test_everyone_else_who_is_connected_receives_what_is_sent_to_all(hall: Hall) -> None:
    ada, bo, cy = [
        await hall.enter(role) for role in (Role.CONSUMER, Role.PRESENTER, Role.CONSUMER)
    ]

    await hall.send(ada, data=b"\x00\xff")

    (told,) = heard(bo)
    own = ada.legs[hall.call_id]
    assert isinstance(told, messages_wire.Data)
    assert (told.participant_id, told.raw_id, told.data) == (own.id, own.raw_id, b"\x00\xff")
    assert (told.channel_id, told.session, told.reliability) == (1000, 1, "Durable")
    assert received(ada, bo, cy) == [0, 0, 1]


async def test_who_is_named_receives_and_nobody_else_learns_of_it(hall: Hall) -> None:
    ada, bo, cy = [await hall.enter() for _ in range(3)]
    invited = await hall.world.person()
    await hall.world.invite(hall.meeting.room, {invited.raw_id: Role.ATTENDEE})

    await hall.send(ada, bo.agent.raw_id, invited.raw_id, "8:acs:nobody", "<b>")
    await hall.send(ada, invited.raw_id)
    await hall.send(ada, "8:acs:nobody")

    assert received(ada, bo, cy) == [0, 1, 0]


async def test_each_device_receives_the_senders_others_among_them(hall: Hall) -> None:
    ada, bo = await hall.enter(), await hall.enter()
    others = [await hall.device(line.agent.caller.user) for line in (ada, bo)]

    await hall.send(ada)
    assert received(ada, bo, *others) == [0, 1, 1, 1]
    await hall.send(ada, bo.agent.raw_id)
    assert received(ada, bo, *others) == [0, 1, 0, 1]
    await hall.write(ada)
    assert received(ada, bo, *others) == [1, 1, 1, 1]


async def test_who_has_no_media_is_seen_by_nobody_and_neither_reads_nor_writes(hall: Hall) -> None:
    ada = await hall.enter()
    ghost = await hall.device(await _invited(hall), connected=False)

    await hall.send(ada)
    await hall.send(ada, ghost.agent.raw_id)
    await hall.write(ada, final=True)

    assert heard(ghost) == []
    for act in (hall.send(ghost), hall.write(ghost), _close(hall, ghost)):
        with pytest.raises(TryAgain):
            await act


async def _invited(hall: Hall) -> CommunicationUser:
    user = await hall.world.person()
    await hall.world.invite(hall.meeting.room, {user.raw_id: Role.ATTENDEE})
    return user


async def _close(hall: Hall, line: KeptLine) -> None:
    await hall.messages.close_data(
        line.agent, CloseData(1, "closeData", hall.call_id, channel_id=1000, session=1)
    )


async def test_a_client_that_comes_back_hears_nothing_before_it_is_given_its_leg(
    hall: Hall,
) -> None:
    ada, bo = await hall.enter(), await hall.enter()
    known = dict(bo.legs)
    bo.legs.clear()

    await hall.send(ada)
    bo.legs[hall.call_id] = ada.legs[hall.call_id]
    await hall.send(ada)
    assert heard(bo) == []

    bo.legs.update(known)
    await hall.send(ada)
    assert received(bo) == [1]


async def test_who_is_removed_neither_sends_nor_receives_from_that_moment(hall: Hall) -> None:
    ada, bo = await hall.enter(), await hall.enter()

    # His connection still stands, and knows of no end yet.
    await hall.world.invite(hall.meeting.room, {bo.agent.raw_id: None})
    await hall.send(ada)
    await hall.send(ada, bo.agent.raw_id)
    await hall.write(ada, final=True)

    assert heard(bo) == []
    for act in (hall.send(bo), hall.write(bo), _close(hall, bo)):
        with pytest.raises(NotInCall):
            await act


async def test_nobody_writes_into_a_call_that_he_is_not_in(hall: Hall) -> None:
    ada = await hall.enter()
    stranger = KeptLine(await hall.world.agent(await hall.world.person()))
    foreign = KeptLine(await hall.world.agent(await hall.world.elsewhere()))
    twin = KeptLine(Agent(str(uuid4()), ada.agent.caller, "Ada"))
    for line in (stranger, foreign, twin):
        hall.agents.add(line)
        for act in (hall.send(line), hall.write(line), _close(hall, line)):
            with pytest.raises(NotInCall):
                await act

    await hall.send(ada)

    assert received(ada, stranger, foreign, twin) == [0, 0, 0, 0]


async def test_whose_tokens_are_revoked_writes_no_more(hall: Hall) -> None:
    ada, bo = await hall.enter(), await hall.enter()

    await hall.world.identities.revoke(hall.world.resource_id, ada.agent.raw_id)

    for act in (hall.send(ada), hall.write(ada)):
        with pytest.raises((SignedOut, NotInCall)):
            await act
    assert heard(bo) == []


@pytest.mark.parametrize("role", Role)
async def test_text_is_written_by_every_role_but_consumers_and_read_by_all(
    hall: Hall, role: Role
) -> None:
    ada, bo = await hall.enter(role), await hall.enter(Role.CONSUMER)

    if role is Role.CONSUMER:
        with pytest.raises(NotPermitted):
            await hall.write(ada)
        assert received(ada, bo) == [0, 0]
    else:
        await hall.write(ada, "Hel")
        await hall.write(ada, "Hello", final=True)
        for line in (ada, bo):
            told = [one for one in heard(line) if isinstance(one, messages_wire.Text)]
            assert [(one.text, one.final, one.sequence) for one in told] == [
                *[("Hel", False, 7), ("Hello", True, 7)]
            ]
            assert {(one.raw_id, one.display_name) for one in told} == {(ada.agent.raw_id, "Ada")}


async def test_a_role_that_is_taken_away_ends_writing_at_once(hall: Hall) -> None:
    ada = await hall.enter(Role.PRESENTER)
    await hall.write(ada)

    await hall.world.invite(hall.meeting.room, {ada.agent.raw_id: Role.CONSUMER})

    with pytest.raises(NotPermitted):
        await hall.write(ada)


async def test_that_a_session_is_over_is_told_to_everyone_else(hall: Hall) -> None:
    ada, bo = await hall.enter(), await hall.enter()

    await _close(hall, ada)

    (told,) = heard(bo)
    assert isinstance(told, messages_wire.DataClosed)
    assert (told.participant_id, told.channel_id) == (ada.legs[hall.call_id].id, 1000)
    assert heard(ada) == []


@pytest.mark.parametrize(
    ("reliability", "a_second"), [("Durable", 8_000), ("Lossy", 64_000)], ids=str
)
async def test_a_user_sends_so_many_bytes_a_second_on_channels_of_a_kind(
    hall: Hall, reliability: Reliability, a_second: int
) -> None:
    ada, bo = await hall.enter(), await hall.enter()
    largest = bytes(LARGEST_DATA)
    for _ in range(BYTES_AT_ONCE // LARGEST_DATA):
        await hall.send(ada, data=largest, reliability=reliability)

    with pytest.raises(TooOften):
        await hall.send(ada, data=largest, reliability=reliability)
    hall.seconds.advance(LARGEST_DATA / a_second + 0.001)
    await hall.send(ada, data=largest, reliability=reliability)
    with pytest.raises(TooOften):
        await hall.send(ada, data=bytes(PACKET), reliability=reliability)

    assert received(bo) == [3]


async def test_a_user_sends_so_many_messages_a_second_however_small(hall: Hall) -> None:
    ada, bo = await hall.enter(), await hall.enter()
    for _ in range(PACKETS_AT_ONCE):
        await hall.send(ada, data=b"")

    for act in (hall.send(ada, data=b""), _close(hall, ada)):
        with pytest.raises(TooOften):
            await act
    await hall.send(bo)

    assert received(ada, bo) == [1, PACKETS_AT_ONCE]


async def test_a_user_writes_only_so_often(hall: Hall) -> None:
    ada = await hall.enter()
    for _ in range(TEXTS_AT_ONCE):
        await hall.write(ada)

    with pytest.raises(TooOften):
        await hall.write(ada)


async def test_all_in_a_call_together_send_only_so_much_by_how_many_receive_it(hall: Hall) -> None:
    lines = [await hall.enter() for _ in range(13)]
    outcomes = [await _sends_as_much_as_he_may(hall, line) for line in lines]
    other = await hall.next_door()
    ada, bo = await other.enter(), await other.enter()

    # Nobody else took all of what is his own; the last ones are refused all the same.
    assert outcomes == sorted(outcomes, reverse=True)
    assert (outcomes[0], outcomes[-1]) == (5, 0)
    assert sum(received(*lines)) * -(-LARGEST_DATA // PACKET) <= RECEIVED_AT_ONCE
    await other.send(ada)
    assert received(bo) == [1]


async def _sends_as_much_as_he_may(hall: Hall, line: KeptLine) -> int:
    """How many of five large messages are taken."""
    taken = 0
    for reliability, priority in _KINDS:
        with suppress(TooOften):
            await hall.send(
                line, data=bytes(LARGEST_DATA), reliability=reliability, priority=priority
            )
            taken += 1
    return taken


_KINDS: tuple[tuple[Reliability, Priority], ...] = (
    ("Durable", "Normal"),
    ("Durable", "Normal"),
    ("Lossy", "Normal"),
    ("Lossy", "Normal"),
    ("Lossy", "High"),
)
