"""What is told of calls: in order, one removal for each arrival, in the shapes that receivers know."""

from uuid import uuid4

import pytest
from tests.calling.records.archive import Archive
from tests.identity.house import Json

from openrooms.calling.errors import CallingError
from openrooms.calling.model import ENDED_FOR_ALL, VANISHED
from openrooms.calling.records.model import MOST_REFUSALS
from openrooms.storage.database import Connection

from .told import CALLS, told, types

pytestmark = pytest.mark.anyio

STARTED, ADDED, REMOVED, ENDED = (
    "CallStarted",
    "CallParticipantAdded",
    "CallParticipantRemoved",
    "CallEnded",
)


def user(raw_id: str, role: str | None = None) -> Json:
    named = {"id": raw_id}
    identifier = {"kind": "communicationUser", "rawId": raw_id, "communicationUser": named}
    whole = {"communicationIdentifier": identifier, "rawId": raw_id, "communicationUser": named}
    return whole if role is None else {**whole, "role": role}


def ended_by(raw_id: str, name: str) -> Json:
    identifier = user(raw_id)["communicationIdentifier"]
    return {"communicationIdentifier": identifier, "type": "Participant", "name": name}


async def test_a_room_call_is_told_from_its_start_to_its_end(archive: Archive) -> None:
    ann, bob = await archive.agent("Ann"), await archive.agent("Bob", program="Browser/7")
    room = await archive.room(ann, bob)
    call = (await archive.join(ann, room)).call
    archive.house.clock.advance(minutes=1)
    bobs = (await archive.join(bob, room)).leg
    await archive.services.calls.leave(ann)
    archive.house.clock.advance(seconds=30)
    await archive.services.calls.leave(bob)

    began, _, came, _, left, over = await told(archive, CALLS)

    kinds = [STARTED, ADDED, ADDED, REMOVED, REMOVED, ENDED]
    assert await types(archive, CALLS) == kinds
    common = {
        "serverCallId": call.server_call_id,
        "correlationId": call.id,
        "isTwoParty": False,
        "isRoomsCall": True,
        "room": {"id": str(room.id)},
        "startedBy": user(ann.raw_id, "Attendee"),
    }
    assert began["data"] == common
    assert began["subject"] == f"call/{call.server_call_id}/startedBy/{ann.raw_id}"
    program = {"endpointType": "Unknown", "userAgent": "Browser/7"}
    endpoint = {"displayName": "Bob", "participantId": bobs.id, **program}
    assert came["data"] == {**common, **endpoint, "user": user(bob.raw_id, "Attendee")}
    assert came["data"] == left["data"]
    assert came["subject"].endswith(f"{call.server_call_id}/participant/{bob.raw_id}")
    assert over["data"] == {
        **common,
        "durationOfCall": 90.0,
        "callDurationInSeconds": 90.0,
        "endedBy": ended_by(bob.raw_id, "Bob"),
        "reason": {"code": 0, "subCode": 0, "phrase": "The participant hung up."},
    }
    assert over["subject"] == f"call/{call.server_call_id}"
    assert over["time"] == "2026-11-22T09:31:30.123456+00:00"


async def test_a_call_that_nobody_ended_is_said_to_be_ended_by_the_service(
    archive: Archive,
) -> None:
    ann = await archive.agent()
    leg = (await archive.join(ann, await archive.room(ann))).leg

    await archive.services.calls.end(leg.id, VANISHED)

    over = (await told(archive, CALLS))[-1]["data"]
    assert over["endedBy"] == {"type": "MicrosoftInternal"}
    assert (over["reason"]["code"], over["reason"]["subCode"]) == (0, 4521)


