"""In a large room who asks for silent microphones waits for his turn; who speaks is heard first; nothing is lost."""

import asyncio

import pytest
from livekit.protocol import models, rtc

from openrooms.media.livekit import hall as halls
from openrooms.media.livekit.hall import LARGE, LONGEST_WAIT, MOST_HELD, MOST_VOICES, Hall, Person

pytestmark = pytest.mark.anyio

MIC, OTHER = "TR_AMada", "TR_AMbob"
PUBLISH = rtc.SignalRequest(add_track=rtc.AddTrackRequest(cid="c")).SerializeToString()


class Ear:
    """A connection that keeps what it asks the engine for; `order` is one for all."""

    def __init__(self, order: list["Ear"]) -> None:
        self.asked: list[rtc.UpdateSubscription] = []
        self.told: list[tuple[str, bool]] = []
        self.done = asyncio.Event()
        self._order = order

    def ask(self, request: bytes) -> None:
        self.asked.append(rtc.SignalRequest.FromString(request).subscription)
        self._order.append(self)
        self.done.set()

    def tell(self, speaker: str, message: bytes) -> None:
        (one,) = rtc.SignalResponse.FromString(message).speakers_changed.speakers
        assert one.sid == speaker
        self.told.append((one.sid, one.active))

    async def heard(self) -> list[str]:
        """What it asks for, once it does."""
        async with asyncio.timeout(20):
            await self.done.wait()
        return [sid for one in self.asked for sid in one.track_sids]


@pytest.fixture(autouse=True)
def nobody_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halls, "NEW_SECONDS", 0.0)


def filled(people: int) -> tuple[Hall, list[Ear], list[Person], list[Ear]]:
    """A room with so many in it: their connections, who they are, and the order in which they had turns."""
    hall, order = Hall(), list[Ear]()
    ears = [Ear(order) for _ in range(people)]
    return hall, ears, [hall.enter(ear, f"somebody-{at}") for at, ear in enumerate(ears)], order


def wish(*sids: str, wanted: bool = True) -> rtc.UpdateSubscription:
    """As livekit-client names tracks: twice."""
    tracks = [models.ParticipantTracks(participant_sid="PA_x", track_sids=sids)]
    return rtc.UpdateSubscription(track_sids=sids, subscribe=wanted, participant_tracks=tracks)


def publishes(sid: str) -> bytes:
    track = rtc.TrackPublishedResponse(cid="c", track=models.TrackInfo(sid=sid))
    return rtc.SignalResponse(track_published=track).SerializeToString()


def enters(sid: str) -> bytes:
    """The engine's first message: the room comes before who enters it, and others after."""
    join = rtc.JoinResponse(
        room=models.Room(sid="RM_1", name="call", num_participants=3),
        participant=models.ParticipantInfo(sid=sid, identity="x"),
        other_participants=[models.ParticipantInfo(sid="PA_other")],
    )
    return rtc.SignalResponse(join=join).SerializeToString()


def speaks(sid: str, *, active: bool = True) -> bytes:
    told = rtc.SpeakersChanged(speakers=[models.SpeakerInfo(sid=sid, active=active, level=0.5)])
    return rtc.SignalResponse(speakers_changed=told).SerializeToString()


async def test_in_a_small_room_nobody_waits(anyio_backend: str) -> None:
    hall, ears, _, _ = filled(LARGE - 1)

    assert not hall.hold(ears[0], wish(MIC))


async def test_who_has_just_come_does_not_wait(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(halls, "NEW_SECONDS", 3600.0)
    hall, ears, _, _ = filled(LARGE)

    assert not hall.hold(ears[0], wish(MIC))


async def test_in_a_large_room_all_have_their_turn_one_after_the_other(anyio_backend: str) -> None:
    hall, ears, _, order = filled(2 * LARGE)
    for ear in ears:
        assert hall.hold(ear, wish(MIC))

    await ears[0].heard()
    by_then = len(order)
    for ear in ears:
        assert await ear.heard() == [MIC]

    assert by_then < LARGE
    assert order == ears


@pytest.mark.parametrize(("people", "waits"), [(LARGE - 1, [0, 0, 0]), (LARGE, [0, 0.25, 0.5])])
def test_in_a_large_room_what_is_published_waits_for_its_turn(
    monkeypatch: pytest.MonkeyPatch, people: int, waits: list[float]
) -> None:
    monkeypatch.setattr(halls, "monotonic", lambda: 1_000.0)
    hall, _, _, _ = filled(people)

    assert [hall.wait_to_publish(PUBLISH) for _ in waits] == pytest.approx(waits)


def test_however_many_publish_at_once_nobody_waits_for_longer_than_his_client(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(halls, "monotonic", lambda: 1_000.0)
    hall, _, _, _ = filled(LARGE)

    waits = [hall.wait_to_publish(PUBLISH) for _ in range(8 * LARGE)]

    assert max(waits) == waits[-1] == pytest.approx(LONGEST_WAIT)
    assert waits == sorted(waits)


def test_a_turn_that_nobody_takes_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halls, "monotonic", lambda: 1_000.0)
    hall, _, _, _ = filled(LARGE)
    hall.wait_to_publish(PUBLISH)
    monkeypatch.setattr(halls, "monotonic", lambda: 1_001.0)

    assert hall.wait_to_publish(PUBLISH) == 0


def test_what_publishes_nothing_waits_for_nobody() -> None:
    hall, _, _, _ = filled(LARGE)
    hall.wait_to_publish(PUBLISH)
    mute = rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=MIC, muted=True)).SerializeToString()

    assert hall.wait_to_publish(mute) == 0


