"""How a call ends with its room's window."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.timing import NOTICE, Ending, Now, What, is_over, plan_end
from openrooms.rooms.settings.model import AtExpiry, RoomSettings

from .world import START

SERVED = datetime(1970, 1, 2, tzinfo=START.tzinfo)
MINUTES = st.integers(0, 90).map(lambda minutes: timedelta(minutes=minutes))


def test_what_is_set_for_a_room_goes_before_what_is_set_for_all() -> None:
    server = Ending(AtExpiry.END, timedelta(minutes=3))

    assert server.of_room(RoomSettings()) == server
    assert server.of_room(RoomSettings(AtExpiry.STAY, 0)) == Ending()


@given(MINUTES, MINUTES)
def test_a_call_that_stays_has_no_timer(past: timedelta, grace: timedelta) -> None:
    ending = Ending(AtExpiry.STAY, grace)

    assert plan_end(ending, START, armed={}, now=Now(START + past, SERVED)) == {}


@given(MINUTES, MINUTES)
def test_a_call_is_over_when_window_and_grace_are_and_not_before(
    past: timedelta, grace: timedelta
) -> None:
    ending = Ending(AtExpiry.END, grace)
    begun = plan_end(ending, START, armed={}, now=Now(START, SERVED))

    later = plan_end(ending, START, armed=begun, now=Now(START + past, SERVED + past))

    assert is_over(later, SERVED + past) == (past >= grace)
    assert later[What.ENDING] == START + grace


@given(MINUTES)
def test_before_the_window_ends_there_is_a_warning_and_then_the_end(left: timedelta) -> None:
    left += timedelta(seconds=1)
    plan = plan_end(Ending(AtExpiry.END), START, armed={}, now=Now(START - left, SERVED))

    assert plan[What.OVER] == START
    assert plan.get(What.WARNING) == (START - NOTICE if left > NOTICE else None)
    assert plan.get(What.ENDING) == (None if left > NOTICE else START)
    assert not is_over(plan, SERVED)
