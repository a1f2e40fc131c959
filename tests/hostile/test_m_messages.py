"""M: what participants write to each other, by clients that obey nobody."""

import json
import sqlite3
from base64 import b64encode
from contextlib import closing, suppress
from typing import Any

import pytest
from hostile.conftest import Guests, Intruder
from support.agents import Agent, Refusal
from support.office import ATTENDEE, PRESENTER, Office
from support.server import Server
from websockets.exceptions import ConnectionClosed

FALL = "openrooms.calling.model:fall"
LOOK = "openrooms.calling.moderation:Moderation._look"
PLACES = "openrooms.calling.store:places"
REQUIRE = "openrooms.calling.capabilities:Capabilities.require"
RATES = ("openrooms.calling.rates:Rate.take", "openrooms.calling.rates:Rates.take")
CHANNEL = {"channelId": 1000, "session": 1}
LARGEST = 32 * 1024
FLOOD = 2_000


def data(size: int = 1, **fields: object) -> dict[str, Any]:
    """A message of a data channel for everyone."""
    message = {"sequence": 1, "reliability": "Durable", "priority": "Normal", "rawIds": None}
    return {**CHANNEL, **message, "data": b64encode(bytes(size)).decode(), **fields}


def text(words: str, sequence: int = 1) -> dict[str, Any]:
    return {"sequence": sequence, "text": words, "final": True}


WAYS = (("sendData", data()), ("closeData", CHANNEL), ("sendText", text("hello")))


def refused(agent: Agent, call_id: str, op: str, **fields: object) -> tuple[int, int]:
    """How it is refused; (200, 0) when it is not."""
    try:
        agent.ask(op, callId=call_id, **fields)
    except Refusal as refusal:
        return refusal.code, refusal.sub_code
    return 200, 0


def shown(server: Server, *who: Intruder) -> None:
    """Their media has been up: no client by hand has any, and nobody is shown who has not."""
    with closing(sqlite3.connect(server.data / "openrooms.db", timeout=10)) as database, database:
        for one in who:
            found = "update leg set connected = 1 where id = ?"
            database.execute(found, (one.leg.participant_id,))


def heard(who: Intruder) -> list[str]:
    """What of messages came to him, by the time that he is answered."""
    with suppress(Refusal, ConnectionClosed):
        who.agent.ask("ping")
    names = [one["event"] for one in who.agent.events]
    return [name for name in names if name in {"data", "dataClosed", "text"}]


@pytest.fixture
def couple(server: Server, attendee: Intruder, doctor: Intruder) -> tuple[Intruder, Intruder]:
    """Two who are in a call and seen there."""
    shown(server, attendee, doctor)
    return attendee, doctor


@pytest.mark.guards(LOOK)
@pytest.mark.parametrize(("op", "fields"), WAYS)
def test_nobody_writes_into_a_call_that_he_is_not_in(
    server: Server,
    guests: Guests,
    office: Office,
    couple: tuple[Intruder, Intruder],
    op: str,
    fields: dict[str, Any],
) -> None:
    elsewhere = guests.join(str(PRESENTER.value))
    shown(server, elsewhere)
    stranger, twin = guests.socket(office.user()), guests.socket(couple[0].user)
    call_id = couple[0].leg.call_id

    for agent in (stranger, elsewhere.agent, twin):
        assert refused(agent, call_id, op, **fields) == (412, 41090)
        assert refused(agent, "no such call", op, **fields) == (412, 41090)
    assert [heard(one) for one in couple] == [[], []]


@pytest.mark.guards(PLACES)
def test_who_shows_himself_to_nobody_reads_nothing_either(
    guests: Guests, couple: tuple[Intruder, Intruder]
) -> None:
    _, doctor = couple
    ghost = guests.join(str(ATTENDEE.value), doctor.room)

    for op, fields in (*WAYS, ("sendData", data(rawIds=[ghost.user.raw_id]))):
        assert refused(doctor.agent, doctor.leg.call_id, op, **fields) == (200, 0)
        assert refused(ghost.agent, ghost.leg.call_id, op, **fields) in {(503, 0), (429, 0)}

    assert heard(ghost) == []


