"""The agent socket as clients meet it."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from openrooms import metrics
from openrooms.calling.model import VANISHED
from openrooms.identity.model import Scope, TokenWish
from openrooms.rooms.model import Role

from .house import AgentClient, House, Refused, invited
from .world import LIFETIME

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


async def test_a_good_token_is_welcomed(house: House) -> None:
    user = await house.world.person()
    async with house.call() as client:
        welcome = await client.ask(
            "hello", version=1, token=await house.token(user), displayName="Dr. Ruiz"
        )

    assert (welcome["rawId"], welcome["displayName"]) == (user.raw_id, "Dr. Ruiz")


@pytest.mark.parametrize(
    ("program", "kept"),
    [("Browser/7\t(OS)", "Browser/7(OS)"), ("B" * 300, "B" * 256), (None, "")],
    ids=["one", "a long one", "none"],
)
async def test_what_program_somebody_has_is_kept_with_his_leg(
    house: House, program: str | None, kept: str
) -> None:
    user, room = await invited(house)
    async with house.call(program) as client:
        await client.ask("hello", version=1, token=await house.token(user))
        joined = await client.join(room.id)

    leg = await house.world.calls.leg(joined["leg"]["participantId"])
    assert leg is not None
    assert leg.user_agent == kept


async def test_a_bad_token_is_refused_and_the_connection_closed(house: House) -> None:
    async with house.call() as client:
        with pytest.raises(Refused) as refused:
            await client.ask("hello", version=1, token="no.token.atall")

        assert refused.value.codes == (401, 10009)
        assert await client.close_code() == 4401


async def test_a_token_without_a_scope_for_calls_is_refused(house: House) -> None:
    user = await house.world.person()
    wish = TokenWish((Scope.CHAT,), LIFETIME)
    chat = await house.world.identities.issue(house.world.resource_id, user.raw_id, wish)
    async with house.call() as client:
        with pytest.raises(Refused) as refused:
            await client.ask("hello", version=1, token=chat.token)

        assert refused.value.codes == (401, 10009)


@pytest.mark.parametrize(
    "first",
    ['{"id": 1, "op": "ping"}', "hello", '{"id": 1, "op": "hello", "version": 2, "token": ""}'],
)
async def test_who_does_not_say_hello_is_shut_out(house: House, first: str) -> None:
    async with house.call() as client:
        await client.socket.send(first)

        assert await client.close_code() == 4400


async def test_a_silent_connection_is_closed_after_five_seconds(house: House) -> None:
    async with house.call() as client:
        assert await client.close_code() == 4400


async def test_a_second_hello_and_an_unknown_op_are_answered_with_errors(house: House) -> None:
    async with house.agent(await house.world.person()) as client:
        with pytest.raises(Refused):
            await client.ask("hello", version=1, token="again")
        with pytest.raises(Refused):
            await client.ask("dance")

        assert await client.ask("ping") == {}


@pytest.mark.parametrize("message", ["[]", "no json", b"\x00\x01"])
async def test_what_is_no_request_closes_the_connection(house: House, message: str | bytes) -> None:
    async with house.agent(await house.world.person()) as client:
        await client.socket.send(message)

        assert await client.close_code() == 4400


async def test_too_many_requests_close_the_connection(house: House) -> None:
    async with house.agent(await house.world.person()) as client:
        for number in range(300):
            await client.socket.send(f'{{"id": {number}, "op": "ping"}}')

        assert await client.close_code() == 4429


@pytest.mark.parametrize(
    ("room", "codes"), [("nonsense", (400, 5751)), ("99400000000000001", (404, 5732))]
)
async def test_a_room_that_is_not_there_is_refused(
    house: House, room: str, codes: tuple[int, int]
) -> None:
    async with house.agent(await house.world.person()) as client:
        with pytest.raises(Refused) as refused:
            await client.join(room)

    assert refused.value.codes == codes


async def test_a_join_id_must_be_a_guid(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        with pytest.raises(Refused) as refused:
            await client.join(room.id, joinId="1")

    assert refused.value.codes == (400, 0)


async def test_a_stranger_is_refused(house: House) -> None:
    _, room = await invited(house)
    async with house.agent(await house.world.person()) as client:
        with pytest.raises(Refused) as refused:
            await client.join(room.id)

    assert refused.value.codes == (403, 5828)


async def end_told(client: AgentClient, answer: object) -> tuple[str | None, int, int]:
    """How a leg's client hears of its end: in place of the join's answer, or in an event after it."""
    if isinstance(answer, Refused):
        return None, *answer.codes
    ended = await client.event("ended")
    return ended["participantId"], ended["code"], ended["subCode"]


async def test_of_eight_devices_at_once_five_stay_and_the_others_hear_that_they_gave_way(
    house: House,
) -> None:
    user, room = await invited(house)
    async with AsyncExitStack() as sockets:
        devices = [await sockets.enter_async_context(house.agent(user)) for _ in range(8)]

        answers = await asyncio.gather(
            *(device.join(room.id) for device in devices), return_exceptions=True
        )

        given = [one["leg"]["participantId"] if isinstance(one, dict) else None for one in answers]
        legs = await house.world.calls.all_live_legs()
        staying = {leg.id for leg in legs if leg.raw_id == user.raw_id}
        gone = [at for at, leg_id in enumerate(given) if leg_id not in staying]
        told = [await end_told(devices[at], answers[at]) for at in gone]
    assert len(staying) == 5
    assert told == [(given[at], 0, 0) for at in gone]
    assert len(gone) == 3


async def test_who_leaves_is_told_that_his_leg_ended(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)

        await client.ask("leave", callId=joined["call"]["callId"])

        ended = await client.event("ended")
        assert (ended["participantId"], ended["code"], ended["subCode"]) == (
            joined["leg"]["participantId"],
            0,
            0,
        )


async def test_how_a_leg_ended_is_counted_by_what_its_client_is_told(house: House) -> None:
    user, room = await invited(house)
    hung_up = metrics.LEGS_ENDED.labels("0", "0")
    before = hung_up.value
    async with house.agent(user) as client:
        joined = await client.join(room.id)

        await client.ask("leave", callId=joined["call"]["callId"])
        await client.event("ended")

    assert hung_up.value == before + 1


async def test_goodbye_ends_every_leg_and_the_connection(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        joined = await client.join(room.id)
        await client.ask("goodbye")

        assert await client.close_code() == 1000
    leg = await house.world.calls.leg(joined["leg"]["participantId"])
    assert leg is not None
    assert leg.end is not None


async def test_an_agent_that_comes_back_gets_its_calls(house: House) -> None:
    user, room = await invited(house)
    agent_id = str(uuid4())
    async with house.agent(user, agentId=agent_id) as first:
        joined = await first.join(room.id)
        async with house.agent(user, agentId=agent_id) as second:
            snapshot = await second.event("snapshot")

            assert await first.close_code() == 4001
            assert snapshot["call"] == joined["call"]
            assert snapshot["leg"]["participantId"] == joined["leg"]["participantId"]


async def test_an_agent_that_comes_back_hears_how_its_calls_ended(house: House) -> None:
    user, room = await invited(house)
    agent_id = str(uuid4())
    async with house.agent(user, agentId=agent_id) as first:
        joined = await first.join(room.id)
    await house.world.calls.end(joined["leg"]["participantId"], VANISHED)
    async with house.agent(user, agentId=agent_id) as second:
        assert (await second.event("ended"))["subCode"] == 4521


async def test_the_agent_id_of_another_user_gives_nothing(house: House) -> None:
    user, room = await invited(house)
    agent_id = str(uuid4())
    async with house.agent(user, agentId=agent_id) as victim:
        joined = await victim.join(room.id)
        async with house.agent(await house.world.person(), agentId=agent_id) as thief:
            await thief.ask("leave", callId=joined["call"]["callId"])
            await thief.ask("goodbye")

        assert await victim.ask("ping") == {}
    leg = await house.world.calls.leg(joined["leg"]["participantId"])
    assert leg is not None
    assert leg.end is None


async def test_a_fresh_token_of_the_same_user_is_taken(house: House) -> None:
    user = await house.world.person()
    async with house.agent(user) as client:
        house.world.clock.advance(minutes=1)
        refreshed = await client.ask("refreshToken", token=await house.token(user))

    assert refreshed["expiresOn"].startswith((house.world.clock() + LIFETIME).date().isoformat())


async def test_the_token_of_somebody_else_is_not_taken(house: House) -> None:
    other = await house.token(await house.world.person())
    async with house.agent(await house.world.person()) as client:
        with pytest.raises(Refused) as refused:
            await client.ask("refreshToken", token=other)
        with pytest.raises(Refused):
            await client.ask("refreshToken", token="nonsense")

        assert refused.value.codes == (401, 10009)
        assert await client.ask("ping") == {}


async def test_an_expired_token_ends_the_call_and_signs_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.calling.agent_socket.GRACE_SECONDS", 0.2)
    user, room = await invited(house)
    async with house.agent(user) as client:
        await client.join(room.id)
        house.world.clock.advance(hours=23, minutes=55)
        expiring = await client.event("tokenExpiring")
        house.world.clock.advance(minutes=6)

        assert expiring["expiresOn"]
        assert (await client.event("ended"))["code"] == 495
        assert (await client.event("signedOut"))["subCode"] == 4507
        assert await client.close_code() == 4401


async def test_a_call_goes_on_for_a_while_after_its_token_and_a_new_one_keeps_it(
    house: House,
) -> None:
    user, room = await invited(house)
    other = await house.world.room(**{user.raw_id: Role.ATTENDEE})
    async with house.agent(user) as client:
        await client.join(room.id)
        house.world.clock.advance(hours=23, minutes=55)
        await client.event("tokenExpiring")
        house.world.clock.advance(minutes=6)
        with pytest.raises(Refused) as refused:
            await client.join(other.id)
        await client.ask("refreshToken", token=await house.token(user))
        house.world.clock.advance(hours=1)

        assert refused.value.codes == (401, 10009)
        assert await client.join(other.id)
        assert "ended" not in [event["event"] for event in client.events]


async def test_who_is_in_no_call_is_signed_out_with_his_token(house: House) -> None:
    user, _ = await invited(house)
    async with house.agent(user) as client:
        house.world.clock.advance(hours=24, seconds=1)

        assert (await client.event("signedOut"))["subCode"] == 4507


async def test_revoked_tokens_end_the_call_and_sign_out(house: House) -> None:
    user, room = await invited(house)
    async with house.agent(user) as client:
        await client.join(room.id)

        await house.world.identities.revoke(house.world.resource_id, user.raw_id)

        assert (await client.event("ended"))["code"] == 401
        assert (await client.event("signedOut"))["subCode"] == 10009
        assert await client.close_code() == 4401
