"""What happens when: the cases of calls in rooms, through the browser SDK."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from azure.communication.identity import CommunicationTokenScope, CommunicationUserIdentifier
from calls.columns import NOT_HERE, RULES
from calls.meeting import JOIN, MET_WITHIN, START
from support.browser import Town
from support.deadlines import wait_for
from support.likeness import DOCTOR, PATIENT
from support.office import CONSUMER, PRESENTER, Office, User
from support.report import figure
from support.sdkpage import Client, Look

HERE = Path(__file__).parent
HOUR = timedelta(hours=1)
SEEN_WITHIN = 2.0
GROUP = "5f0f4a6e-0d3c-4c1b-8a57-6a3f1f2b9c10"

# What other suites show, and where.
ELSEWHERE = {
    "c-03": "e2e/test_strangers.py::test_before_the_window_opens_and_after_it_closes_nobody_joins",
    "c-07": "e2e/test_strangers.py::test_an_expired_token_is_refused",
    "c-08": "wire/test_races.py::"
    "test_of_many_who_come_at_once_exactly_as_many_get_in_as_there_are_places",
    "c-09": "e2e/test_removal.py::test_who_is_removed_is_out_within_two_seconds_and_others_see_it",
    "c-10": "calls/rows_people.py::a_presenter_rings_in_whom_the_roster_has_and_nobody_else",
    "c-12": "e2e/test_roles.py::"
    "test_who_is_made_consumer_is_neither_seen_nor_heard_within_two_seconds",
    "c-13": "e2e/test_removal.py::test_a_deleted_room_ends_the_call_for_everyone",
    "c-14": "calls/test_time.py::"
    "test_where_calls_end_with_the_window_everyone_is_warned_and_then_out",
    "c-20": "e2e/test_reload.py::test_a_reloaded_page_comes_back_and_is_shown_once",
    "c-21": "fault/test_leg_ends.py::vanishes",
    "c-22": "fault/test_leg_ends.py::never_sends",
    "c-23": "fault/test_leg_ends.py::falls_silent",
    "c-24": "calls/test_time.py::test_a_call_that_has_lasted_as_long_as_it_may_ends",
}


@pytest.fixture(scope="module")
def guest(neighbours: Town, sdk_page: str) -> Client:
    """Somebody in front of a browser, whoever he is at the moment."""
    client = Client(neighbours.call(DOCTOR), sdk_page)
    client.open()
    return client


@pytest.fixture
def room(office: Office, guest: Client) -> Iterator[str]:
    """A room with the guest on its roster."""
    user = office.user()
    guest.enter(user, "Ann")
    yield office.room({user: PRESENTER})
    guest.do("await app.leave()")


@pytest.fixture(scope="module")
def companion(neighbours: Town, sdk_page: str) -> Client:
    """Somebody else in front of a browser."""
    client = Client(neighbours.call(PATIENT), sdk_page)
    client.open()
    return client


@pytest.fixture
def watcher(office: Office, companion: Client, room: str) -> Iterator[Client]:
    """One more on the roster of the room, and not yet in its call."""
    user = office.user()
    office.invite(room, user)
    companion.enter(user, "Ben")
    yield companion
    companion.do("await app.leave()")


def _join(guest: Client, room: str) -> None:
    guest.do(JOIN, place={"roomId": room}, camera=False, muted=True)


def _refused(guest: Client, room: str) -> Look:
    """A join that leads to nothing, seen as an app sees it."""
    seen = len(guest.heard())
    _join(guest, room)
    end = guest.ends(within=MET_WITHIN)
    told = guest.heard()[seen:]
    assert told == ["calls +1 -0", "Connecting", "Disconnected", "calls +0 -1"]
    assert end.others == []
    return end


@pytest.mark.rule("c-01", "c-04", "c-05", "c-32")
def test_who_is_not_invited_or_names_no_room_is_refused_with_the_reason(
    office: Office, guest: Client, room: str
) -> None:
    deleted = office.room({guest.user: PRESENTER})
    office.delete(deleted)
    other = office.room({})

    ends = [_refused(guest, each) for each in (other, "99430570737419440", deleted, "12")]
    office.invite(other, guest.user)
    _join(guest, other)
    guest.is_in("Connected", within=MET_WITHIN)

    assert [end.end for end in ends] == ["403/5828", "404/5732", "404/5732", "400/5751"]
    assert ends[0].categories == ["UnexpectedClientError"]
    assert ends[1].categories == ["ExpectedError"]
    guest.do("await app.call.hangUp()")


@pytest.mark.rule("c-02")
def test_before_its_window_nobody_joins_a_room(office: Office, guest: Client, room: str) -> None:
    opens = datetime.now(UTC) + HOUR
    early = str(office.rooms.create_room(valid_from=opens, valid_until=opens + HOUR).id)
    office.invite(early, guest.user)

    assert _refused(guest, early).end == "403/5829"


@pytest.mark.rule("c-16", "c-17", "c-25", "c-26", "c-31")
def test_the_first_is_alone_leaves_for_himself_and_may_come_again(guest: Client, room: str) -> None:
    _join(guest, room)
    guest.is_in("Connected", within=MET_WITHIN)
    first = guest.look()

    assert (first.others, first.role) == ([], "Presenter")
    assert guest.refusal("await app.call.hangUp({ forEveryone: true })") == "403/49007"
    assert guest.look().state == "Connected"
    guest.do("await app.call.hangUp()")
    assert (guest.look().end, guest.look().categories) == ("0/0", ["Success"])
    _join(guest, room)
    guest.is_in("Connected", within=MET_WITHIN)
    assert guest.look().id != first.id
    assert "InLobby" not in guest.heard()
    guest.do("await app.call.hangUp()")


@pytest.mark.rule("c-18", "c-19")
def test_a_user_has_one_agent_in_a_page_and_may_come_from_another(
    guest: Client, watcher: Client, room: str, people: Town, sdk_page: str
) -> None:
    second = "await new app.CallClient().createCallAgent(app.credential(it.token))"
    assert guest.refusal(second, token=guest.user.token) == "409/40228"
    elsewhere = Client(people.call(DOCTOR), sdk_page)
    elsewhere.open()
    elsewhere.enter(guest.user, "Ann")

    for each in (watcher, guest, elsewhere):
        _join(each, room)
        each.is_in("Connected", within=MET_WITHIN)

    assert guest.look().state == "Connected"
    assert guest.look().id == elsewhere.look().id
    seen = partial(watcher.other, guest)
    wait_for("both devices", lambda: (one := seen()) and one.endpoints == 2, within=SEEN_WITHIN)
    assert len(watcher.look().others) == 1
    elsewhere.do("await app.call.hangUp()")
    wait_for("one device", lambda: (one := seen()) and one.endpoints == 1, within=SEEN_WITHIN)
    assert guest.look().state == "Connected"
    elsewhere.do("await app.leave()")


@pytest.mark.rule("c-30")
def test_who_may_only_join_begins_nothing_but_a_call_in_his_room(
    office: Office, guest: Client, watcher: Client, room: str
) -> None:
    callee = office.user()
    who = CommunicationUserIdentifier(guest.user.raw_id)
    token = office.identities.get_token(who, [CommunicationTokenScope.VOIP_JOIN]).token
    guest.enter(User(guest.user.raw_id, token), "Ann")

    guest.do(START, ids=[callee.raw_id], camera=False, muted=True)
    started = guest.ends(within=MET_WITHIN).end
    guest.do(JOIN, place={"groupId": GROUP}, camera=False, muted=True)
    gathered = guest.ends(within=MET_WITHIN).end
    watcher.do(JOIN, place={"groupId": GROUP}, camera=False, muted=True)
    watcher.is_in("Connected", within=MET_WITHIN)
    for place in ({"groupId": GROUP}, {"roomId": room}):
        guest.do(JOIN, place=place, camera=False, muted=True)
        guest.is_in("Connected", within=MET_WITHIN)
        guest.do("await app.call.hangUp()")

    assert (started, gathered) == ("403/10124", "403/10124")


@pytest.mark.rule("c-09", "c-12", "c-25")
def test_others_see_a_new_role_and_what_it_takes_away_and_who_is_gone(
    office: Office, guest: Client, watcher: Client, room: str
) -> None:
    for each in (watcher, guest):
        each.do(JOIN, place={"roomId": room})
        each.is_in("Connected", within=MET_WITHIN)
    guest.sees(watcher, within=MET_WITHIN)
    watcher.do("await app.call.feature(app.Features.RaiseHand).raiseHand()")
    hands = "return app.call.feature(app.Features.RaiseHand).getRaisedHands().length"
    _within("the hand", lambda: guest.do(hands) == 1)

    def is_seen_as_consumer() -> bool:
        other = guest.other(watcher)
        quiet = other is not None and other.muted and not other.shows("Video")
        return quiet and other is not None and other.role == "Consumer" and guest.do(hands) == 0

    office.invite(room, watcher.user, CONSUMER)
    _within("made Consumer, seen by others", is_seen_as_consumer)
    mine = watcher.look()
    assert (mine.state, mine.role, mine.muted, mine.video) == (
        *("Connected", "Consumer"),
        *(True, False),
    )
    assert watcher.heard()[-20:].count("RoleChanged") == 1

    office.expel(room, watcher.user)
    _within("removed, seen by others", lambda: guest.look().others == [])
    end = watcher.ends(within=SEEN_WITHIN)
    assert (end.end, end.categories) == ("0/5317", ["ExpectedError"])
    assert guest.look().state == "Connected"


def _within(what: str, is_so: Callable[[], bool]) -> None:
    _, took = wait_for(what, is_so, within=10, every=0.02)
    figure(what, took, at_most=SEEN_WITHIN, unit="s")


def test_no_case_of_the_list_is_left_out() -> None:
    marks = re.findall(r"mark\.rule\(([^)]*)\)", Path(__file__).read_text())
    marked = {name for text in marks for name in re.findall(r"c-\d\d", text)}

    assert set(RULES) - marked - set(ELSEWHERE) - set(NOT_HERE) == set()


@pytest.mark.parametrize("place", ELSEWHERE.values())
def test_what_other_suites_show_is_there(place: str) -> None:
    file, _, name = place.partition("::")

    assert re.search(rf"\b{name}\b", (HERE.parent / file).read_text())
