"""What the engine reports, and what is mended when nobody told."""

import os
import signal
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

import httpx2
import pytest
from tests.clock import HandSeconds

from openrooms.calling.publications import MORE_SECONDS, SECOND_SECONDS, Publications
from openrooms.calling.reconciler import Reconciler, misused
from openrooms.calling.reports import Reports
from openrooms.media.engine import (
    Engine,
    EngineEvent,
    EventKind,
    Grants,
    Presence,
    Seat,
    Source,
    Track,
)
from openrooms.rooms.model import Role, Room

from .house import TALK, AgentClient, House, invited, media_query, soon, there

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def seated(house: House, client: AgentClient, room: Room) -> tuple[str, str, str]:
    """A joined leg: call, participant id, ticket."""
    joined = await client.join(room.id)
    return joined["call"]["callId"], joined["leg"]["participantId"], joined["media"]["ticket"]


def report(kind: EventKind, call: str, identity: str, *, hung_up: bool = False) -> EngineEvent:
    return EngineEvent(str(uuid4()), kind, call, identity, "stay", hung_up)


async def test_media_that_came_up_is_told_to_the_others(house: House) -> None:
    doctor, room = await invited(house, Role.PRESENTER)
    patient = await house.world.person()
    await house.world.invite(room, {patient.raw_id: Role.ATTENDEE})
    async with house.agent(doctor) as one, house.agent(patient, displayName="Bo") as other:
        call, _, _ = await seated(house, one, room)
        _, leg, _ = await seated(house, other, room)

        await house.side.reports.take(report(EventKind.JOINED, call, f"{patient.raw_id}~{leg}"))

        told = await one.event("legsChanged")
        assert [(each["displayName"], each["state"]) for each in told["changed"]] == [
            ("Bo", "connected")
        ]


