"""What ends with a leg that ends."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from openrooms.calling.capabilities import CallKind
from openrooms.calling.endings import Rest, fallout
from openrooms.calling.model import (
    CANCELLED,
    DECLINED,
    HUNG_UP,
    MEDIA_LOST,
    NEVER_CONNECTED,
    NO_ANSWER,
    OTHER_LEFT,
    OTHER_NEVER_CAME,
    REMOVED_BY_OTHER,
    REVOKED,
    UNREACHABLE,
    VANISHED,
    Call,
    EndReason,
    LegState,
)

from .samples import LEG

ADA = replace(LEG, id="a", raw_id="8:acs:ada", role=None)
BO = replace(LEG, id="b", raw_id="8:acs:bo", role=None)
RINGING = replace(BO, state=LegState.RINGING)
TWO = Call("c", "r", CallKind.DIRECT, "s", datetime(2026, 11, 22, tzinfo=UTC), two_party=True)
MANY = replace(TWO, two_party=False)
GROUP = replace(MANY, kind=CallKind.GROUP)


@pytest.mark.parametrize(
    ("last", "told"),
    [
        (HUNG_UP, OTHER_LEFT),
        (REMOVED_BY_OTHER, OTHER_LEFT),
        (REVOKED, OTHER_LEFT),
        (VANISHED, VANISHED),
        (MEDIA_LOST, VANISHED),
        (NEVER_CONNECTED, OTHER_NEVER_CAME),
        (DECLINED, DECLINED),
        (NO_ANSWER, NO_ANSWER),
        (UNREACHABLE, UNREACHABLE),
    ],
)
def test_of_two_the_other_ends_with_a_reason_of_his_own(last: EndReason, told: EndReason) -> None:
    assert fallout(Rest(TWO, [ADA], {ADA.raw_id, BO.raw_id}, last)) == [(ADA, told)]


def test_two_devices_of_one_user_keep_no_call_of_two_alive() -> None:
    other = replace(ADA, id="x")

    assert fallout(Rest(TWO, [ADA, other], {ADA.raw_id}, HUNG_UP)) == [
        (ADA, OTHER_LEFT),
        (other, OTHER_LEFT),
    ]


@pytest.mark.parametrize("call", [TWO, MANY, GROUP])
def test_where_nobody_is_left_nothing_rings_on(call: Call) -> None:
    assert fallout(Rest(call, [RINGING], {ADA.raw_id}, HUNG_UP)) == [(RINGING, CANCELLED)]


@pytest.mark.parametrize("call", [TWO, MANY, GROUP])
def test_while_it_still_rings_the_caller_waits(call: Call) -> None:
    assert fallout(Rest(call, [ADA, RINGING], {ADA.raw_id}, DECLINED)) == []


def test_who_called_many_and_reached_nobody_is_told_the_last_reason() -> None:
    assert fallout(Rest(MANY, [ADA], {ADA.raw_id}, NO_ANSWER)) == [(ADA, NO_ANSWER)]


def test_the_last_of_many_who_were_there_stays() -> None:
    assert fallout(Rest(MANY, [ADA], {ADA.raw_id, BO.raw_id}, HUNG_UP)) == []


def test_one_alone_in_a_group_stays() -> None:
    assert fallout(Rest(GROUP, [ADA], {ADA.raw_id}, DECLINED)) == []
