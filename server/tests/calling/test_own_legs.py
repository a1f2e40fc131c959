"""What one client knows of its own legs."""

from dataclasses import replace

from openrooms.calling.model import HUNG_UP
from openrooms.calling.own_legs import MOST_EARLY_ENDS, OwnLegs
from openrooms.rooms.model import Role

from .samples import LEG

DEMOTED = replace(LEG, role=Role.CONSUMER, version=2)


def opened() -> OwnLegs:
    own = OwnLegs()
    own.expect(LEG)
    own.open("leg")
    return own


def test_a_client_is_in_the_calls_of_the_legs_that_it_was_given() -> None:
    own = OwnLegs()
    own.expect(LEG)
    before = own.is_in("call")
    own.open("leg")

    assert (before, own.is_in("call"), own.is_in("other")) == (False, True, False)
    assert own.ids() == ["leg"]


def test_an_end_is_told_once() -> None:
    own = opened()

    assert [own.end("leg", HUNG_UP), own.end("leg", HUNG_UP)] == [True, False]
    assert not own.is_in("call")


def test_a_leg_that_ended_before_it_was_given_is_not_given() -> None:
    own = OwnLegs()
    own.expect(LEG)

    assert not own.end("leg", HUNG_UP)
    assert own.open("leg").end is HUNG_UP
    assert not own.is_in("call")


def test_an_end_that_comes_before_its_leg_is_remembered() -> None:
    own = OwnLegs()
    own.end("leg", HUNG_UP)
    own.expect(LEG)

    assert own.open("leg").end is HUNG_UP


def test_only_so_many_early_ends_are_remembered() -> None:
    own = OwnLegs()
    for number in range(MOST_EARLY_ENDS):
        own.end(str(number), HUNG_UP)
    own.end("leg", HUNG_UP)
    own.expect(LEG)

    assert own.open("leg").end is None


def test_a_role_is_told_to_whom_knows_the_leg_and_only_when_it_is_another() -> None:
    own = opened()

    told = [own.change_role(DEMOTED), own.change_role(DEMOTED), own.change_role(LEG)]
    same = own.change_role(replace(DEMOTED, version=3))

    assert told == [LEG, None, None]
    assert same is None
    assert own.told("leg") == replace(DEMOTED, version=3)


def test_a_leg_is_given_with_the_role_of_now() -> None:
    own = OwnLegs()
    own.expect(LEG)

    assert not own.change_role(DEMOTED)
    assert own.open("leg").leg.role is Role.CONSUMER


def test_of_two_reads_the_newer_version_counts() -> None:
    own = OwnLegs()
    own.expect(DEMOTED)
    own.expect(LEG)

    assert own.open("leg").leg.role is Role.CONSUMER


def test_of_a_leg_that_is_not_his_a_client_knows_nothing() -> None:
    own = OwnLegs()
    own.forget("leg")

    assert own.told("leg") is None
    assert not own.change_role(DEMOTED)
