"""How often a client may speak."""

from openrooms.calling.rates import Rate


def test_as_many_as_the_bucket_holds_may_come_at_once_and_no_more() -> None:
    rate = Rate(a_second=0.0, at_once=3)

    assert [rate.take() for _ in range(4)] == [True, True, True, False]


def test_the_bucket_fills_again() -> None:
    rate = Rate(a_second=1e9, at_once=1)

    assert [rate.take() for _ in range(3)] == [True, True, True]
