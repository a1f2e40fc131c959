"""Who sends the same thing several times, as the engine reports and lists it."""

from collections.abc import Sequence
from uuid import uuid4

import pytest
from tests.clock import HandSeconds

from openrooms.calling.publications import MORE_SECONDS, SECOND_SECONDS, Publications, too_many
from openrooms.media.engine import EngineEvent, EventKind, Grants, Presence, Source, Track

CAMERA, MICROPHONE = Source.CAMERA, Source.MICROPHONE


@pytest.fixture
def seconds() -> HandSeconds:
    return HandSeconds()


@pytest.fixture
def publications(seconds: HandSeconds) -> Publications:
    return Publications(seconds)


def event(
    kind: EventKind, track: str = "", source: Source | None = None, *, stay: str = "stay"
) -> EngineEvent:
    return EngineEvent(
        str(uuid4()), kind, "call", "someone", stay, hung_up=False, track=track, source=source
    )


def published(track: str, source: Source | None = CAMERA, *, stay: str = "stay") -> EngineEvent:
    return event(EventKind.TRACK_PUBLISHED, track, source, stay=stay)


def unpublished(track: str) -> EngineEvent:
    return event(EventKind.TRACK_UNPUBLISHED, track, CAMERA)


def send_twice(publications: Publications) -> None:
    """Two cameras of somebody are reported."""
    for track in ("a", "b"):
        publications.published(published(track))


def presence(*tracks: str) -> Presence:
    listed = tuple(Track(track, CAMERA, is_video=True, muted=False) for track in tracks)
    return Presence("someone", "stay", active=True, grants=Grants(frozenset(Source)), tracks=listed)


@pytest.mark.parametrize(
    ("ages", "verdict"),
    [
        ([], False),
        ([3600], False),
        ([3600, SECOND_SECONDS - 0.1], False),
        ([3600, SECOND_SECONDS], True),
        ([3600, 5, MORE_SECONDS - 0.1], False),
        ([3600, 5, MORE_SECONDS], True),
        ([5, 5, 5, 0, 0], True),
        ([1] * 50, False),
        ([MORE_SECONDS] * 50, True),
    ],
)
def test_a_second_one_may_be_there_for_a_while_and_more_for_a_moment(
    ages: Sequence[float], verdict: bool
) -> None:
    assert too_many([1000.0 - age for age in ages], 1000.0) is verdict


def test_a_camera_and_a_microphone_are_not_the_same(
    publications: Publications, seconds: HandSeconds
) -> None:
    publications.published(published("a"))
    publications.published(published("b", MICROPHONE))

    seconds.advance(3600)

    assert publications.suspects() == []


def test_a_camera_sent_twice_for_long_is_suspect(
    publications: Publications, seconds: HandSeconds
) -> None:
    send_twice(publications)

    seconds.advance(SECOND_SECONDS - 1)
    before = publications.suspects()
    seconds.advance(1)

    assert (before, publications.suspects()) == ([], ["call"])
    assert publications.overdone("call", "stay")


def test_a_report_that_comes_again_makes_a_track_no_younger(
    publications: Publications, seconds: HandSeconds
) -> None:
    send_twice(publications)
    seconds.advance(SECOND_SECONDS)

    publications.published(published("b"))

    assert publications.suspects() == ["call"]


def test_a_camera_switched_off_and_on_again_and_again_is_not_suspect(
    publications: Publications, seconds: HandSeconds
) -> None:
    suspects: list[str] = []
    for number in range(100):
        publications.published(published(f"{number}"))
        seconds.advance(0.9)
        # The engine says late that the one before is gone.
        publications.unpublished(unpublished(f"{number - 1}"))
        suspects += publications.suspects()

    assert suspects == []


def test_a_stay_that_is_over_counts_no_more(
    publications: Publications, seconds: HandSeconds
) -> None:
    send_twice(publications)
    seconds.advance(SECOND_SECONDS)

    publications.left(event(EventKind.LEFT))

    assert publications.suspects() == []


def test_two_stays_do_not_add_up(publications: Publications, seconds: HandSeconds) -> None:
    """Whoever connects anew publishes everything anew."""
    publications.published(published("a"))
    publications.published(published("b", stay="another"))

    seconds.advance(3600)

    assert publications.suspects() == []


def test_what_is_listed_counts_though_nobody_reported_it(
    publications: Publications, seconds: HandSeconds
) -> None:
    publications.found("call", [presence("a", "b")], looked=seconds())
    seconds.advance(SECOND_SECONDS)
    publications.found("call", [presence("a", "b")], looked=seconds())

    assert publications.suspects() == ["call"]


def test_what_is_not_listed_is_gone_though_nobody_reported_it(
    publications: Publications, seconds: HandSeconds
) -> None:
    send_twice(publications)
    seconds.advance(SECOND_SECONDS)

    publications.found("call", [presence("b")], looked=seconds())

    assert publications.suspects() == []


def test_who_is_not_listed_sends_nothing(publications: Publications, seconds: HandSeconds) -> None:
    send_twice(publications)
    seconds.advance(SECOND_SECONDS)

    publications.found("call", [], looked=seconds())

    assert publications.suspects() == []


def test_what_was_reported_since_a_list_was_made_is_newer(
    publications: Publications, seconds: HandSeconds
) -> None:
    looked = seconds()
    seconds.advance(0.1)
    send_twice(publications)

    publications.found("call", [presence()], looked=looked)
    seconds.advance(SECOND_SECONDS)

    assert publications.suspects() == ["call"]


def test_rooms_that_are_over_are_forgotten(
    publications: Publications, seconds: HandSeconds
) -> None:
    send_twice(publications)
    seconds.advance(SECOND_SECONDS)

    publications.keep({"call"})
    before = publications.suspects()
    publications.keep({"another"})

    assert (before, publications.suspects()) == (["call"], [])
