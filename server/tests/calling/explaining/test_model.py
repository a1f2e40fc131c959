"""An explanation and a join are one decision."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.errors import JoinRefused
from openrooms.calling.explaining.model import (
    Outcome,
    Seen,
    Source,
    When,
    choose_when,
    explain,
    role_before,
)
from openrooms.calling.model import RULES, Door, Visit, admit
from openrooms.rooms.model import Role, Room, Window

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ROOM = Room(1, "r", NOW, Window(NOW, NOW + timedelta(hours=1)), False)  # noqa: FBT003 - as it stands
OPEN = Door(ROOM, Role.ATTENDEE, signed_in=True, live_legs=1, most_legs=2)
DOORS = st.builds(
    Door,
    room=st.sampled_from([None, ROOM, ROOM]),
    role=st.sampled_from([None, *Role]),
    signed_in=st.booleans(),
    live_legs=st.integers(0, 3),
    most_legs=st.integers(1, 3),
    comes_back=st.booleans(),
)
VISITS = st.builds(
    Visit,
    DOORS,
    st.integers(-2, 4).map(lambda halves: NOW + timedelta(minutes=30 * halves)),
    st.integers(0, 2),
)
SEEN = st.builds(
    Seen,
    VISITS,
    st.sampled_from(When),
    made_later=st.booleans(),
    counted=st.booleans(),
    listed=st.booleans(),
    ours=st.booleans(),
)


CHANGED = '{"added": [], "changed": [{"rawId": "ann", "formerRole": "Consumer"}], "removed": []}'
REMOVED = '{"added": [], "changed": [], "removed": [{"rawId": "ann", "formerRole": "Attendee"}]}'
ADDED = '{"added": [{"rawId": "ann"}], "changed": [], "removed": [{"rawId": "bob"}]}'
UNSAID = '{"added": [], "changed": [{"rawId": "ann"}], "removed": []}'


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ([], (Role.PRESENTER, True)),
        ([ADDED.replace("ann", "bob")], (Role.PRESENTER, True)),
        ([CHANGED, REMOVED], (Role.CONSUMER, True)),
        ([REMOVED, ADDED], (Role.ATTENDEE, True)),
        ([ADDED, CHANGED], (None, True)),
        # As an older version told it.
        ([UNSAID, REMOVED], (Role.PRESENTER, False)),
    ],
)
def test_the_first_change_of_a_user_says_what_he_was_before(
    changes: list[str], before: tuple[Role | None, bool]
) -> None:
    assert role_before(changes, "ann", Role.PRESENTER) == before


def refusal(visit: Visit) -> type[JoinRefused] | None:
    """How a join is refused; None: it is not."""
    try:
        admit(visit.door, visit.at, leaving=visit.leaving)
    except JoinRefused as refused:
        return type(refused)
    return None


@given(SEEN)
def test_the_rule_that_is_named_is_the_one_that_refuses_the_join(seen: Seen) -> None:
    broken, steps = explain(seen)

    assert refusal(seen.visit) == (broken.refusal if broken else None)
    named = [step.rule for step in steps if step.outcome is Outcome.REFUSES]
    assert named == ([broken.name] if broken else [])


@given(SEEN)
def test_rules_hold_up_to_it_and_of_those_behind_it_nothing_is_told(seen: Seen) -> None:
    broken, steps = explain(seen)

    place = RULES.index(broken) if broken else len(RULES)
    assert [step.rule for step in steps] == [rule.name for rule in RULES]
    assert {step.outcome for step in steps[:place]} <= {Outcome.HOLDS}
    assert {(step.outcome, step.source, step.says) for step in steps[place + 1 :]} <= {
        (Outcome.NOT_ASKED, None, "Not asked.")
    }
    # Each rule alone says so, too.
    assert all(rule.holds(seen.visit) for rule in RULES[:place])


@given(VISITS)
def test_a_visitor_who_comes_in_has_the_role_of_the_roster(visit: Visit) -> None:
    with suppress(JoinRefused):
        assert admit(visit.door, visit.at, leaving=visit.leaving) is visit.door.role


@pytest.mark.parametrize(
    ("seen", "place", "source", "says"),
    [
        (Seen(Visit(OPEN, NOW), When.NOW), 0, Source.AS_OF_NOW, "The user exists."),
        (Seen(Visit(OPEN, NOW), When.NOW, ours=False), 0, Source.AS_OF_NOW, "A user of another"),
        (Seen(Visit(OPEN, NOW), When.NOW), 1, Source.AS_OF_NOW, "The room is there."),
        (Seen(Visit(OPEN, NOW), When.PAST), 2, Source.AS_OF_NOW, "On the roster as Attendee."),
        (Seen(Visit(OPEN, NOW), When.PAST, listed=True), 2, Source.RECORD, "On the roster as"),
        (Seen(Visit(OPEN, NOW), When.PAST), 3, Source.AS_OF_NOW, "Open from 2026-11-22T09:00:00"),
        (Seen(Visit(OPEN, NOW), When.PAST), 4, Source.RECORD, "Seats taken: 1 of 2."),
        (Seen(Visit(OPEN, NOW), When.FUTURE), 4, Source.AS_OF_NOW, "Seats taken: 1 of 2."),
        (Seen(Visit(OPEN, NOW, 1), When.NOW), 4, Source.AS_OF_NOW, "Seats taken: 1 of 2, 1 of"),
        (
            Seen(Visit(OPEN, NOW), When.PAST, counted=False),
            4,
            Source.AS_OF_NOW,
            "Who was in the call then is no longer on record",
        ),
    ],
)
def test_each_rule_says_with_which_facts_and_where_they_come_from(
    seen: Seen, place: int, source: Source, says: str
) -> None:
    _, steps = explain(seen)

    assert steps[place].source is source
    assert steps[place].says.startswith(says)


def test_a_room_that_was_made_later_is_known_from_its_own_row() -> None:
    before = Seen(Visit(Door(None, None, signed_in=True, live_legs=0), NOW), When.PAST, True)  # noqa: FBT003 - as it stands

    broken, steps = explain(before)

    assert broken is RULES[1]
    assert (steps[1].source, steps[1].says) == (Source.RECORD, "The room was made later.")


def test_a_moment_lies_before_now_or_behind_it() -> None:
    second = timedelta(seconds=1)

    assert choose_when(None, NOW) is choose_when(NOW, NOW) is When.NOW
    assert choose_when(NOW - second, NOW) is When.PAST
    assert choose_when(NOW + second, NOW) is When.FUTURE