@pytest.mark.guards(FALL)
def test_who_was_removed_neither_reads_nor_writes(
    office: Office, couple: tuple[Intruder, Intruder]
) -> None:
    attendee, doctor = couple
    office.expel(attendee.room, attendee.user)

    for op, fields in (*WAYS, ("sendData", data(rawIds=[attendee.user.raw_id]))):
        assert refused(attendee.agent, attendee.leg.call_id, op, **fields) == (412, 41090)
        assert refused(doctor.agent, doctor.leg.call_id, op, **fields) == (200, 0)

    # Of text the doctor has his own.
    assert (heard(attendee), heard(doctor)) == ([], ["text"])


@pytest.mark.guards(REQUIRE)
def test_a_consumer_writes_no_text(
    server: Server, consumer: Intruder, guests: Guests, office: Office
) -> None:
    reader = guests.join(str(PRESENTER.value), consumer.room)
    shown(server, consumer, reader)

    assert refused(consumer.agent, consumer.leg.call_id, "sendText", **text("me")) == (403, 10403)
    assert heard(reader) == []


def test_who_is_named_and_is_not_there_is_like_a_stranger(
    office: Office, couple: tuple[Intruder, Intruder]
) -> None:
    _, doctor = couple
    invited, nobody = office.user(), f"8:acs:{'0' * 36}_{'0' * 36}"
    office.invite(doctor.room, invited, ATTENDEE)

    answers = [
        doctor.agent.ask("sendData", callId=doctor.leg.call_id, **data(rawIds=[raw_id]))
        for raw_id in (invited.raw_id, nobody, "<script>", couple[0].user.raw_id)
    ]

    assert answers == [{}] * 4
    assert heard(couple[0]) == ["data"]


@pytest.mark.parametrize(
    "fields",
    [
        *({"channelId": 0}, {"channelId": 65_536}, {"channelId": -1}, {"channelId": "1"}),
        *({"session": 0}, {"sequence": 1 << 32}, {"sequence": 1.5}, {"reliability": "Sure"}),
        *({"rawIds": []}, {"rawIds": ["8:acs:a_b"] * 65}, {"rawIds": [None]}),
        *({"data": b64encode(bytes(LARGEST + 1)).decode()}, {"data": "*"}, {"data": None}),
    ],
    ids=lambda fields: f"{next(iter(fields))} {str(next(iter(fields.values())))[:12]}",
)
def test_what_is_out_of_bounds_is_told_and_reaches_nobody(
    couple: tuple[Intruder, Intruder], fields: dict[str, Any]
) -> None:
    attendee, doctor = couple

    asked = data(**fields)
    assert refused(attendee.agent, attendee.leg.call_id, "sendData", **asked) == (400, 0)
    assert heard(doctor) == []
    assert refused(attendee.agent, attendee.leg.call_id, "sendData", **data()) == (200, 0)


@pytest.mark.guards(*RATES)
def test_a_flood_is_refused_and_ends_its_sender_alone(couple: tuple[Intruder, Intruder]) -> None:
    attendee, doctor = couple

    with suppress(ConnectionClosed):
        for number in range(FLOOD):
            message = {"id": number, "op": "sendData", "callId": attendee.leg.call_id, **data()}
            attendee.agent.send(json.dumps(message))

    assert attendee.agent.closed_with(within=10) == 4429
    assert 0 < len(heard(doctor)) < FLOOD // 4


@pytest.mark.guards(*RATES)
def test_large_messages_are_refused_beyond_the_rate_of_their_kind(
    couple: tuple[Intruder, Intruder],
) -> None:
    attendee, doctor = couple
    asked = data(LARGEST)

    answers = [refused(attendee.agent, attendee.leg.call_id, "sendData", **asked) for _ in range(6)]

    assert set(answers) == {(200, 0), (429, 0)}
    assert len(heard(doctor)) == answers.count((200, 0))
    assert attendee.agent.ask("ping") == {}
