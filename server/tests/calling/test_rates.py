"""How often and how much a client may speak."""

import pytest

from openrooms.calling import rates
from openrooms.calling.rates import Allowance, Rate, Rates, Share


class Watch:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def test_as_many_as_the_bucket_holds_may_come_at_once_and_no_more() -> None:
    rate = Rate(a_second=0.0, at_once=3)

    assert [rate.take() for _ in range(4)] == [True, True, True, False]


def test_the_bucket_fills_again_and_not_beyond_its_brim() -> None:
    watch = Watch()
    rate = Rate(a_second=2, at_once=4, now=watch)
    taken = [rate.take(4), rate.take()]
    watch.at = 1.0
    taken += [rate.is_full, rate.take(2), rate.take()]
    watch.at = 100.0
    taken += [rate.is_full, rate.take(5)]

    assert taken == [True, False, False, True, False, True, False]


def test_each_user_has_his_own() -> None:
    shared = Rates(a_second=0.0, at_once=1)

    assert [shared.take("ada"), shared.take("bo"), shared.take("ada")] == [True, True, False]


def test_who_has_spoken_lately_is_remembered_and_others_are_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rates, "FEW_KNOWN", 2)
    watch = Watch()
    shared = Rates(a_second=1, at_once=2, now=watch)
    shared.take("ada")
    watch.at = 10.0
    shared.take("bo", 2)
    shared.take("cy")

    assert not shared.take("bo")
    assert shared.take("ada", 2)


def test_nothing_is_kept_of_the_many_who_were_here_today() -> None:
    watch = Watch()
    shared = Rates(a_second=1, at_once=1, now=watch)
    for number in range(10 * rates.FEW_KNOWN):
        watch.at += 1.0
        shared.take(f"user {number}")

    assert shared.known <= rates.FEW_KNOWN


def test_of_many_who_are_here_at_once_each_is_remembered() -> None:
    shared = Rates(a_second=0, at_once=1)
    names = [f"user {number}" for number in range(3 * rates.FEW_KNOWN)]
    for name in names:
        shared.take(name)

    assert not any(shared.take(name) for name in names)


def of_one(messages: Rates, octets: Rates, *, own: int = 10) -> Allowance:
    """A connection of Ada's, with what she has for all of hers."""
    return Allowance(Share("ada", Rate(0, own), messages), Share("ada", Rate(0, 100), octets))


def test_a_connection_is_bounded_by_messages_and_by_bytes() -> None:
    plenty = Rates(0, 1_000)
    few, large = of_one(plenty, plenty, own=1), of_one(plenty, plenty)

    assert [few.take(1), few.take(1)] == [True, False]
    assert [large.take(60), large.take(60)] == [True, False]


def test_what_weighs_more_counts_more() -> None:
    one = of_one(Rates(0, 1_000), Rates(0, 1_000))

    assert [one.take(1), one.messages.take(9), one.messages.take()] == [True, True, False]


def test_the_connections_of_a_user_share_what_he_has() -> None:
    messages, octets = Rates(0, 15), Rates(0, 150)
    first, second, third = (of_one(messages, octets) for _ in range(3))

    assert [first.take(80), first.messages.take(9), second.take(60)] == [True, True, True]
    assert [second.messages.take(5), third.take(20)] == [False, False]
