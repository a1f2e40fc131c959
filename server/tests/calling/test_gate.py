"""The media gate as clients meet it, with a real engine behind."""

import httpx2
import pytest
from livekit.protocol import models, rtc
from websockets.exceptions import InvalidStatus

from openrooms.media.engine import Grants, Source
from openrooms.rooms.model import Role

from .house import TALK, House, invited, media_query, soon, there

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_ticket_opens_the_engine_with_the_grants_of_the_role(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        async with house.media(joined["media"]["ticket"]) as media:
            answer = (await media.hear("join")).join
            [presence] = await there(house, joined["call"]["callId"], user)

    assert answer.participant.identity == f"{user.raw_id}~{joined['leg']['participantId']}"
    assert presence.grants == TALK


@pytest.mark.parametrize("query", ["", "access_token=x", "access_token=a&access_token=b"])
async def test_without_a_ticket_the_gate_stays_shut(house: House, query: str) -> None:
    async with httpx2.AsyncClient(trust_env=False) as browser:
        answer = await browser.get(
            f"http://{house.address}/calling/v1/media/rtc/v1/validate?{query}"
        )

    assert answer.status_code == 403
    assert answer.json()["error"]["subCode"] == 10009
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_good_ticket_validates(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client, httpx2.AsyncClient(trust_env=False) as browser:
        ticket = (await client.join(room.id))["media"]["ticket"]
        answer = await browser.get(
            f"http://{house.address}/calling/v1/media/rtc/v1/validate?{media_query(ticket)}"
        )

    assert (answer.status_code, answer.text) == (200, "success")


async def test_a_request_that_cannot_be_read_is_refused(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        ticket = (await client.join(room.id))["media"]["ticket"]
        with pytest.raises(InvalidStatus) as refused:
            async with house.media(f"{ticket}&join_request=x"):
                pass

    assert refused.value.response.status_code == 403


async def test_a_refusal_is_an_answer_and_no_error(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with house.media("nobodys-ticket"):
            pass

    assert refused.value.response.status_code == 403
    assert [line for line in caplog.records if line.levelname == "ERROR"] == []


async def test_a_leg_opens_only_so_many_connections(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        ticket = (await client.join(room.id))["media"]["ticket"]
        leg = await house.world.calls.leg_of_ticket(ticket)
        passages = house.side.gate.passages
        held = [passages.__class__.of(passages, leg.id)]
        async with house.media(ticket) as one:
            await one.hear("join")
            held.append(passages.of(leg.id))

    assert [len(each) for each in held] == [0, 1]


async def test_removal_closes_the_gate_tells_why_and_empties_the_seat(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        call, ticket = joined["call"]["callId"], joined["media"]["ticket"]
        async with house.media(ticket) as media:
            await media.hear("join")

            await house.world.invite(room, {user.raw_id: None})

            ended = await client.event("ended")
            assert (ended["code"], ended["subCode"]) == (0, 5317)
            assert await media.close_code() in {1012, 4403}
        assert await there(house, call, user) == []
        with pytest.raises(InvalidStatus) as refused:
            async with house.media(ticket):
                pass
        assert refused.value.response.status_code == 403


async def test_a_lower_role_is_enforced_at_the_engine(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        async with house.media(joined["media"]["ticket"]) as media:
            await media.hear("join")

            await house.world.invite(room, {user.raw_id: Role.CONSUMER})

            changed = await client.event("roleChanged")
            assert changed["role"] == "Consumer"
            assert not changed["capabilities"]["turnVideoOn"]["isPresent"]

            async def is_mute() -> bool:
                [presence] = await there(house, joined["call"]["callId"], user)
                return presence.grants == Grants(frozenset())

            assert await soon(is_mute)


async def test_a_higher_role_is_told_once_the_engine_allows_it(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        async with house.media(joined["media"]["ticket"]) as media:
            await media.hear("join")

            await house.world.invite(room, {user.raw_id: Role.PRESENTER})

            assert (await client.event("roleChanged"))["role"] == "Presenter"
            [presence] = await there(house, joined["call"]["callId"], user)
            assert presence.grants == Grants(frozenset(Source))


async def test_text_and_nonsense_close_the_gate(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        ticket = (await client.join(room.id))["media"]["ticket"]
        codes = []
        for frame in ("text", b"\xff\xff\xff"):
            async with house.media(ticket) as media:
                await media.hear("join")
                await media.socket.send(frame)
                codes.append(await media.close_code())

    assert codes == [4400, 4400]


async def test_a_flood_closes_the_gate(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        ticket = (await client.join(room.id))["media"]["ticket"]
        async with house.media(ticket) as media:
            await media.hear("join")
            for _ in range(1_500):
                await media.socket.send(b"")

            assert await media.close_code() == 4429


async def test_what_passes_the_gate_reaches_the_engine(house: House) -> None:
    user, room = await invited(house)
    track = rtc.AddTrackRequest(
        cid="mic", type=models.TrackType.AUDIO, source=models.TrackSource.MICROPHONE
    )
    async with house.agent(user) as client:
        ticket = (await client.join(room.id))["media"]["ticket"]
        async with house.media(ticket) as media:
            await media.hear("join")
            await media.say(rtc.SignalRequest(add_track=track))

            assert (await media.hear("track_published")).track_published.cid == "mic"
