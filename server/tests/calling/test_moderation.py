"""What participants do to a call and to each other, on both stores."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from openrooms.calling.consequences import FeaturesChanged, LegChanged, RoleChanged
from openrooms.calling.errors import (
    BadMessage,
    NoAttendee,
    NobodyThere,
    NotInCall,
    NotPermitted,
    NotToBeSeen,
    SignedOut,
    TooManySpotlights,
)
from openrooms.calling.features import Features
from openrooms.calling.model import HELD, MediaAccess
from openrooms.rooms.model import Role

from .meeting import Meeting
from .world import World

pytestmark = pytest.mark.anyio

MUTE, SPEAK, HIDE = MediaAccess(audio=False), MediaAccess(audio=True), MediaAccess(video=False)


@pytest.fixture
async def meeting(world: World) -> Meeting:
    return Meeting(world, await world.room())


# hands


async def test_hands_stand_in_the_order_in_which_they_were_raised(meeting: Meeting) -> None:
    ada, bo = await meeting.enter(), await meeting.enter(Role.PRESENTER)

    for agent in (bo, ada, bo):
        await meeting.ops.raise_hand(agent, meeting.call_id)

    assert (await meeting.features()).hands == (bo.raw_id, ada.raw_id)
    assert meeting.world.followed.all.count(FeaturesChanged(meeting.call_id)) == 2


async def test_a_hand_that_was_lowered_comes_back_at_the_end(meeting: Meeting) -> None:
    ada, bo = await meeting.enter(), await meeting.enter()
    for agent in (ada, bo):
        await meeting.ops.raise_hand(agent, meeting.call_id)

    await meeting.ops.lower_hands(ada, meeting.call_id, [ada.raw_id])
    await meeting.ops.raise_hand(ada, meeting.call_id)

    assert (await meeting.features()).hands == (bo.raw_id, ada.raw_id)


async def test_a_presenter_lowers_the_hands_of_others_and_nobody_else_does(
    meeting: Meeting,
) -> None:
    ada, bo = await meeting.enter(), await meeting.enter()
    presenter = await meeting.enter(Role.PRESENTER)
    for agent in (ada, bo):
        await meeting.ops.raise_hand(agent, meeting.call_id)

    with pytest.raises(NotPermitted):
        await meeting.ops.lower_hands(ada, meeting.call_id, [bo.raw_id])
    with pytest.raises(NotPermitted):
        await meeting.ops.lower_hands(ada, meeting.call_id, None)
    await meeting.ops.lower_hands(presenter, meeting.call_id, [bo.raw_id])
    assert (await meeting.features()).hands == (ada.raw_id,)
    await meeting.ops.lower_hands(presenter, meeting.call_id, None)
    assert (await meeting.features()).hands == ()


async def test_a_hand_sinks_with_its_users_last_leg_and_not_before(meeting: Meeting) -> None:
    stays, ada = await meeting.enter(), await meeting.enter()
    phone = await meeting.world.agent(ada.caller.user)
    await meeting.join(phone)
    await meeting.ops.raise_hand(ada, meeting.call_id)

    await meeting.world.calls.leave(ada)
    assert (await meeting.features()).hands == (ada.raw_id,)
    await meeting.world.calls.leave(phone)
    assert (await meeting.features()).hands == ()

    await meeting.join(ada)
    assert (await meeting.features()).hands == ()
    assert await meeting.may(stays, "raiseHand")


async def test_who_becomes_consumer_has_no_hand_and_no_spotlight(meeting: Meeting) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    await meeting.ops.raise_hand(ada, meeting.call_id)
    await meeting.ops.spotlight(presenter, meeting.call_id, [ada.raw_id])
    meeting.world.followed.all.clear()

    await meeting.world.invite(meeting.room, {ada.raw_id: Role.CONSUMER})

    assert await meeting.features() == Features()
    assert FeaturesChanged(meeting.call_id) in meeting.world.followed.all
    with pytest.raises(NotPermitted):
        await meeting.ops.raise_hand(ada, meeting.call_id)


# spotlights


async def test_seven_are_shown_and_the_eighth_is_refused_in_the_words_of_the_sdk(
    meeting: Meeting,
) -> None:
    presenter = await meeting.enter(Role.PRESENTER)
    people = [(await meeting.enter()).raw_id for _ in range(7)]
    await meeting.ops.spotlight(presenter, meeting.call_id, people[:4])
    await meeting.ops.spotlight(presenter, meeting.call_id, people)

    with pytest.raises(TooManySpotlights) as refused:
        await meeting.ops.spotlight(presenter, meeting.call_id, [presenter.raw_id])

    assert (await meeting.features()).spotlights == tuple(people)
    assert refused.value.message == (
        "startSpotlight failed. 7 is the max number of participants that can be Spotlighted"
    )


async def test_spotlights_end_one_by_one_or_all_at_once(meeting: Meeting) -> None:
    presenter = await meeting.enter(Role.PRESENTER)
    people = [(await meeting.enter()).raw_id for _ in range(3)]
    await meeting.ops.spotlight(presenter, meeting.call_id, people)

    await meeting.ops.end_spotlights(presenter, meeting.call_id, people[1:2])
    assert (await meeting.features()).spotlights == (people[0], people[2])
    await meeting.ops.end_spotlights(presenter, meeting.call_id, None)
    await meeting.ops.end_spotlights(presenter, meeting.call_id, None)
    assert (await meeting.features()).spotlights == ()


async def test_an_attendee_ends_nobodys_spotlight_but_his_own(meeting: Meeting) -> None:
    presenter, ada, bo = (
        await meeting.enter(Role.PRESENTER),
        *[await meeting.enter() for _ in range(2)],
    )
    await meeting.ops.spotlight(presenter, meeting.call_id, [ada.raw_id, bo.raw_id])

    with pytest.raises(NotPermitted):
        await meeting.ops.end_spotlights(ada, meeting.call_id, [bo.raw_id])
    await meeting.ops.end_spotlights(ada, meeting.call_id, [ada.raw_id])

    assert (await meeting.features()).spotlights == (bo.raw_id,)


async def test_who_sends_nothing_cannot_be_shown(meeting: Meeting) -> None:
    presenter, watcher = await meeting.enter(Role.PRESENTER), await meeting.enter(Role.CONSUMER)

    with pytest.raises(NotToBeSeen):
        await meeting.ops.spotlight(presenter, meeting.call_id, [watcher.raw_id])


# media access


async def test_all_attendees_are_muted_and_those_who_come_later_too(meeting: Meeting) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()

    await meeting.ops.media_access(presenter, meeting.call_id, None, access=MUTE)
    bo = await meeting.enter()
    other = await meeting.enter(Role.PRESENTER)

    assert [await meeting.may(one, "unmuteMic") for one in (ada, bo)] == [False, False]
    assert [await meeting.may(one, "unmuteMic") for one in (presenter, other)] == [True, True]
    assert await meeting.may(ada, "turnVideoOn")
    assert (await meeting.features()).audio is False


async def test_a_permit_of_his_own_goes_before_what_holds_for_all_and_outlives_a_reload(
    meeting: Meeting,
) -> None:
    presenter, ada, bo = (
        await meeting.enter(Role.PRESENTER),
        *[await meeting.enter() for _ in range(2)],
    )
    await meeting.ops.media_access(presenter, meeting.call_id, None, access=MUTE)
    await meeting.ops.media_access(presenter, meeting.call_id, [ada.raw_id], access=SPEAK)
    await meeting.ops.media_access(presenter, meeting.call_id, [bo.raw_id], access=HIDE)

    for agent in (ada, bo):
        await meeting.world.calls.leave(agent)
        await meeting.join(agent)

    assert await meeting.may(ada, "unmuteMic")
    assert not await meeting.may(bo, "unmuteMic")
    assert not await meeting.may(bo, "turnVideoOn")
    told = {raw_id: (audio, video) for raw_id, audio, video in (await meeting.features()).others}
    assert told == {ada.raw_id: (True, True), bo.raw_id: (False, False)}


async def test_what_is_said_for_all_goes_before_what_was_said_to_single_ones_earlier(
    meeting: Meeting,
) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    await meeting.ops.media_access(presenter, meeting.call_id, [ada.raw_id], access=HIDE)
    await meeting.ops.media_access(presenter, meeting.call_id, [ada.raw_id], access=SPEAK)

    await meeting.ops.media_access(presenter, meeting.call_id, None, access=MUTE)

    assert not await meeting.may(ada, "unmuteMic")
    assert not await meeting.may(ada, "turnVideoOn")


async def test_who_becomes_presenter_speaks_whatever_he_was_forbidden(meeting: Meeting) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    await meeting.ops.media_access(presenter, meeting.call_id, [ada.raw_id], access=MUTE)

    await meeting.world.invite(meeting.room, {ada.raw_id: Role.PRESENTER})

    assert await meeting.may(ada, "unmuteMic")
    assert (await meeting.features()).others == ()


async def test_only_attendees_can_be_forbidden_and_only_by_presenters(meeting: Meeting) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    other = await meeting.enter(Role.COLLABORATOR)

    with pytest.raises(NoAttendee):
        await meeting.ops.media_access(presenter, meeting.call_id, [other.raw_id], access=MUTE)
    with pytest.raises(BadMessage):
        await meeting.ops.media_access(presenter, meeting.call_id, None, access=MediaAccess())
    for agent in (ada, other):
        with pytest.raises(NotPermitted) as refused:
            await meeting.ops.media_access(agent, meeting.call_id, [ada.raw_id], access=HIDE)
        assert (refused.value.code, refused.value.sub_code) == (403, 46502)


async def test_who_is_forbidden_is_told_and_enforced(meeting: Meeting) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    meeting.world.followed.all.clear()

    await meeting.ops.media_access(presenter, meeting.call_id, None, access=HIDE)

    changed = [one for one in meeting.world.followed.all if isinstance(one, RoleChanged)]
    assert [one.leg.raw_id for one in changed] == [ada.raw_id]
    assert meeting.world.followed.all[-1] == FeaturesChanged(meeting.call_id)


# hold and names


async def test_who_holds_neither_sends_nor_receives_until_he_goes_on(meeting: Meeting) -> None:
    ada = await meeting.enter()
    before = (await meeting.world.calls.live_legs(meeting.call_id))[0]

    await meeting.ops.hold(ada, meeting.call_id, on_hold=True)
    await meeting.ops.hold(ada, meeting.call_id, on_hold=True)
    held = (await meeting.world.calls.live_legs(meeting.call_id))[0]
    await meeting.ops.hold(ada, meeting.call_id, on_hold=False)
    after = (await meeting.world.calls.live_legs(meeting.call_id))[0]

    assert (held.grants, held.version) == (HELD, before.version + 1)
    assert (after.grants, after.version) == (before.grants, before.version + 2)
    assert [one for one in meeting.world.followed.all if isinstance(one, LegChanged)] == [
        LegChanged(held),
        LegChanged(after),
    ]


async def test_what_is_forbidden_while_he_holds_stays_so_when_he_goes_on(
    meeting: Meeting,
) -> None:
    presenter, ada = await meeting.enter(Role.PRESENTER), await meeting.enter()
    await meeting.ops.hold(ada, meeting.call_id, on_hold=True)
    await meeting.ops.media_access(presenter, meeting.call_id, None, access=MUTE)
    await meeting.ops.hold(ada, meeting.call_id, on_hold=False)

    assert not await meeting.may(ada, "unmuteMic")


async def test_a_name_is_cleaned_and_new_in_every_call_of_the_agent(meeting: Meeting) -> None:
    ada = await meeting.enter()
    group = await meeting.world.calls.join_group(ada, str(uuid4()), join_id=str(uuid4()))

    name = await meeting.ops.rename(ada, " Dr.\x00 Ada\u202e Ruiz ")

    assert name == "Dr. Ada Ruiz"
    for call_id in (meeting.call_id, group.call.id):
        assert [leg.display_name for leg in await meeting.world.calls.live_legs(call_id)] == [name]


# who may not be there


async def test_who_is_not_in_the_call_does_nothing_in_it(meeting: Meeting) -> None:
    ada, bo = await meeting.enter(), await meeting.enter(Role.PRESENTER)
    await meeting.world.calls.leave(bo)

    with pytest.raises(NotInCall):
        await meeting.ops.raise_hand(bo, meeting.call_id)
    with pytest.raises(NotInCall):
        await meeting.ops.muted_by(bo, meeting.call_id, None)
    with pytest.raises(NotInCall):
        await meeting.ops.hold(ada, str(uuid4()), on_hold=True)


async def test_who_is_invited_and_absent_is_to_others_like_a_stranger(meeting: Meeting) -> None:
    presenter = await meeting.enter(Role.PRESENTER)
    absent, stranger = await meeting.world.person(), await meeting.world.person()
    await meeting.world.invite(meeting.room, {absent.raw_id: Role.ATTENDEE})
    tries: list[Callable[[str], Awaitable[object]]] = [
        lambda raw_id: meeting.ops.spotlight(presenter, meeting.call_id, [raw_id]),
        lambda raw_id: meeting.ops.muted_by(presenter, meeting.call_id, [raw_id]),
        lambda raw_id: meeting.ops.media_access(presenter, meeting.call_id, [raw_id], access=MUTE),
    ]

    for attempt in tries:
        for user in (absent, stranger):
            with pytest.raises(NobodyThere):
                await attempt(user.raw_id)


async def test_a_revoked_user_does_nothing_though_nobody_has_settled_him(
    meeting: Meeting,
) -> None:
    ada = await meeting.enter()
    await meeting.world.elsewhere_identities.revoke(meeting.world.resource_id, ada.raw_id)

    with pytest.raises(SignedOut):
        await meeting.ops.raise_hand(ada, meeting.call_id)