async def test_all_that_one_waits_for_is_asked_for_together(anyio_backend: str) -> None:
    hall, ears, _, _ = filled(LARGE)
    assert hall.hold(ears[0], wish(MIC))
    assert hall.hold(ears[0], wish(OTHER))

    assert await ears[0].heard() == [MIC, OTHER]
    assert len(ears[0].asked) == 1
    assert ears[0].asked[0].subscribe


async def test_what_is_not_wanted_any_more_is_not_asked_for(anyio_backend: str) -> None:
    hall, ears, _, _ = filled(LARGE)
    for ear in ears[:2]:
        assert hall.hold(ear, wish(MIC))

    assert hall.hold(ears[0], wish(MIC, wanted=False))
    await ears[1].heard()

    assert not ears[0].asked
    # It is not waited for, so the engine has to hear of it.
    assert not hall.hold(ears[0], wish(MIC, wanted=False))
    assert not hall.hold(ears[0], wish(MIC, OTHER, wanted=False))


@pytest.mark.parametrize(
    "asked",
    [
        wish("TR_VCada"),
        wish(MIC, "TR_VCada"),
        wish("TR_AM" + "x" * 100),
        wish(*(f"TR_AM{number}" for number in range(MOST_HELD + 1))),
    ],
)
async def test_pictures_and_what_is_out_of_the_ordinary_do_not_wait(
    anyio_backend: str, asked: rtc.UpdateSubscription
) -> None:
    hall, ears, _, _ = filled(LARGE)

    assert not hall.hold(ears[0], asked)


@pytest.mark.parametrize("early", [False, True])
async def test_who_would_hear_somebody_that_speaks_goes_first(
    anyio_backend: str, *, early: bool
) -> None:
    hall, ears, people, order = filled(LARGE)
    speaker = people[0]
    for message in (enters("PA_bob"), publishes("TR_VCbob"), publishes(OTHER)):
        hall.note(speaker, message)
    if early:
        hall.note(speaker, speaks("PA_bob"))
    for ear in ears[1:]:
        hall.hold(ear, wish(MIC))
    hall.hold(ears[-1], wish(OTHER))
    if not early:
        hall.note(speaker, speaks("PA_ada"))
        hall.note(speaker, speaks("PA_bob"))

    assert await ears[-1].heard() == [MIC, OTHER]
    assert order[0] is ears[-1]


async def test_who_spoke_before_is_as_silent_as_others(anyio_backend: str) -> None:
    hall, ears, people, order = filled(LARGE)
    for message in (enters("PA_bob"), publishes(OTHER)):
        hall.note(people[0], message)
    for active in (True, False):
        hall.note(people[0], speaks("PA_bob", active=active))
    hall.hold(ears[1], wish(MIC))
    hall.hold(ears[2], wish(OTHER))

    await ears[2].heard()

    assert order == [ears[1], ears[2]]


async def test_who_leaves_waits_no_more_and_others_do(anyio_backend: str) -> None:
    hall, ears, _, _ = filled(LARGE + 1)
    for ear in ears[:2]:
        hall.hold(ear, wish(MIC))

    hall.leave(ears[0])
    hall.leave(ears[0])
    assert not hall.hold(ears[0], wish(MIC))

    assert await ears[1].heard() == [MIC]
    assert not ears[0].asked
    for ear in ears[1:]:
        assert not hall.is_empty
        hall.leave(ear)
    assert hall.is_empty


async def test_all_others_are_told_who_begins_and_ends_to_speak_once_each(
    anyio_backend: str,
) -> None:
    hall, ears, people, order = filled(MOST_VOICES + 1)
    for message in (enters("PA_bob"), publishes(OTHER), speaks("PA_bob"), speaks("PA_bob")):
        hall.note(people[0], message)
    late = Ear(order)
    hall.enter(late, "late")
    for _ in range(2):
        hall.note(people[0], speaks("PA_bob", active=False))

    assert [ear.told for ear in ears[1:]] == [[("PA_bob", True), ("PA_bob", False)]] * MOST_VOICES
    assert late.told == ears[1].told
    assert not ears[0].told


async def test_among_so_few_that_all_receive_all_nobody_is_told(anyio_backend: str) -> None:
    hall, ears, people, _ = filled(MOST_VOICES)
    for message in (enters("PA_bob"), publishes(OTHER), speaks("PA_bob")):
        hall.note(people[0], message)

    assert not any(ear.told for ear in ears)


async def test_who_has_left_does_not_speak_any_more_and_does_when_he_is_back(
    anyio_backend: str,
) -> None:
    hall, ears, people, order = filled(MOST_VOICES + 2)
    for message in (enters("PA_bob"), publishes(OTHER), speaks("PA_bob")):
        hall.note(people[0], message)
    hall.leave(ears[0])
    late = Ear(order)
    hall.enter(late, "late")
    assert not late.told

    hall.note(hall.enter(ears[0], "somebody-0"), speaks("PA_bob"))

    assert late.told == [("PA_bob", True)]
