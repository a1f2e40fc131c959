"""Reading the record over HTTP, on both stores."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from tests.calling.records.archive import Archive
from tests.calling.world import LIFETIME
from tests.http.held import described, operations_of

from openrooms.calling.errors import StartNotAllowed
from openrooms.calling.explaining.routes import ExplainRoutes
from openrooms.calling.joining import Agent
from openrooms.calling.model import ENDED_FOR_ALL
from openrooms.calling.records import store
from openrooms.calling.records.model import MOST_REFUSALS
from openrooms.calling.records.routes import RecordRoutes
from openrooms.calling.records.service import PAGE
from openrooms.calling.surveys.routes import SurveyRoutes
from openrooms.events.routes import EventRoutes
from openrooms.events.webhooks.routes import WebhookRoutes
from openrooms.http.paging import NextLinks
from openrooms.identity.model import Scope, TokenWish
from openrooms.own_api import own_api, own_description
from openrooms.rooms.settings.routes import SettingsRoutes
from openrooms.rooms.settings.service import Settings

pytestmark = pytest.mark.anyio

CALLS, REFUSED = "/openrooms/v1/calls", "/openrooms/v1/refusedJoins"
ORIGIN = "https://rooms.example:8443"


async def refusals(archive: Archive, query: str = "") -> list[tuple[str, int, int]]:
    """Places and codes, newest first."""
    told = await archive.read(f"{REFUSED}{query}", "RefusedJoins_List")
    return [
        (one["place"], one["reason"]["code"], one["reason"]["subCode"]) for one in told["value"]
    ]


async def test_a_call_is_on_record_with_its_times_and_its_end_in_words(archive: Archive) -> None:
    ann = await archive.agent("Ann")
    room = await archive.room(ann)
    call = (await archive.join(ann, room)).call
    open_call = await archive.read(f"{CALLS}/{call.id}", "Calls_Get")
    archive.house.clock.advance(minutes=5)

    await archive.services.calls.end_call(call.id, ENDED_FOR_ALL)

    over = await archive.read(f"{CALLS}/{call.id}", "Calls_Get")
    assert (open_call["endedAt"], open_call["endReason"]) == (None, None)
    assert over["roomId"] == str(room.id)
    assert over["startedAt"] == "2026-11-22T09:30:00.123456+00:00"
    assert over["endedAt"] == "2026-11-22T09:35:00.123456+00:00"
    assert over["endReason"] == {"code": 0, "subCode": 4097, "message": ENDED_FOR_ALL.message}
    assert (await archive.read(CALLS, "Calls_List"))["value"] == [over]


async def test_who_was_in_a_call_is_on_record_with_role_times_and_end(archive: Archive) -> None:
    ann, bob = await archive.agent("Ann"), await archive.agent("Bob")
    room = await archive.room(ann, bob)
    call = (await archive.join(ann, room)).call
    archive.house.clock.advance(minutes=1)
    await archive.join(bob, room)
    await archive.services.calls.leave(ann, call.id)

    told = await archive.read(f"{CALLS}/{call.id}/participants", "Calls_ListParticipants")

    first, second = told["value"]
    assert (first["rawId"], first["displayName"], first["role"]) == (ann.raw_id, "Ann", "Attendee")
    assert first["endReason"] == {"code": 0, "subCode": 0, "message": "The participant hung up."}
    assert first["endedAt"] == second["joinedAt"] == "2026-11-22T09:31:00.123456+00:00"
    assert (second["rawId"], second["endedAt"], second["endReason"]) == (bob.raw_id, None, None)


async def test_the_calls_of_one_room_are_found(archive: Archive) -> None:
    ann = await archive.agent()
    one, other = await archive.room(ann), await archive.room(ann)
    call = (await archive.join(ann, one)).call
    await archive.join(ann, other)

    told = await archive.read(f"{CALLS}?roomId={one.id}", "Calls_List")

    assert [found["callId"] for found in told["value"]] == [call.id]
    assert (await archive.get(f"{CALLS}?roomId=abc", "Calls_List")).status_code == 400


async def test_a_refused_join_is_on_record_and_leaves_nothing_else(archive: Archive) -> None:
    ann, stranger = await archive.agent(), await archive.agent()
    room = await archive.room(ann)

    assert await archive.refused(stranger, str(room.id)) == (403, 5828)
    assert await archive.refused(ann, "x\0y") == (400, 5751)

    assert await refusals(archive) == [("xy", 400, 5751), (str(room.id), 403, 5828)]
    assert await refusals(archive, f"?user={stranger.raw_id}") == [(str(room.id), 403, 5828)]
    assert (await archive.read(CALLS, "Calls_List"))["value"] == []
    bad = await archive.get(f"{REFUSED}?user=ann", "RefusedJoins_List")
    assert bad.status_code == 400


async def test_a_group_that_may_not_be_opened_leaves_no_call_behind(archive: Archive) -> None:
    group = str(uuid4())
    ann = await archive.agent()
    wish = TokenWish((Scope.VOIP_JOIN,), LIFETIME)
    token = await archive.house.identities.issue(ann.caller.user.resource, ann.raw_id, wish)
    guest = Agent(str(uuid4()), await archive.house.identities.verify(token.token), "")

    with pytest.raises(StartNotAllowed):
        await archive.join(guest, group)

    assert await refusals(archive) == [(group, 403, 10124)]
    assert (await archive.read(CALLS, "Calls_List"))["value"] == []
    assert (await archive.join(ann, group)).call.group_id == group


async def test_of_many_refusals_of_a_user_some_are_kept_and_the_others_counted(
    archive: Archive,
) -> None:
    stranger, other = await archive.agent(), await archive.agent()
    room = str((await archive.room()).id)
    for _ in range(MOST_REFUSALS + 3):
        await archive.refused(stranger, room)
    await archive.refused(other, room)

    told = (await archive.read(f"{REFUSED}?user={stranger.raw_id}", "RefusedJoins_List"))["value"]
    assert [one["more"] for one in told] == [3, *[0] * (MOST_REFUSALS - 1)]
    assert len(await refusals(archive)) == MOST_REFUSALS + 1

    archive.house.clock.advance(hours=1)
    await archive.refused(stranger, room)

    assert len(await refusals(archive, f"?user={stranger.raw_id}")) == MOST_REFUSALS + 1


async def test_lists_go_on_behind_their_links_and_keep_their_filter(archive: Archive) -> None:
    people = [await archive.agent() for _ in range(PAGE + 1)]
    room = await archive.room(*people)
    call = (await archive.join(people[0], room)).call
    for one in people[1:]:
        await archive.join(one, room)
    path = f"{CALLS}/{call.id}/participants"

    first = await archive.read(path, "Calls_ListParticipants")
    rest = await archive.read(first["nextLink"].removeprefix(ORIGIN), "Calls_ListParticipants")

    found = [one["rawId"] for one in [*first["value"], *rest["value"]]]
    assert len(first["value"]) == PAGE
    assert sorted(found) == sorted(one.raw_id for one in people)
    assert "nextLink" not in rest


async def test_calls_and_refusals_go_on_and_keep_their_filter(archive: Archive) -> None:
    ann = await archive.agent()
    room, other = await archive.room(ann), await archive.room(ann)
    for _ in range(PAGE + 1):
        archive.house.clock.advance(minutes=3)
        await archive.join(ann, room)
        await archive.services.calls.leave(ann)
        await archive.refused(ann, "1")
    await archive.join(ann, other)

    calls = await archive.read(f"{CALLS}?roomId={room.id}", "Calls_List")
    more_calls = await archive.read(calls["nextLink"].removeprefix(ORIGIN), "Calls_List")
    refused = await archive.read(f"{REFUSED}?user={ann.raw_id}", "RefusedJoins_List")
    link = refused["nextLink"].removeprefix(ORIGIN)
    more_refused = await archive.read(link, "RefusedJoins_List")

    assert {one["roomId"] for one in [*calls["value"], *more_calls["value"]]} == {str(room.id)}
    assert (len(calls["value"]), len(more_calls["value"])) == (PAGE, 1)
    assert (len(refused["value"]), len(more_refused["value"])) == (PAGE, 1)


async def test_a_link_that_was_changed_or_is_for_another_list_is_refused(archive: Archive) -> None:
    links = NextLinks(b"k" * 32, lambda _: ORIGIN)
    made_up = NextLinks(b"x" * 32, lambda _: ORIGIN)
    of, at = archive.house.resource_id, f"2026-11-22T09:30:00+00:00 {uuid4()} "
    targets = [
        made_up.write(CALLS, at, resource_id=of, version="v1"),
        links.write(CALLS, at, resource_id=str(uuid4()), version="v1"),
        links.write(REFUSED, at, resource_id=of, version="v1"),
    ]
    tokens = [target.partition("?")[2] for target in targets]

    answers = [await archive.get(f"{CALLS}?{token}", "Calls_List") for token in tokens]

    assert [answer.status_code for answer in answers] == [400, 400, 400]


async def test_nothing_of_one_resource_is_seen_by_another(archive: Archive) -> None:
    ann, stranger = await archive.agent(), await archive.agent()
    room = await archive.room(ann)
    call = (await archive.join(ann, room)).call
    await archive.refused(stranger, str(room.id))
    tenant = await archive.house.resources.create("clinic")
    other = archive.house.backend("v1", key=tenant.primary_key)
    targets = (
        CALLS,
        f"{CALLS}?roomId={room.id}",
        REFUSED,
        f"{REFUSED}?user={stranger.raw_id}",
    )

    lists = [await other.send("GET", target) for target in targets]
    ones = [await other.send("GET", f"{CALLS}/{call.id}{more}") for more in ("", "/participants")]

    assert [answer.json() for answer in lists] == [{"value": []}] * 4
    assert [answer.status_code for answer in ones] == [404, 404]


@pytest.mark.parametrize("call_id", ["abc", "%00", str(uuid4())])
async def test_a_call_that_is_not_there_is_not_found(archive: Archive, call_id: str) -> None:
    assert (await archive.get(f"{CALLS}/{call_id}", "Calls_Get")).status_code == 404


async def test_what_is_kept_long_enough_is_dropped_in_steps(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    for _ in range(60):
        await archive.join(ann, room)
        await archive.services.calls.leave(ann)
    await archive.refused(ann, "1")
    archive.house.clock.advance(days=50)
    ann = await archive.sign_in(ann.caller.user)
    running = (await archive.join(ann, room)).call
    await archive.refused(ann, "1")
    archive.house.clock.advance(days=41)

    steps = 1
    while await archive.records.sweep():
        steps += 1

    assert steps == 2
    calls = (await archive.read(CALLS, "Calls_List"))["value"]
    assert [one["callId"] for one in calls] == [running.id]
    assert len(await refusals(archive)) == 1


async def test_a_call_with_many_legs_loses_them_in_parts(archive: Archive) -> None:
    ann = await archive.agent()
    room = await archive.room(ann)
    for _ in range(7):
        await archive.join(ann, room)
    await archive.services.calls.leave(ann)
    until = archive.house.clock() + timedelta(days=1)
    drop = partial(store.drop_calls, until=until, legs_at_once=5)

    assert await archive.house.database.write(drop)
    assert (await archive.house.count("leg"), await archive.house.count("call")) == (2, 1)
    assert not await archive.house.database.write(drop)
    assert (await archive.house.count("leg"), await archive.house.count("call")) == (0, 0)


async def test_the_description_has_the_operations_that_there_are(archive: Archive) -> None:
    links = NextLinks(b"k" * 32, lambda _: ORIGIN)
    settings = SettingsRoutes(Settings(archive.house.rooms))
    records, explain = RecordRoutes(archive.records, links), ExplainRoutes(archive.explainer)

    events = EventRoutes(archive.house.events, links)
    webhooks = WebhookRoutes(archive.house.webhooks)

    surveys = SurveyRoutes(archive.surveys, links)

    api = own_api(settings, records, surveys, explain, events, webhooks)

    assert operations_of((api,)) == described(own_description())