async def test_who_left_the_media_after_his_agent_is_gone_has_hung_up(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg, _ = await seated(house, client, room)
        identity = f"{user.raw_id}~{leg}"
        await house.side.reports.take(report(EventKind.JOINED, call, identity))

    async def is_over() -> bool:
        await house.side.reports.take(report(EventKind.LEFT, call, identity, hung_up=True))
        found = await house.world.calls.leg(leg)
        return found is not None and found.end is not None

    assert await soon(is_over)


async def test_a_report_that_comes_twice_counts_once(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg, _ = await seated(house, client, room)
        joined = report(EventKind.JOINED, call, f"{user.raw_id}~{leg}")
        left = report(EventKind.LEFT, call, f"{user.raw_id}~{leg}")
        for event in (joined, left, joined):
            await house.side.reports.take(event)

        assert house.side.desk.watches.state(leg) == "reconnecting"


async def test_a_forged_report_is_refused(house: House) -> None:
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(f"http://{house.address}/engine/v1/events", content=b"{}")
        large = await browser.post(
            f"http://{house.address}/engine/v1/events", content=b"x" * 2_000_000
        )

    assert (answer.status_code, large.status_code) == (401, 413)


async def test_a_stranger_at_the_engine_is_put_out(house: House) -> None:
    user, room = await invited(house)
    stranger = await house.world.person()
    async with house.agent(user) as client:
        call, _, _ = await seated(house, client, room)
        seat = Seat(call, f"{stranger.raw_id}~{uuid4()}", "", {}, TALK)
        query = media_query("none").partition("&")[2]
        async with house.engine.connect(seat, query) as upstream:
            await anext(upstream.messages())
            assert len(await there(house, call, stranger)) == 1

            await house.side.reconciler.reconcile()

            assert await there(house, call, stranger) == []


async def test_a_room_that_nobody_opened_is_closed(house: House) -> None:
    name = str(uuid4())
    await house.engine.open_room(name)

    await house.side.reconciler.reconcile()

    assert name not in await house.engine.rooms()


async def test_grants_that_differ_are_mended(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg, ticket = await seated(house, client, room)
        async with house.media(ticket) as media:
            await media.hear("join")
            await house.engine.permit(call, f"{user.raw_id}~{leg}", Grants(frozenset(Source)))

            await house.side.reconciler.reconcile()

            async def is_mended() -> bool:
                [presence] = await there(house, call, user)
                return presence.grants == TALK

            assert await soon(is_mended)


def presence(*tracks: Track) -> Presence:
    return Presence("someone", "stay", active=True, grants=TALK, tracks=tracks)


def track(source: Source | None, *, is_video: bool) -> Track:
    return Track("id", source, is_video=is_video, muted=False)


def cameras_of(number: int) -> list[Track]:
    return [replace(track(Source.CAMERA, is_video=True), id=f"{one}") for one in range(number)]


@pytest.mark.parametrize(
    "tracks",
    [
        [],
        [track(Source.CAMERA, is_video=True), track(Source.MICROPHONE, is_video=False)],
        [track(Source.CAMERA, is_video=True)] * 2,
        [
            track(Source.SCREEN_SHARE, is_video=True),
            track(Source.SCREEN_SHARE_AUDIO, is_video=False),
        ],
    ],
)
async def test_what_an_honest_client_sends_is_no_misuse(tracks: list[Track]) -> None:
    assert not misused(presence(*tracks))


@pytest.mark.parametrize(
    "tracks",
    [
        [track(None, is_video=True)],
        [track(Source.MICROPHONE, is_video=True)],
        [track(Source.CAMERA, is_video=False)],
    ],
)
async def test_media_under_a_false_name_is_misuse(tracks: list[Track]) -> None:
    assert misused(presence(*tracks))


async def test_who_misuses_his_media_is_out(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg_id, _ = await seated(house, client, room)
        found = await house.world.calls.call(call)
        leg = await house.world.calls.leg(leg_id)
        assert found is not None
        assert leg is not None
        liar = replace(presence(track(None, is_video=True)), identity=leg.seat)
        with_liar = replace(house.side.reconciler, engine=Telling(house.engine, [liar]))

        await with_liar.reconcile()

        assert (await client.event("ended"))["code"] == 403


@pytest.mark.parametrize(
    ("cameras", "seconds"), [(2, SECOND_SECONDS), (3, MORE_SECONDS), (50, MORE_SECONDS)]
)
async def test_who_is_reported_to_send_his_camera_many_times_for_long_is_out(
    house: House, cameras: int, seconds: float
) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg_id, _ = await seated(house, client, room)
        leg = await house.world.calls.leg(leg_id)
        assert leg is not None
        sent = cameras_of(cameras)
        greedy = replace(presence(*sent), identity=leg.seat)
        watching = watched_by_hand(house, greedy)

        for one in sent:
            await watching.reports.take(published(call, leg.seat, one))
        await watching.reconciler.end_greedy()
        assert watching.engine.looks == 0
        watching.seconds.advance(seconds)
        await watching.reconciler.end_greedy()

        assert (await client.event("ended"))["code"] == 403
        assert watching.engine.looks == 1


async def test_who_is_only_reported_to_send_his_camera_many_times_stays(house: House) -> None:
    """The reports that the others are gone were lost; it is looked once."""
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, leg_id, _ = await seated(house, client, room)
        leg = await house.world.calls.leg(leg_id)
        assert leg is not None
        sent = cameras_of(10)
        watching = watched_by_hand(house, replace(presence(sent[-1]), identity=leg.seat))
        for one in sent:
            await watching.reports.take(published(call, leg.seat, one))

        for _ in range(20):
            watching.seconds.advance(SECOND_SECONDS)
            await watching.reconciler.end_greedy()

        assert watching.engine.looks == 1
        left = await house.world.calls.leg(leg_id)
        assert left is not None
        assert left.end is None


async def test_no_report_that_a_room_full_publishes_costs_a_look(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        call, _, _ = await seated(house, client, room)
        watching = watched_by_hand(house)
        sent = [track(Source.CAMERA, is_video=True), track(Source.MICROPHONE, is_video=False)]

        for number in range(350):
            for one in sent:
                named = replace(one, id=f"{number} {one.source}")
                event = published(call, f"{number}", named)
                await watching.reports.take(replace(event, connection=f"{number}"))
            watching.seconds.advance(0.1)
            await watching.reconciler.end_greedy()

        assert watching.engine.looks == 0


async def test_media_that_nobody_reported_is_found(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        _, leg_id, _ = await seated(house, client, room)
        leg = await house.world.calls.leg(leg_id)
        assert leg is not None
        found = replace(presence(), identity=leg.seat)
        finding = replace(house.side.reconciler, engine=Telling(house.engine, [found]))

        # The house's own reconciler, which does not find it, runs meanwhile.
        async def becomes(state: str, reconciler: Reconciler) -> bool:
            await reconciler.reconcile()
            return house.side.desk.watches.state(leg_id) == state

        assert await soon(partial(becomes, "connected", finding))
        assert await soon(partial(becomes, "reconnecting", house.side.reconciler))


async def test_a_connect_is_held_while_the_engine_starts_again(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        _, _, ticket = await seated(house, client, room)
        assert house.supervisor.pid is not None
        os.kill(house.supervisor.pid, signal.SIGKILL)

        async with house.media(ticket) as media:
            assert (await media.hear("join")).join.participant.identity.startswith(user.raw_id)


def published(call: str, identity: str, track: Track) -> EngineEvent:
    told = report(EventKind.TRACK_PUBLISHED, call, identity)
    return replace(told, track=track.id, source=track.source)


@dataclass(frozen=True, slots=True)
class Watching:
    """Takes reports, and looks at what they say, in the test's own time."""

    reports: Reports
    reconciler: Reconciler
    engine: "Telling"
    seconds: HandSeconds


def watched_by_hand(house: House, *also: Presence) -> Watching:
    engine, seconds = Telling(house.engine, list(also)), HandSeconds()
    publications = Publications(seconds)
    return Watching(
        replace(house.side.reports, publications=publications),
        replace(house.side.reconciler, engine=engine, publications=publications, monotonic=seconds),
        engine,
        seconds,
    )


class Telling:
    """The real engine, that tells of more people than are there."""

    def __init__(self, engine: Engine, also: list[Presence]) -> None:
        self.looks = 0
        self._engine = engine
        self._also = also
        self.open_room = engine.open_room
        self.close_room = engine.close_room
        self.rooms = engine.rooms
        self.permit = engine.permit
        self.mute = engine.mute
        self.remove = engine.remove
        self.connect = engine.connect

    async def presences(self, room: str) -> list[Presence]:
        self.looks += 1
        return [*await self._engine.presences(room), *self._also]
