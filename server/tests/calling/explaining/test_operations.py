"""Explaining joins: what is told agrees with what a join decides, on both stores."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.calling.records.archive import Archive
from tests.identity.house import Json

from openrooms.calling.errors import CallingError
from openrooms.calling.explaining.model import Explanation, Outcome
from openrooms.calling.joining import Agent
from openrooms.calling.model import RULES, LegState
from openrooms.rooms.model import Role, Room, RoomChange

pytestmark = pytest.mark.anyio

MINUTE = timedelta(minutes=1)
RULE_OF = {(rule.refusal.code, rule.refusal.sub_code): rule.name for rule in RULES}


class Turn(NamedTuple):
    """What happens before a join."""

    role: Role | None
    opens_in: int
    others: int
    # How long before the join he was in the call; None: never. And whether he went.
    came: bool
    went: bool
    put_out: bool
    waits: timedelta
    seats: int | None
    room_deleted: bool
    user_deleted: bool
    removed: bool


TURNS = st.builds(
    Turn,
    role=st.sampled_from([None, *Role, *Role]),
    opens_in=st.sampled_from([0, 0, 0, 0, 0, 90]),
    others=st.integers(0, 2),
    came=st.booleans(),
    went=st.booleans(),
    put_out=st.booleans(),
    waits=st.sampled_from(
        [MINUTE / 2, MINUTE * 59.5, MINUTE * 60, MINUTE * 60, MINUTE * 60.5, MINUTE * 70]
    ),
    seats=st.sampled_from([None, None, 1]),
    room_deleted=st.sampled_from([*[False] * 6, True]),
    user_deleted=st.sampled_from([*[False] * 6, True]),
    removed=st.sampled_from([*[False] * 6, True]),
)


async def play(archive: Archive, turn: Turn) -> tuple[Room, Agent]:
    """Bring about the state; gives the room, and the agent that is about to join."""
    house = archive.house
    ann = await archive.agent("Ann")
    others = [await archive.agent() for _ in range(2)]
    room = await archive.room(ann, *others)
    start = house.clock()
    await open_for_an_hour(archive, room, start)
    for one in others[: turn.others]:
        await archive.join(one, room)
    came = turn.came and turn.others < 2
    if came:
        await archive.join(ann, room)
    house.clock.now += turn.waits - MINUTE / 4
    if came and turn.put_out:
        await invite(archive, room, ann, role=None)
        await invite(archive, room, ann, role=Role.ATTENDEE)
    elif came and turn.went:
        await archive.services.calls.leave(ann)
    house.clock.now += MINUTE / 4
    fresh = await archive.sign_in(ann.caller.user)
    await invite(archive, room, ann, role=None if turn.removed else turn.role)
    if turn.opens_in:
        await open_for_an_hour(archive, room, house.clock() + turn.opens_in * MINUTE)
    if turn.seats is not None:
        path = f"/openrooms/v1/rooms/{room.id}"
        await archive.backend.send("PATCH", path, {"participantLimit": turn.seats})
    if turn.room_deleted:
        await house.rooms.delete(house.resource_id, str(room.id))
    if turn.user_deleted:
        await house.identities.delete(house.resource_id, ann.raw_id)
    return room, fresh


async def open_for_an_hour(archive: Archive, room: Room, start: datetime) -> None:
    change = RoomChange(valid_from=start, valid_until=start + 60 * MINUTE)
    await archive.house.rooms.update(archive.house.resource_id, str(room.id), change)


async def invite(archive: Archive, room: Room, agent: Agent, *, role: Role | None) -> None:
    rooms, wishes = archive.house.rooms, {agent.raw_id: role}
    await rooms.update_participants(archive.house.resource_id, str(room.id), wishes)


async def decided(archive: Archive, agent: Agent, room: Room) -> tuple[str | None, Role | None]:
    """The rule that refuses a join, and the role of one that is admitted."""
    try:
        admission = await archive.join(agent, room)
    except CallingError as refused:
        return RULE_OF[refused.code, refused.sub_code], None
    assert admission.leg.state is LegState.JOINED
    return None, admission.leg.role


def verdict(told: Explanation) -> tuple[str | None, Role | None]:
    """The same, of an explanation."""
    named = [step.rule for step in told.steps if step.outcome is Outcome.REFUSES]
    assert len(named) == (told.reason is not None)
    return (named[0] if named else None), told.role


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(turn=TURNS)
async def test_in_whatever_state_an_explanation_is_what_a_join_decides(
    archive: Archive, turn: Turn
) -> None:
    room, agent = await play(archive, turn)
    of, at = archive.house.resource_id, archive.house.clock()

    before = await archive.explainer.explain(of, str(room.id), agent.raw_id)
    decision = await decided(archive, agent, room)
    archive.house.clock.advance(seconds=1)
    # Looked back at, with all that can change still as it was, it is the same.
    afterwards = await archive.explainer.explain(of, str(room.id), agent.raw_id, at=at)

    assert verdict(before) == verdict(afterwards) == decision


async def explain(archive: Archive, room: Room, agent: Agent, *, at: str | None = None) -> Json:
    query = "" if at is None else f"&at={at}"
    path = f"/openrooms/v1/rooms/{room.id}/explanation?user={agent.raw_id}{query}"
    return await archive.read(path, "Rooms_Explain")


def refusing(told: Json) -> str | None:
    return next((one["rule"] for one in told["rules"] if one["outcome"] == "refuses"), None)


async def test_whoever_may_join_is_told_so_with_his_role(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)

    told = await explain(archive, room, ann)

    assert (told["admitted"], told["role"], told["reason"]) == (True, "Attendee", None)
    assert {one["outcome"] for one in told["rules"]} == {"holds"}
    assert (told["when"], told["refusedJoins"], told["stays"]) == ("now", [], [])


async def test_what_is_on_record_around_a_moment_comes_with_it(archive: Archive) -> None:
    ann, bob = await archive.agent("Ann"), await archive.agent()
    room = await archive.room(ann)
    await archive.join(ann, room)
    await archive.services.calls.leave(ann)
    await archive.refused(bob, str(room.id))
    archive.house.clock.advance(minutes=30)

    told = await explain(archive, room, ann, at="2026-11-22T09:40:00Z")
    of_bob = await explain(archive, room, bob, at="2026-11-22T09:40:00Z")
    much_earlier = await explain(archive, room, ann, at="2026-11-22T07:00:00Z")

    assert [one["displayName"] for one in told["stays"]] == ["Ann"]
    assert [one["reason"]["subCode"] for one in of_bob["refusedJoins"]] == [5828]
    assert (much_earlier["stays"], refusing(much_earlier)) == ([], "roomExists")


async def test_seats_of_the_past_are_those_on_record(archive: Archive) -> None:
    ann, bob, cem = [await archive.agent() for _ in range(3)]
    room = await archive.room(ann, bob, cem)
    await archive.backend.send("PATCH", f"/openrooms/v1/rooms/{room.id}", {"participantLimit": 2})
    await archive.join(ann, room)
    await archive.join(bob, room)
    archive.house.clock.advance(minutes=10)
    await archive.services.calls.leave(bob)
    archive.house.clock.advance(minutes=10)

    full = await explain(archive, room, cem, at="2026-11-22T09:35:00Z")
    free = await explain(archive, room, cem, at="2026-11-22T09:45:00Z")

    assert (refusing(full), full["rules"][-1]["source"]) == ("seatFree", "record")
    assert full["rules"][-1]["says"] == "Seats taken: 2 of 2."
    assert free["rules"][-1]["says"] == "Seats taken: 1 of 2."
    assert (await explain(archive, room, cem))["admitted"] is True


async def test_the_roster_of_the_past_is_what_it_was_then(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    archive.house.clock.advance(minutes=10)
    await invite(archive, room, ann, role=Role.PRESENTER)
    archive.house.clock.advance(minutes=10)
    await invite(archive, room, ann, role=None)
    archive.house.clock.advance(minutes=10)
    await invite(archive, room, ann, role=Role.CONSUMER)

    moments = [f"2026-11-22T{at}:00Z" for at in ("09:35", "09:45", "09:55")]
    told = [await explain(archive, room, ann, at=at) for at in moments]

    assert [(one["admitted"], one["role"]) for one in told] == [
        (True, "Attendee"),
        (True, "Presenter"),
        (False, None),
    ]
    assert refusing(told[2]) == "invited"
    assert {one["rules"][2]["source"] for one in told} == {"record"}
    assert (await explain(archive, room, ann))["role"] == "Consumer"


async def test_before_events_begin_the_roster_is_said_to_be_that_of_now(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    archive.house.clock.advance(days=1)
    await invite(archive, room, ann, role=Role.PRESENTER)
    archive.house.clock.advance(days=7)

    told = await explain(archive, room, ann, at="2026-11-22T10:00:00Z")

    assert (told["role"], told["rules"][2]["source"]) == ("Presenter", "asOfNow")


async def test_who_was_in_the_call_then_or_a_moment_before_could_come_back(
    archive: Archive,
) -> None:
    ann, bob, cem = [await archive.agent() for _ in range(3)]
    room = await archive.room(ann, bob, cem)
    await open_for_an_hour(archive, room, archive.house.clock())
    await archive.join(ann, room)
    await archive.join(bob, room)
    archive.house.clock.advance(minutes=65)
    await archive.services.calls.leave(ann)
    archive.house.clock.advance(minutes=10)

    in_it = await explain(archive, room, ann, at="2026-11-22T10:32:00Z")
    just_gone = await explain(archive, room, ann, at="2026-11-22T10:35:30Z")
    long_gone = await explain(archive, room, ann, at="2026-11-22T10:37:00Z")
    never_there = await explain(archive, room, cem, at="2026-11-22T10:32:00Z")

    assert (in_it["admitted"], just_gone["admitted"]) == (True, True)
    assert (refusing(long_gone), refusing(never_there)) == ("windowOpen", "windowOpen")


async def test_before_the_record_begins_nobody_says_who_was_there(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    archive.house.clock.advance(days=100)

    told = await explain(archive, room, ann, at="2026-11-23T00:00:00Z")

    assert told["rules"][-1]["source"] == "asOfNow"
    assert told["rules"][-1]["says"].startswith("Who was in the call then is no longer on record")


async def test_the_future_goes_by_the_room_as_it_is_now(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    await archive.join(ann, room)

    open_then = await explain(archive, room, ann, at="2027-01-01T00:00:00Z")
    over_then = await explain(archive, room, ann, at="2027-05-30T00:00:00Z")
    gone_then = await explain(archive, room, ann, at="2028-01-01T00:00:00Z")

    assert (open_then["when"], open_then["admitted"]) == ("future", True)
    # That he is in its call now does not let him in then.
    assert (refusing(over_then), refusing(gone_then)) == ("windowOpen", "roomExists")


async def test_a_room_that_is_deleted_has_no_future(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    await archive.house.rooms.delete(archive.house.resource_id, str(room.id))

    assert refusing(await explain(archive, room, ann, at="2027-01-01T00:00:00Z")) == "roomExists"


async def test_of_another_resource_nothing_is_told(archive: Archive) -> None:
    ann, house = await archive.agent(), archive.house
    room = await archive.room(ann)
    await archive.join(ann, room)
    tenant = await house.resources.create("clinic")
    eve, _ = await house.identities.create(tenant.id)
    other = house.backend("v1", key=tenant.primary_key)
    path = f"/openrooms/v1/rooms/{room.id}/explanation?user="

    of_ann = (await other.send("GET", path + ann.raw_id)).json()
    of_eve = (await other.send("GET", path + eve.raw_id)).json()
    of_nobody = (await other.send("GET", f"{path}8:acs:{house.resource_id}_{uuid4()}")).json()

    assert refusing(of_ann) == refusing(of_eve) == refusing(of_nobody) == "roomExists"
    assert of_ann["rules"] == of_nobody["rules"]
    assert (of_ann["stays"], of_ann["refusedJoins"], of_eve["stays"]) == ([], [], [])


@pytest.mark.parametrize(
    ("room_id", "query", "status"),
    [
        ("abc", "?user=8:acs:a_b", 400),
        ("09412345678901234", f"?user=8:acs:{uuid4()}_{uuid4()}", 404),
        ("99412345678901234", "", 400),
        ("99412345678901234", "?user=ann", 400),
        ("99412345678901234", f"?user=8:acs:{uuid4()}_{uuid4()}&at=now", 400),
    ],
)
async def test_a_question_that_cannot_be_is_refused(
    archive: Archive, room_id: str, query: str, status: int
) -> None:
    path = f"/openrooms/v1/rooms/{room_id}/explanation{query}"

    assert (await archive.get(path, "Rooms_Explain")).status_code == status
