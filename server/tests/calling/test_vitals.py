"""How long a quiet leg is waited for."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.calling.model import HUNG_UP, MEDIA_LOST, NEVER_CONNECTED, VANISHED, EndReason
from openrooms.calling.vitals import Link, Media, Vitals, limit, unseen

GONE = (Link.CLOSED, Link.LOST)


def vitals(agent: Link, gate: Link, media: Media) -> Vitals:
    return Vitals(agent, 10.0, gate, 20.0, media, 30.0)


def test_a_leg_with_media_and_agent_stays() -> None:
    assert limit(vitals(Link.OPEN, Link.LOST, Media.UP)) is None


@pytest.mark.parametrize(
    ("seen", "moment", "reason"),
    [
        (vitals(Link.CLOSED, Link.CLOSED, Media.GONE), 39.0, VANISHED),
        (vitals(Link.CLOSED, Link.CLOSED, Media.UP), 70.0, VANISHED),
        (replace(vitals(Link.CLOSED, Link.CLOSED, Media.UP), unheard=True), 39.0, VANISHED),
        (replace(vitals(Link.CLOSED, Link.LOST, Media.UP), unheard=True), 70.0, VANISHED),
        (vitals(Link.LOST, Link.LOST, Media.GONE), 150.0, MEDIA_LOST),
        (vitals(Link.OPEN, Link.OPEN, Media.GONE), 150.0, MEDIA_LOST),
        (vitals(Link.CLOSED, Link.LOST, Media.GONE), 150.0, MEDIA_LOST),
        (vitals(Link.CLOSED, Link.OPEN, Media.UP), 70.0, VANISHED),
        (vitals(Link.LOST, Link.OPEN, Media.UP), 70.0, VANISHED),
        (vitals(Link.OPEN, Link.OPEN, Media.NEVER), 50.0, NEVER_CONNECTED),
        (vitals(Link.LOST, Link.LOST, Media.NEVER), 50.0, NEVER_CONNECTED),
        (vitals(Link.CLOSED, Link.OPEN, Media.LEFT), 30.0, HUNG_UP),
        (vitals(Link.OPEN, Link.CLOSED, Media.LEFT), 33.0, HUNG_UP),
        (vitals(Link.OPEN, Link.OPEN, Media.LEFT), 50.0, HUNG_UP),
    ],
)
def test_a_quiet_leg_ends_after_its_time_with_its_code(
    seen: Vitals, moment: float, reason: EndReason
) -> None:
    assert limit(seen) == (moment, reason)


def test_a_gate_that_closes_late_leaves_time_to_come_back_after_a_leave() -> None:
    seen = vitals(Link.OPEN, Link.OPEN, Media.LEFT).with_gate(Link.CLOSED, 40.0)

    assert limit(seen) == (43.0, HUNG_UP)


def test_the_time_for_which_the_gate_keeps_somebody_waiting_is_not_his() -> None:
    held = unseen(10.0, had_media=False).held(12.0)

    assert limit(held) is None
    assert limit(held.let_go(50.0)) == (68.0, NEVER_CONNECTED)
    assert limit(held.anew(40.0).let_go(50.0)) == (70.0, NEVER_CONNECTED)


def test_waiting_at_the_gate_lengthens_nothing_for_who_had_media() -> None:
    lost = unseen(10.0, had_media=True)

    assert limit(lost.held(20.0)) == limit(lost.held(20.0).let_go(90.0)) == limit(lost)


def test_after_a_restart_the_waiting_begins_anew() -> None:
    assert limit(unseen(500.0, had_media=True)) == (620.0, MEDIA_LOST)
    assert limit(unseen(500.0, had_media=False)) == (520.0, NEVER_CONNECTED)


@pytest.mark.parametrize("link", Link)
def test_seeing_the_same_again_does_not_start_the_waiting_anew(link: Link) -> None:
    seen = vitals(link, link, Media.GONE)

    assert seen.with_agent(link, 99.0).with_gate(link, 99.0).with_media(Media.GONE, 99.0) == seen


@given(st.sampled_from([Media.NEVER, Media.LEFT]))
def test_media_that_is_missed_stays_what_it_was(media: Media) -> None:
    seen = vitals(Link.OPEN, Link.OPEN, media)

    assert seen.with_media(Media.GONE, 99.0) == seen


@given(st.sampled_from(Link), st.sampled_from(Link), st.sampled_from(Media))
def test_only_media_with_an_agent_stays_for_ever(agent: Link, gate: Link, media: Media) -> None:
    stays = limit(vitals(agent, gate, media)) is None

    assert stays == (media is Media.UP and agent is Link.OPEN)