async def test_each_endpoint_is_removed_once_however_often_it_is_ended(archive: Archive) -> None:
    ann, bob = await archive.agent(), await archive.agent()
    room = await archive.room(ann, bob)
    call = (await archive.join(ann, room)).call
    leg = (await archive.join(bob, room)).leg
    again = (await archive.join(bob, room)).leg
    for _ in range(2):
        await archive.services.calls.end(leg.id, VANISHED)
        await archive.services.calls.end(again.id, VANISHED)
        await archive.services.calls.end_call(call.id, ENDED_FOR_ALL)

    events = await told(archive, CALLS)

    of = {
        kind: [one["data"]["participantId"] for one in events if one["type"] == CALLS + kind]
        for kind in (ADDED, REMOVED)
    }
    assert len(of[ADDED]) == len(set(of[ADDED])) == 3
    assert sorted(of[REMOVED]) == sorted(of[ADDED])
    assert [one["type"] for one in events].count(CALLS + ENDED) == 1


async def test_a_leg_that_is_ended_twice_in_one_transaction_is_removed_once(
    archive: Archive,
) -> None:
    ann = await archive.agent()
    leg = (await archive.join(ann, await archive.room(ann))).leg
    settling = archive.services.calls._settling

    def end_twice(connection: Connection) -> None:
        settling.end(connection, leg, VANISHED)
        settling.end(connection, leg, VANISHED)

    await archive.house.database.write(end_twice)

    assert await types(archive, CALLS) == [STARTED, ADDED, REMOVED]


async def test_a_group_call_names_its_group_and_no_roles(archive: Archive) -> None:
    ann, group = await archive.agent(), str(uuid4())

    await archive.join(ann, group)

    began, came = [one["data"] for one in await told(archive, CALLS)]
    assert began["group"] == {"id": group}
    assert (began["isRoomsCall"], "room" in began) == (False, False)
    assert began["startedBy"] == came["user"] == user(ann.raw_id)


async def test_who_rings_is_added_when_he_answers(archive: Archive) -> None:
    ann, bob = await archive.agent("Ann"), await archive.agent("Bob")
    rings, answers = archive.services.rings, archive.services.answers
    rings.look_for_agents(lambda raw_id: [bob.id] if raw_id == bob.raw_id else [])
    await rings.start(ann, [bob.raw_id], join_id=str(uuid4()))
    assert await types(archive, CALLS) == [STARTED, ADDED]

    (ringing,) = await answers.answerable(bob)
    await answers.accept(bob, ringing.leg.id, join_id=str(uuid4()))
    await archive.services.calls.leave(ann)

    events = await told(archive, CALLS)
    assert [one["type"].removeprefix(CALLS) for one in events[2:]] == [
        ADDED,
        REMOVED,
        REMOVED,
        ENDED,
    ]
    assert events[2]["data"]["displayName"] == "Bob"
    assert events[2]["data"]["isTwoParty"]


async def test_who_declines_was_never_there(archive: Archive) -> None:
    ann, bob = await archive.agent(), await archive.agent()
    archive.services.rings.look_for_agents(lambda _: [bob.id])
    await archive.services.rings.start(ann, [bob.raw_id], join_id=str(uuid4()))
    (ringing,) = await archive.services.answers.answerable(bob)

    await archive.services.answers.reject(bob, ringing.leg.id)

    assert await types(archive, CALLS) == [STARTED, ADDED, REMOVED, ENDED]


async def test_a_refused_join_is_told_and_a_flood_of_them_is_not(archive: Archive) -> None:
    stranger, room = await archive.agent(), await archive.room()
    for _ in range(MOST_REFUSALS + 5):
        with pytest.raises(CallingError):
            await archive.join(stranger, room)

    refused = await told(archive, "OpenRooms.JoinRefused")

    assert len(refused) == MOST_REFUSALS
    assert refused[0]["subject"] == f"room/{room.id}/participant/{stranger.raw_id}"
    assert refused[0]["data"]["room"] == {"id": str(room.id)}
    assert refused[0]["data"]["user"] == user(stranger.raw_id)
    assert refused[0]["data"]["reason"]["subCode"] == 5828
    assert await types(archive, CALLS) == []
