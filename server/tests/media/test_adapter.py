"""The port's promises, kept on a real engine."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from livekit.protocol import models, rtc
from tests.media.signalling import (
    ALL,
    ATTENDEE,
    CONSUMER,
    add_track,
    bare_line,
    browser,
    line,
    query,
    resume,
    seat,
)

from openrooms.kernel.clock import system_clock
from openrooms.media.engine import Engine, Source
from openrooms.media.errors import EngineAway, MessageRefused
from openrooms.media.livekit.adapter import LiveKitEngine, LiveKitUpstream, livekit_engine
from openrooms.media.livekit.hall import Hall, Person
from openrooms.media.livekit.tokens import KeyPair, Minter
from openrooms.media.process import Supervisor

pytestmark = pytest.mark.anyio
VIDEO, AUDIO = models.TrackType.VIDEO, models.TrackType.AUDIO


async def test_the_adapter_is_an_engine(engine: LiveKitEngine) -> None:
    port: Engine = engine

    assert port is engine


async def test_a_room_is_there_once_opened_and_gone_once_closed(engine: Engine) -> None:
    await engine.open_room("call-1")
    await engine.open_room("call-1")
    await engine.open_room("call-2")
    opened = await engine.rooms()
    await engine.close_room("call-1")
    await engine.close_room("call-1")

    assert sorted(opened) == ["call-1", "call-2"]
    assert await engine.rooms() == ["call-2"]


async def test_nobody_is_in_a_room_that_does_not_exist(engine: Engine) -> None:
    async with asyncio.timeout(1):
        assert await engine.presences("never-opened") == []


async def test_a_seat_is_taken_with_exactly_its_name_attributes_and_grants(engine: Engine) -> None:
    taken = seat(grants=ATTENDEE)

    async with line(engine, taken) as ada:
        joined = (await ada.hear("join")).join.participant
        present = await engine.presences("call-1")

    assert (joined.identity, joined.name) == (taken.identity, taken.name)
    assert dict(joined.attributes) == taken.attributes
    assert not joined.permission.can_publish_data
    assert not joined.permission.can_update_metadata
    assert [one.identity for one in present] == [taken.identity]
    assert present[0].connection == joined.sid
    assert present[0].grants == ATTENDEE
    assert present[0].tracks == ()
    assert not present[0].active


async def test_a_seat_that_may_send_nothing_may_send_nothing(engine: Engine) -> None:
    async with line(engine, seat(grants=CONSUMER)) as ada:
        permission = (await ada.hear("join")).join.participant.permission
        present = await engine.presences("call-1")

    assert not permission.can_publish
    assert present[0].grants == CONSUMER


async def test_no_engine_token_reaches_a_client(
    engine: Engine, supervisor: Supervisor, keys: KeyPair
) -> None:
    url = await supervisor.ready(within=1)
    await engine.open_room("call-1")

    async with bare_line(url, Minter(keys, system_clock).join(seat("bare"))) as bare:
        token = (await bare.hear("refresh_token")).refresh_token
    async with line(engine, seat("ada")) as ada:
        await ada.hear("join")
        await engine.permit("call-1", seat("ada").identity, CONSUMER)
        await engine.remove("call-1", seat("ada").identity)
        kinds = await ada.hear_all()

    assert token.startswith("eyJ")
    assert "refresh_token" not in kinds
    assert all(b"eyJ" not in answer.SerializeToString() for answer in ada.heard)


async def test_grants_are_set_at_once_and_told(engine: Engine) -> None:
    taken = seat(grants=ALL)
    async with line(engine, taken) as ada:
        await ada.hear("join")

        done = await engine.permit("call-1", taken.identity, ATTENDEE)

        assert done
        assert (await engine.presences("call-1"))[0].grants == ATTENDEE
        update = await ada.hear("update")
        assert len(update.update.participants[0].permission.can_publish_sources) == 2


async def test_setting_the_same_grants_again_changes_nothing(engine: Engine) -> None:
    taken = seat(grants=ATTENDEE)
    async with line(engine, taken) as ada:
        await ada.hear("join")
        await engine.permit("call-1", taken.identity, ATTENDEE)
        await engine.remove("call-1", taken.identity)

        assert "update" not in await ada.hear_all()


async def test_the_removed_one_is_gone_and_told(engine: Engine) -> None:
    taken = seat()
    async with line(engine, taken) as ada:
        await ada.hear("join")

        assert await engine.remove("call-1", taken.identity)

        assert await engine.presences("call-1") == []
        leave = (await ada.hear("leave")).leave
        assert leave.reason == models.DisconnectReason.PARTICIPANT_REMOVED


async def test_nobody_can_be_permitted_or_removed_who_is_not_there(engine: Engine) -> None:
    await engine.open_room("call-1")

    assert not await engine.permit("call-1", "nobody", ALL)
    assert not await engine.remove("call-1", "nobody")
    assert not await engine.permit("never-opened", "nobody", ALL)
    assert not await engine.remove("never-opened", "nobody")


async def test_a_name_is_set_with_the_grants_and_an_empty_one_stays(engine: Engine) -> None:
    taken = seat(grants=ALL)
    async with line(engine, taken) as ada:
        await ada.hear("join")

        await engine.permit("call-1", taken.identity, ALL, name="Dr. Ada Ruiz")
        told = (await ada.hear("update")).update.participants[0]
        await engine.permit("call-1", taken.identity, CONSUMER)
        after = (await ada.hear("update")).update.participants[0]

    assert (told.name, after.name) == ("Dr. Ada Ruiz", "Dr. Ada Ruiz")


async def test_where_nothing_is_sent_there_is_nothing_to_mute(engine: Engine) -> None:
    taken = seat(grants=ALL)
    async with line(engine, taken) as ada:
        await ada.hear("join")
        present = (await engine.presences("call-1"))[0]

        assert not await engine.mute("call-1", present, Source.MICROPHONE)


async def test_closing_a_room_puts_everyone_out(engine: Engine) -> None:
    async with line(engine, seat()) as ada:
        await ada.hear("join")

        await engine.close_room("call-1")

        leave = (await ada.hear("leave")).leave
        assert leave.reason == models.DisconnectReason.ROOM_DELETED


async def test_a_track_is_published_only_with_the_grant_for_its_source(engine: Engine) -> None:
    async with line(engine, seat(grants=ATTENDEE)) as ada:
        await ada.hear("join")
        await ada.send(add_track(VIDEO, models.TrackSource.SCREEN_SHARE))
        await ada.send(add_track(VIDEO, models.TrackSource.CAMERA))

        published = (await ada.hear("track_published")).track_published.track

        assert published.source == models.TrackSource.CAMERA
        assert [one.WhichOneof("message") for one in ada.heard].count("track_published") == 1


async def test_a_video_that_calls_itself_a_microphone_is_refused(engine: Engine) -> None:
    async with line(engine, seat(grants=ATTENDEE)) as ada:
        await ada.hear("join")

        with pytest.raises(MessageRefused):
            await ada.send(add_track(VIDEO, models.TrackSource.MICROPHONE))


async def test_what_is_dropped_does_not_end_the_connection(engine: Engine) -> None:
    async with line(engine, seat()) as ada:
        await ada.hear("join")
        await ada.say(rtc.SignalRequest(simulate=rtc.SimulateScenario(server_leave=True)))
        await ada.say(rtc.SignalRequest(ping_req=rtc.Ping(timestamp=7)))

        assert (await ada.hear("pong_resp")).pong_resp.last_ping_timestamp == 7


async def test_a_client_that_leaves_is_gone(engine: Engine) -> None:
    async with line(engine, seat()) as ada:
        await ada.hear("join")
        await ada.say(rtc.SignalRequest(leave=rtc.LeaveRequest()))
        await ada.hear_all()

        assert await engine.presences("call-1") == []


async def test_a_query_that_asks_too_much_opens_nothing(engine: Engine) -> None:
    request = browser()
    request.add_track_requests.add(type=VIDEO, source=models.TrackSource.MICROPHONE)

    with pytest.raises(MessageRefused):
        async with engine.connect(seat(), query(request)):
            pass

    assert await engine.rooms() == []


async def test_attributes_and_metadata_of_the_client_do_not_arrive(engine: Engine) -> None:
    request = browser()
    request.metadata = "mine"
    request.participant_attributes["openrooms.role"] = "Owner"
    taken = seat()

    async with line(engine, taken, request) as ada:
        joined = (await ada.hear("join")).join.participant

    assert joined.metadata == ""
    assert dict(joined.attributes) == taken.attributes


async def test_a_connection_that_broke_is_resumed(engine: Engine) -> None:
    async with line(engine, seat()) as ada:
        sid = (await ada.hear("join")).join.participant.sid
        async with line(engine, seat(), resume(sid)) as again:
            await again.hear("reconnect")
            present = await engine.presences("call-1")

    assert [one.connection for one in present] == [sid]


async def test_a_connect_is_held_while_the_engine_is_down(
    engine: Engine, supervisor: Supervisor
) -> None:
    async with line(engine, seat()) as ada:
        sid = (await ada.hear("join")).join.participant.sid
        before = supervisor.pid
        assert before is not None
        os.kill(before, signal.SIGKILL)
        async with line(engine, seat(), resume(sid)) as again:
            answer = (await again.hear("leave")).leave

    assert supervisor.pid != before
    assert answer.action == rtc.LeaveRequest.Action.RECONNECT


async def test_an_engine_that_is_nowhere_is_away(keys: KeyPair) -> None:
    class Nowhere:
        async def ready(self, *, within: float) -> str:
            raise EngineAway

    async with livekit_engine(Nowhere(), keys, system_clock) as engine:
        with pytest.raises(EngineAway):
            await engine.open_room("call-1")
        with pytest.raises(EngineAway):
            async with engine.connect(seat(), query()):
                pass


async def test_an_engine_with_another_secret_is_away(supervisor: Supervisor, keys: KeyPair) -> None:
    other = KeyPair(keys.key, keys.secret[::-1])
    async with livekit_engine(supervisor, other, system_clock) as engine:
        with pytest.raises(EngineAway):
            await engine.open_room("call-1")


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_off_does_no_harm(
    supervisor: Supervisor, keys: KeyPair, hours: int
) -> None:
    def clock() -> datetime:
        return system_clock() + timedelta(hours=hours)

    async with (
        livekit_engine(supervisor, keys, clock) as engine,
        line(engine, seat()) as ada,
    ):
        joined = await ada.hear("join")

    assert joined.join.participant.identity == seat().identity


async def test_everything_of_a_seat_can_be_granted(engine: Engine) -> None:
    taken = seat(grants=CONSUMER)
    async with line(engine, taken) as ada:
        await ada.hear("join")
        await engine.permit("call-1", taken.identity, ALL)

        assert (await engine.presences("call-1"))[0].grants.sources == frozenset(Source)


async def test_what_the_engine_says_is_offered_at_once_without_its_tokens(engine: Engine) -> None:
    taken: list[str | None] = []
    heard: list[str | None] = []

    def kind(message: bytes) -> str | None:
        name: str | None = rtc.SignalResponse.FromString(message).WhichOneof("message")
        return name

    def take(message: bytes) -> bool:
        taken.append(kind(message))
        return True

    async def hear(messages: AsyncIterator[bytes]) -> None:
        heard.extend([kind(message) async for message in messages])

    async with (
        asyncio.timeout(10),
        engine.connect(seat(), query()) as upstream,
        asyncio.TaskGroup() as tasks,
    ):
        upstream.offer(take)
        tasks.create_task(hear(upstream.messages()))
        while "pong_resp" not in taken:
            await upstream.send(rtc.SignalRequest(ping_req=rtc.Ping()).SerializeToString(), ALL)
            await engine.presences("call-1")
        await engine.permit("call-1", seat().identity, CONSUMER)
        await engine.remove("call-1", seat().identity)

    assert {"join", "update"} <= {*heard, *taken}
    assert "refresh_token" not in {*heard, *taken}


async def test_what_there_is_to_say_of_a_speaker_comes_at_once_or_with_the_next_message(
    engine: Engine,
) -> None:
    taken: list[bytes] = []
    early, later, other = (
        rtc.SignalResponse(
            speakers_changed=rtc.SpeakersChanged(speakers=[told])
        ).SerializeToString()
        for told in (
            models.SpeakerInfo(sid="PA_1", active=True),
            models.SpeakerInfo(sid="PA_1"),
            models.SpeakerInfo(sid="PA_2"),
        )
    )

    def take(message: bytes) -> bool:
        taken.append(message)
        return True

    async with asyncio.timeout(10), engine.connect(seat(), query()) as upstream:
        assert isinstance(upstream, LiveKitUpstream)
        messages = upstream.messages()
        await anext(messages)
        for sid, message in (("PA_1", early), ("PA_1", later), ("PA_2", other)):
            upstream.tell(sid, message)
        await upstream.send(rtc.SignalRequest(ping_req=rtc.Ping()).SerializeToString(), ALL)
        heard = [await anext(messages)]
        while other not in heard:
            heard.append(await anext(messages))
        upstream.offer(take)
        upstream.tell("PA_1", early)

    assert heard[-2:] == [later, other]
    assert early not in heard
    assert early in taken


async def test_the_engine_names_people_and_microphones_as_a_large_room_knows_them(
    engine: Engine,
) -> None:
    hall, person = Hall(), Person()
    async with line(engine, seat(grants=ATTENDEE)) as ada:
        joined = await ada.hear("join")
        await ada.send(add_track(AUDIO, models.TrackSource.MICROPHONE))
        microphone = await ada.hear("track_published")
    for message in (joined, microphone):
        hall.note(person, message.SerializeToString())

    assert person.sid.decode() == joined.join.participant.sid
    assert person.microphones == [microphone.track_published.track.sid]
