"""What participants tell each other of their network and devices: real sockets, the real engine."""

import pytest

from openrooms.calling.diagnosing import A_MINUTE, MOST_PEOPLE
from openrooms.rooms.model import Role

from .guests import Guest, Meeting, gathering
from .house import House, Refused

pytestmark = pytest.mark.anyio

LOST = {"diagnostic": "networkReconnect", "value": 3}
FROZEN = {"diagnostic": "cameraFreeze", "value": True}


async def refused(guest: Guest, *, times: int = 1) -> tuple[int, int]:
    """How he is refused; (200, 0) when he is not."""
    try:
        for _ in range(times):
            await guest.ask("diagnose", diagnostics=[LOST])
    except Refused as refusal:
        return refusal.codes
    return 200, 0


async def told(guest: Guest) -> list[dict[str, object]]:
    """All of what others tell that has come to him."""
    await guest.client.ask("ping")
    return [event for event in guest.client.events if event["event"] == "diagnostics"]


async def connected(meeting: Meeting, role: Role = Role.ATTENDEE) -> Guest:
    """Somebody whose media is up, as the engine would report; no media flows by hand."""
    guest = await meeting.enter(role)
    meeting.house.side.desk.watches.joined(guest.joined["leg"]["participantId"], "stay")
    return guest


async def test_the_others_who_are_connected_are_told_and_whose_it_is(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await connected(meeting, Role.CONSUMER), await connected(meeting)
        still = await meeting.enter()

        await ada.ask("diagnose", diagnostics=[LOST, FROZEN])

        (said,) = await told(bo)
        assert said["diagnostics"] == [LOST, FROZEN]
        assert (said["rawId"], said["participantId"], said["callId"]) == (
            ada.raw_id,
            ada.joined["leg"]["participantId"],
            ada.joined["call"]["callId"],
        )
        assert [await told(ada), await told(still)] == [[], []]


async def test_three_a_minute_of_one_are_passed_on_and_no_more(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await connected(meeting), await connected(meeting)

        assert await refused(ada, times=5 * A_MINUTE) == (429, 0)

        assert len(await told(bo)) == A_MINUTE
        assert await refused(bo) == (200, 0)


async def test_who_is_not_connected_in_the_call_tells_nobody(house: House) -> None:
    async with gathering(house) as meeting, gathering(house) as elsewhere:
        bo, gone = await connected(meeting), await connected(meeting)
        still, stranger = await meeting.enter(), await connected(elsewhere)
        await gone.client.ask("leave", callId=gone.joined["call"]["callId"])
        stranger.joined = bo.joined

        for one in (still, gone, stranger):
            assert await refused(one) == (412, 41090)

        assert await told(bo) == []


async def test_in_a_large_call_nobody_is_told(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await connected(meeting), await connected(meeting)
        crowd = [await meeting.enter() for _ in range(MOST_PEOPLE - 1)]

        assert await refused(ada) == (413, 10407)
        assert await told(bo) == []

        await crowd[0].client.ask("leave", callId=ada.joined["call"]["callId"])
        assert await refused(ada) == (200, 0)
        assert len(await told(bo)) == 1


@pytest.mark.parametrize(
    "said",
    [
        [],
        [{"diagnostic": "speakingWhileMicrophoneIsMuted", "value": True}],
        [{"diagnostic": "<img src=x>", "value": True}],
        [LOST | {"value": 9}],
        [LOST] * 24,
        "networkReconnect",
    ],
)
async def test_what_is_no_known_diagnostic_is_refused_and_told_to_nobody(
    house: House, said: object
) -> None:
    async with gathering(house) as meeting:
        ada, bo = await connected(meeting), await connected(meeting)

        with pytest.raises(Refused) as refusal:
            await ada.ask("diagnose", diagnostics=said)

        assert refusal.value.codes == (400, 0)
        assert await told(bo) == []
