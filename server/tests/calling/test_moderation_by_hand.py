"""Moderation as clients see it: over real agent sockets, with the real engine."""

from uuid import uuid4

import pytest

from openrooms.calling.gestures import HIS_AT_ONCE
from openrooms.calling.model import HELD
from openrooms.media.engine import Grants, Source
from openrooms.rooms.model import Role

from .guests import NOTHING, Guest, gathering
from .house import TALK, House, Refused

pytestmark = pytest.mark.anyio


async def test_hands_and_spotlights_are_told_to_all_and_to_who_comes_later(house: House) -> None:
    async with gathering(house) as meeting:
        presenter = await meeting.enter(Role.PRESENTER)
        ada = await meeting.enter()
        assert presenter.joined["features"] == ada.joined["features"] == NOTHING

        await ada.ask("raiseHand")
        raised = NOTHING | {"hands": [ada.raw_id]}
        assert await presenter.features() == await ada.features() == raised
        await presenter.ask("spotlight", rawIds=[ada.raw_id], on=True)
        shown = raised | {"spotlights": [ada.raw_id]}
        assert await presenter.features() == await ada.features() == shown

        late = await meeting.enter()
        assert late.joined["features"] == shown
        await ada.client.ask("leave", callId=ada.joined["call"]["callId"])
        assert await late.features() == NOTHING


async def test_who_comes_back_finds_hands_as_they_are(house: House) -> None:
    async with gathering(house) as meeting:
        presenter = await meeting.enter(Role.PRESENTER)
        user, agent_id = await house.world.person(), str(uuid4())
        await house.world.invite(meeting.room, {user.raw_id: Role.ATTENDEE})
        async with house.agent(user, agentId=agent_id) as before:
            await before.join(meeting.room.id)
        await presenter.ask("raiseHand")
        await presenter.features()

        async with house.agent(user, agentId=agent_id) as again:
            snapshot = await again.event("snapshot")

        assert snapshot["features"] == NOTHING | {"hands": [presenter.raw_id]}


async def test_media_access_takes_the_source_away_at_the_engine_and_gives_it_back(
    house: House,
) -> None:
    async with gathering(house) as meeting:
        presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()

        await presenter.ask("mediaAccess", rawIds=None, audio=False)
        told = await ada.client.event("roleChanged")
        assert told["reason"] == "MeetingOptionOrOrganizerPolicyChanged"
        assert told["capabilities"]["unmuteMic"] == {
            "isPresent": False,
            "reason": "MeetingRestricted",
        }
        assert await meeting.comes_to(ada, Grants(frozenset({Source.CAMERA})))
        assert (await meeting.seat(presenter)).grants.sources == frozenset(Source)

        late = await meeting.enter()
        assert (await meeting.seat(late)).grants.sources == {Source.CAMERA}
        await presenter.ask("mediaAccess", rawIds=[ada.raw_id], audio=True)
        assert await meeting.comes_to(ada, TALK)
        assert (await meeting.seat(late)).grants.sources == {Source.CAMERA}


async def test_what_single_ones_are_forbidden_is_told_to_presenters_alone(house: House) -> None:
    async with gathering(house) as meeting:
        presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
        bo = await meeting.enter()

        await presenter.ask("mediaAccess", rawIds=[ada.raw_id], video=False)
        told = await presenter.features()
        await presenter.ask("raiseHand")
        seen = await bo.features()

        others = [{"rawId": ada.raw_id, "audio": True, "video": False}]
        assert told["mediaAccess"]["others"] == others
        assert seen == NOTHING | {"hands": [presenter.raw_id]}
        await house.world.invite(meeting.room, {bo.raw_id: Role.PRESENTER})
        assert (await bo.features())["mediaAccess"]["others"] == others


