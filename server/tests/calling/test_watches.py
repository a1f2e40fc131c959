"""What this process sees of the legs."""

import pytest

from openrooms.calling.model import HUNG_UP, MEDIA_LOST, NEVER_CONNECTED, VANISHED
from openrooms.calling.vitals import Link
from openrooms.calling.watches import Watches
from openrooms.media.engine import Heard

from .samples import LEG


class Seconds:
    """Monotonic seconds that move when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watches(seconds: Seconds, told: list[str]) -> Watches:
    made = Watches(seconds)
    made.begin(LEG)
    made.report_to(told.append)
    return made


def test_a_leg_is_seen_when_its_media_is_up_and_in_doubt_when_it_is_gone(watches: Watches) -> None:
    states = [watches.state("leg")]
    watches.joined("leg", "stay")
    states.append(watches.state("leg"))
    watches.left("leg", "stay", hung_up=False)
    states.append(watches.state("leg"))

    assert states == ["connecting", "connected", "reconnecting"]


def test_others_are_told_of_each_change_once(watches: Watches, told: list[str]) -> None:
    watches.joined("leg", "stay")
    watches.joined("leg", "stay")
    watches.agent("leg", Link.OPEN)

    assert told == ["call"]


def test_a_report_about_an_older_stay_ends_nothing(watches: Watches, seconds: Seconds) -> None:
    watches.agent("leg", Link.OPEN)
    watches.joined("leg", "new")
    watches.left("leg", "old", hung_up=True)
    seconds.now += 1000

    assert watches.overdue() == []


def test_who_hangs_up_is_gone_at_once_when_his_agent_is_gone(watches: Watches) -> None:
    watches.joined("leg", "stay")
    watches.agent("leg", Link.CLOSED)
    watches.left("leg", "stay", hung_up=True)

    assert watches.overdue() == [("leg", HUNG_UP)]


def test_a_session_started_anew_is_no_hang_up(watches: Watches, seconds: Seconds) -> None:
    watches.agent("leg", Link.OPEN)
    watches.joined("leg", "old")
    watches.left("leg", "old", hung_up=True)
    watches.gate("leg", Link.OPEN)
    seconds.now += 10
    watches.joined("leg", "new")
    seconds.now += 1000

    assert watches.overdue() == []


def test_a_seat_without_media_is_freed_after_twenty_seconds(
    watches: Watches, seconds: Seconds
) -> None:
    seconds.now += 19.9
    early = watches.overdue()
    seconds.now += 0.1

    assert early == []
    assert watches.overdue() == [("leg", NEVER_CONNECTED)]


def test_no_seat_is_freed_while_the_gate_keeps_its_owner_waiting(
    watches: Watches, seconds: Seconds
) -> None:
    with watches.held("leg"):
        seconds.now += 60
        with watches.held("leg"), watches.held("nobody"):
            seconds.now += 60
        waiting = watches.overdue()
    seconds.now += 19.9
    early = watches.overdue()
    seconds.now += 0.1

    assert waiting == early == []
    assert watches.overdue() == [("leg", NEVER_CONNECTED)]


def test_when_the_engine_dies_everyone_has_two_minutes(watches: Watches, seconds: Seconds) -> None:
    watches.agent("leg", Link.OPEN)
    watches.joined("leg", "stay")
    watches.engine_gone()
    seconds.now += 120

    assert watches.overdue() == [("leg", MEDIA_LOST)]


def test_a_forgotten_leg_is_no_longer_overdue(
    watches: Watches, seconds: Seconds, told: list[str]
) -> None:
    watches.forget("leg")
    watches.forget("leg")
    seconds.now += 1000

    assert watches.overdue() == []
    assert watches.watched() == []
    assert told == ["call"]


def test_what_is_not_watched_is_not_seen(watches: Watches) -> None:
    watches.joined("other", "stay")
    watches.left("other", "stay", hung_up=True)
    watches.gate("other", Link.OPEN)

    assert watches.state("other") == "connecting"
    assert watches.media_since("other") == 0.0


def test_a_leg_that_is_watched_already_goes_on_as_it_is(watches: Watches) -> None:
    watches.joined("leg", "stay")
    watches.begin(LEG)

    assert watches.state("leg") == "connected"


def test_after_an_outage_everyone_has_all_of_his_time_again(
    watches: Watches, seconds: Seconds
) -> None:
    seconds.now += 19
    watches.begin_anew()
    seconds.now += 19
    waits = watches.overdue()
    seconds.now += 1

    assert waits == []
    assert watches.overdue() == [(LEG.id, NEVER_CONNECTED)]


def test_silence_counts_from_the_last_that_was_heard(watches: Watches, seconds: Seconds) -> None:
    watches.agent(LEG.id, Link.OPEN)
    watches.joined(LEG.id, "stay")
    watches.left(LEG.id, "stay", hung_up=False, silent_for=20)
    seconds.now += 99
    waits = watches.overdue()
    seconds.now += 1

    assert waits == []
    assert watches.overdue() == [(LEG.id, MEDIA_LOST)]


def test_what_the_engine_hears_matters_while_everything_else_is_closed(
    watches: Watches, seconds: Seconds
) -> None:
    watches.joined(LEG.id, "stay")
    watches.gate(LEG.id, Link.OPEN)
    watches.agent(LEG.id, Link.CLOSED)
    before = watches.doubts
    watches.gate(LEG.id, Link.CLOSED)
    watches.hear({"another stay": Heard.NOTHING})
    seconds.now += 20
    alive = watches.overdue()
    watches.hear({"stay": Heard.NOTHING})
    silent = watches.overdue()
    watches.hear({"stay": Heard.WELL})

    assert (before, watches.doubts) == (False, True)
    assert (alive, silent, watches.overdue()) == ([], [(LEG.id, VANISHED)], [])
    watches.gate(LEG.id, Link.OPEN)
    assert not watches.doubts


def test_who_has_closed_everything_is_seen_as_reconnecting_until_he_is_back(
    watches: Watches, told: list[str]
) -> None:
    watches.joined(LEG.id, "stay")
    watches.agent(LEG.id, Link.OPEN)
    watches.gate(LEG.id, Link.OPEN)
    told.clear()

    states = []
    for note, link in [
        (watches.agent, Link.CLOSED),
        (watches.gate, Link.CLOSED),
        (watches.gate, Link.OPEN),
    ]:
        note(LEG.id, link)
        states.append(watches.state(LEG.id))

    assert states == ["connected", "reconnecting", "connected"]
    assert told == [LEG.call_id, LEG.call_id]


def test_who_is_lost_is_seen_as_reconnecting_once_the_engine_hears_nothing_of_him(
    watches: Watches, told: list[str]
) -> None:
    watches.joined(LEG.id, "stay")
    watches.agent(LEG.id, Link.LOST)
    watches.gate(LEG.id, Link.LOST)
    told.clear()

    states = [watches.state(LEG.id)]
    for heard in (Heard.NOTHING, Heard.NOTHING, Heard.WELL, Heard.NOTHING):
        watches.hear({"stay": heard})
        states.append(watches.state(LEG.id))
    watches.agent(LEG.id, Link.OPEN)
    states.append(watches.state(LEG.id))
    watches.agent(LEG.id, Link.LOST)
    states.append(watches.state(LEG.id))

    away, here = "reconnecting", "connected"
    assert states == [here, away, away, here, away, here, here]
    assert told == [LEG.call_id] * 4


@pytest.mark.parametrize(("seconds_in", "gone"), [(1, True), (60, False)])
def test_who_is_heard_badly_is_gone_when_the_engine_had_no_time_to_know_him(
    watches: Watches, seconds: Seconds, seconds_in: int, gone: bool
) -> None:
    watches.joined(LEG.id, "stay")
    seconds.now += seconds_in
    watches.agent(LEG.id, Link.CLOSED)
    watches.gate(LEG.id, Link.CLOSED)
    watches.hear({"stay": Heard.BADLY})

    seconds.now += 19

    assert watches.overdue() == ([(LEG.id, VANISHED)] if gone else [])


def test_a_leg_that_is_no_more_is_in_no_doubt(watches: Watches) -> None:
    watches.joined(LEG.id, "stay")
    watches.agent(LEG.id, Link.CLOSED)
    watches.gate(LEG.id, Link.CLOSED)

    watches.forget(LEG.id)

    assert not watches.doubts