async def test_who_holds_has_nothing_at_the_engine_until_he_goes_on(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await meeting.enter(), await meeting.enter()

        await ada.ask("hold", on=True)
        assert await meeting.comes_to(ada, HELD)
        await ada.ask("hold", on=False)
        assert await meeting.comes_to(ada, TALK)
        assert (await meeting.seat(bo)).grants == TALK


async def test_who_comes_back_while_he_holds_still_holds(house: House) -> None:
    async with gathering(house) as meeting:
        ada = await meeting.enter()
        await ada.ask("hold", on=True)
        assert await meeting.comes_to(ada, HELD)

        async with house.media(ada.joined["media"]["ticket"]) as again:
            joined = await again.hear("join")

        permission = joined.join.participant.permission
        assert (permission.can_publish, permission.can_subscribe) == (False, False)


async def applaud(guest: Guest, *, times: int) -> None:
    for _ in range(times):
        await guest.ask("react", reactionType="applause")


async def test_reactions_go_to_everyone_and_are_bounded(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await meeting.enter(Role.CONSUMER), await meeting.enter()

        await ada.ask("react", reactionType="heart")
        told = [await guest.client.event("reaction") for guest in (ada, bo)]
        with pytest.raises(Refused) as refused:
            await applaud(ada, times=2 * HIS_AT_ONCE)

        assert {(one["rawId"], one["reactionType"]) for one in told} == {(ada.raw_id, "heart")}
        assert refused.value.codes == (429, 0)


async def test_muting_where_nobody_speaks_harms_nobody_and_is_for_presenters(house: House) -> None:
    async with gathering(house) as meeting:
        presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()

        assert await presenter.ask("mute", rawIds=None) == {}
        assert await presenter.ask("mute", rawIds=[ada.raw_id]) == {}
        with pytest.raises(Refused) as refused:
            await ada.ask("mute", rawIds=[presenter.raw_id])
        with pytest.raises(Refused) as nobody:
            await presenter.ask("mute", rawIds=["8:acs:nobody"])

        assert refused.value.codes == (403, 10403)
        assert nobody.value.codes == (400, 41054)


async def test_a_new_name_is_at_the_engine_and_stays_for_the_next_call(house: House) -> None:
    async with gathering(house) as meeting:
        ada, bo = await meeting.enter(name="Ada"), await meeting.enter()

        assert await ada.client.ask("name", displayName="Dr. Ruiz\u0000") == {
            "displayName": "Dr. Ruiz"
        }
        update = await bo.media.hear("update")
        while update.update.participants[0].name != "Dr. Ruiz":
            update = await bo.media.hear("update")
        other = await ada.client.ask("join", groupId=str(uuid4()), joinId=str(uuid4()))

        assert other["leg"]["displayName"] == "Dr. Ruiz"


async def test_a_spotlight_without_users_is_refused(house: House) -> None:
    async with gathering(house) as meeting:
        presenter = await meeting.enter(Role.PRESENTER)
        await presenter.ask("spotlight", rawIds=[presenter.raw_id], on=True)

        with pytest.raises(Refused) as refused:
            await presenter.ask("spotlight", rawIds=None, on=True)
        await presenter.ask("spotlight", rawIds=None, on=False)
        await presenter.ask("lowerHands", rawIds=None)

        assert refused.value.codes == (400, 0)


async def test_no_client_ever_hears_of_who_is_invited_and_has_not_come(house: House) -> None:
    async with gathering(house) as meeting:
        absent = [(await house.world.person()).raw_id for _ in range(3)]
        await house.world.invite(meeting.room, dict(zip(absent, Role, strict=False)))
        await house.world.set(meeting.room, permissions={absent[0]: {"unmuteMic": False}})
        presenter, ada = await meeting.enter(Role.PRESENTER, "P"), await meeting.enter(name="A")
        for raw_id in absent:
            with pytest.raises(Refused):
                await presenter.ask("spotlight", rawIds=[raw_id], on=True)
            with pytest.raises(Refused):
                await presenter.ask("mediaAccess", rawIds=[raw_id], audio=False)
        await presenter.ask("mediaAccess", rawIds=None, audio=False)
        await ada.ask("raiseHand")
        await house.world.invite(meeting.room, {absent[1]: Role.PRESENTER, absent[2]: None})
        await ada.ask("react", reactionType="like")
        bo = await meeting.enter(Role.COLLABORATOR)
        for guest in (presenter, ada):
            await guest.client.event("featuresChanged")
        await bo.client.ask("ping")

        heard = [said for guest in (presenter, ada, bo) for said in guest.client.heard]

        assert any(presenter.raw_id in said for said in heard)
        assert [said for said in heard if any(raw_id in said for raw_id in absent)] == []
