"""So many microphones may be open in a room; who is refused is told, and gets in when a place is free."""

import pytest
from livekit.protocol import models, rtc

from openrooms.media.engine import Grants, Presence, Source, Track
from openrooms.media.livekit import microphones as module
from openrooms.media.livekit.hall import Hall
from openrooms.media.livekit.microphones import KEPT_SECONDS, LONGEST_SID, MOST_OF_ONE, Microphones

ADA, BOB, CYD = "8:acs:ada~1", "8:acs:bob~1", "8:acs:cyd~1"
MIC, OTHER = "TR_AMone", "TR_AMtwo"
AUDIO, VIDEO = models.TrackType.AUDIO, models.TrackType.VIDEO
Reason = rtc.RequestResponse


class Room:
    """A room with its microphones, and people who ask for them."""

    def __init__(self, most: int) -> None:
        self.open = Microphones(most)

    def asks(self, who: str, *, may_speak: bool = True, **request: object) -> module.Verdict:
        # Any request: the generated class takes each by its name.
        asked = rtc.SignalRequest(**request)  # type: ignore[arg-type]
        return self.open.ask(who, asked.SerializeToString(), may_speak=may_speak)

    def unmutes(self, who: str, sid: str = MIC) -> bool:
        """Whether it is passed on, by what he is told."""
        verdict = self.asks(who, mute=rtc.MuteTrackRequest(sid=sid))
        answer = answers(verdict)[-1].request_response
        assert answer.mute.sid == sid
        assert answer.reason == (Reason.OK if verdict.passed else Reason.LIMIT_EXCEEDED)
        return verdict.passed is not None

    def publishes(
        self, who: str, cid: str = "c", *, muted: bool = False, kind: models.TrackType = AUDIO
    ) -> bool:
        """Whether the engine is asked for a track that is open."""
        verdict = self.asks(who, add_track=rtc.AddTrackRequest(cid=cid, type=kind, muted=muted))
        assert verdict.passed is not None
        is_open = not rtc.SignalRequest.FromString(verdict.passed).add_track.muted
        assert [one.request_response.reason for one in answers(verdict)] == (
            [] if is_open or muted else [Reason.LIMIT_EXCEEDED]
        )
        return is_open

    def mutes(self, who: str, sid: str = MIC) -> None:
        self.asks(who, mute=rtc.MuteTrackRequest(sid=sid, muted=True))

    def hears(self, who: str, **told: object) -> str | None:
        answer = rtc.SignalResponse(**told)  # type: ignore[arg-type]
        return self.open.note(who, answer.SerializeToString())

    def named(self, who: str, sid: str, cid: str = "c", *, muted: bool = False) -> str | None:
        track = models.TrackInfo(sid=sid, muted=muted)
        return self.hears(who, track_published=rtc.TrackPublishedResponse(cid=cid, track=track))

    def comes_in(self, who: str) -> None:
        self.hears(who, join=rtc.JoinResponse())


def answers(verdict: module.Verdict) -> list[rtc.SignalResponse]:
    return [rtc.SignalResponse.FromString(told) for told in verdict.told]


def test_the_last_place_goes_to_exactly_one() -> None:
    room = Room(2)

    assert [room.unmutes(who) for who in (ADA, BOB, CYD)] == [True, True, False]
    assert [room.publishes(who) for who in (ADA, CYD)] == [False, False]


def test_who_is_refused_an_unmute_is_muted_for_every_kind_of_client() -> None:
    room = Room(1)
    room.unmutes(ADA)

    told = answers(room.asks(BOB, mute=rtc.MuteTrackRequest(sid=MIC)))

    assert (told[0].mute.sid, told[0].mute.muted) == (MIC, True)


def test_who_was_refused_gets_in_after_another_mutes() -> None:
    room = Room(1)
    room.unmutes(ADA)
    assert not room.unmutes(BOB)

    room.mutes(ADA)

    assert room.unmutes(BOB)
    assert not room.unmutes(ADA)


def test_what_is_open_may_be_opened_again_for_it_takes_no_more() -> None:
    room = Room(1)

    assert [room.unmutes(ADA), room.unmutes(ADA)] == [True, True]


def test_what_is_published_open_is_muted_by_the_name_that_the_engine_gives_it() -> None:
    room = Room(1)
    room.publishes(ADA)
    assert room.named(ADA, MIC) is None
    assert not room.unmutes(BOB)

    room.mutes(ADA, MIC)

    assert room.unmutes(BOB)


def test_what_is_published_muted_takes_no_place() -> None:
    room = Room(1)
    room.publishes(ADA, muted=True)
    room.named(ADA, MIC, muted=True)

    assert room.publishes(BOB)


def test_a_name_that_is_not_his_frees_no_place() -> None:
    room = Room(1)
    room.unmutes(ADA, MIC)

    room.mutes(ADA, OTHER)
    room.mutes(BOB, MIC)

    assert not room.unmutes(BOB)


def test_nobody_takes_the_places_of_many() -> None:
    room = Room(10)

    opened = [room.unmutes(ADA, f"TR_AM{number}") for number in range(5)]

    assert opened.count(True) == MOST_OF_ONE


def test_pictures_and_names_that_cannot_be_are_none_of_its_business() -> None:
    room = Room(1)
    room.unmutes(ADA)

    for sid in ("TR_VCcamera", "TR_A" + "x" * LONGEST_SID):
        verdict = room.asks(BOB, mute=rtc.MuteTrackRequest(sid=sid))
        assert (verdict.passed is not None, verdict.told) == (True, ())
    assert room.publishes(BOB, kind=VIDEO)
    assert room.named(BOB, "TR_VCcamera") is None
    assert room.asks(BOB, ping_req=rtc.Ping()).passed is not None


def test_who_may_not_speak_takes_no_place() -> None:
    room = Room(1)

    verdict = room.asks(ADA, may_speak=False, mute=rtc.MuteTrackRequest(sid=MIC))

    assert verdict.passed is None
    assert answers(verdict)[0].request_response.reason == Reason.NOT_ALLOWED
    assert room.unmutes(BOB)


@pytest.mark.parametrize(
    "told",
    [
        {"mute": rtc.MuteTrackRequest(sid=MIC, muted=True)},
        {"track_unpublished": rtc.TrackUnpublishedResponse(track_sid=MIC)},
        {"request_response": Reason(reason=Reason.NOT_FOUND, mute=rtc.MuteTrackRequest(sid=MIC))},
    ],
    ids=["a moderator mutes it", "the role takes it", "the engine has no such track"],
)
def test_the_engine_frees_a_place(told: dict[str, object]) -> None:
    room = Room(1)
    room.unmutes(ADA)

    assert room.hears(ADA, **told) is None

    assert room.unmutes(BOB)


def test_a_publication_that_the_engine_refuses_frees_its_place() -> None:
    room = Room(1)
    room.publishes(ADA, "mine")

    asked = rtc.AddTrackRequest(cid="mine")
    room.hears(ADA, request_response=Reason(reason=Reason.NOT_ALLOWED, add_track=asked))

    assert room.unmutes(BOB)


@pytest.mark.parametrize(
    "told",
    [
        {"mute": rtc.MuteTrackRequest(sid=MIC)},
        {"request_response": Reason(reason=Reason.QUEUED, mute=rtc.MuteTrackRequest(sid=MIC))},
        {"pong_resp": rtc.Pong()},
    ],
)
def test_other_words_of_the_engine_free_none(told: dict[str, object]) -> None:
    room = Room(1)
    room.unmutes(ADA)

    room.hears(ADA, **told)

    assert not room.unmutes(BOB)


def test_who_leaves_frees_his_place() -> None:
    room = Room(1)
    room.unmutes(ADA)

    room.asks(ADA, leave=rtc.LeaveRequest())

    assert room.unmutes(BOB)


def test_what_comes_open_without_a_place_has_to_be_muted() -> None:
    """One request may stand for two tracks, of which the second comes when the first is taken off."""
    room = Room(1)
    room.publishes(ADA)
    room.named(ADA, MIC)
    room.mutes(ADA, MIC)
    room.unmutes(BOB)

    assert room.named(ADA, OTHER) == OTHER


def test_who_comes_back_anew_finds_his_place_kept_for_a_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr(module, "monotonic", lambda: now)
    room = Room(1)
    room.comes_in(ADA)
    room.unmutes(ADA)

    room.comes_in(ADA)
    assert not room.unmutes(BOB)
    assert room.publishes(ADA)
    room.comes_in(ADA)
    now += KEPT_SECONDS

    assert room.unmutes(BOB)
    assert not room.publishes(ADA)


def test_who_comes_back_muted_keeps_no_place() -> None:
    room = Room(1)
    room.unmutes(ADA)
    room.comes_in(ADA)

    room.publishes(ADA, muted=True)

    assert room.unmutes(BOB)


def test_a_place_is_kept_for_what_is_open_from_the_first_request() -> None:
    room = Room(1)

    assert [room.open.expect(who) for who in (ADA, BOB)] == [True, False]
    room.comes_in(ADA)
    assert room.named(ADA, MIC) is None
    room.comes_in(BOB)

    assert room.named(BOB, OTHER) == OTHER
    assert room.open.expect(ADA)


def test_who_lost_the_connection_keeps_the_place_until_the_engine_has_him_no_more() -> None:
    room = Room(1)
    room.comes_in(ADA)
    room.unmutes(ADA)

    room.open.compare({ADA: [MIC]}, connected=())
    assert not room.unmutes(BOB)
    room.open.compare({}, connected=())

    assert room.unmutes(BOB)


def test_what_the_engine_has_shown_and_shows_no_more_is_gone() -> None:
    room = Room(1)
    room.comes_in(ADA)
    room.unmutes(ADA)
    room.open.compare({ADA: [MIC]}, connected={ADA})

    room.open.compare({ADA: []}, connected={ADA})

    assert room.unmutes(BOB)


def test_what_the_engine_does_not_show_yet_may_come_any_moment() -> None:
    room = Room(1)
    room.comes_in(ADA)
    room.publishes(ADA)

    room.open.compare({}, connected={ADA})
    room.open.compare({ADA: []}, connected={ADA})

    assert not room.unmutes(BOB)


def test_an_old_picture_opens_nothing_again() -> None:
    room = Room(1)
    room.comes_in(ADA)
    room.unmutes(ADA)
    room.mutes(ADA)

    room.open.compare({ADA: [MIC]}, connected={ADA})

    assert room.unmutes(BOB)


def test_of_who_was_there_before_the_engine_alone_knows() -> None:
    room = Room(1)

    room.open.compare({ADA: [MIC]}, connected=())
    assert not room.unmutes(BOB)
    room.mutes(ADA)

    assert room.unmutes(BOB)


class Wire:
    """A connection in a hall: what goes up and what comes down."""

    def __init__(self) -> None:
        self.asked: list[rtc.SignalRequest] = []
        self.told: list[rtc.SignalResponse] = []

    def ask(self, request: bytes) -> None:
        self.asked.append(rtc.SignalRequest.FromString(request))

    def tell(self, matter: str, message: bytes) -> None:
        assert matter
        self.told.append(rtc.SignalResponse.FromString(message))


def unmute(sid: str) -> bytes:
    return rtc.SignalRequest(mute=rtc.MuteTrackRequest(sid=sid)).SerializeToString()


def test_a_room_has_so_many_places_for_all_who_are_connected() -> None:
    hall, ada, bob = Hall(1), Wire(), Wire()
    hall.enter(ada, ADA)
    hall.enter(bob, BOB)

    passed = [hall.admit(one, unmute(MIC), may_speak=True) for one in (ada, bob)]

    assert passed == [unmute(MIC), None]
    assert [one.request_response.reason for one in ada.told] == [Reason.OK]
    assert bob.told[-1].request_response.reason == Reason.LIMIT_EXCEEDED


def test_of_who_is_not_connected_any_more_nothing_goes_on() -> None:
    assert Hall(1).admit(Wire(), unmute(MIC), may_speak=True) is None


def test_what_comes_open_without_a_place_is_muted_at_the_engine_and_for_its_owner() -> None:
    hall, ada, bob = Hall(1), Wire(), Wire()
    hall.enter(ada, ADA)
    person = hall.enter(bob, BOB)
    hall.admit(ada, unmute(MIC), may_speak=True)
    track = rtc.TrackPublishedResponse(cid="c", track=models.TrackInfo(sid=OTHER))

    hall.note(person, rtc.SignalResponse(track_published=track).SerializeToString())

    assert [(one.mute.sid, one.mute.muted) for one in bob.asked] == [(OTHER, True)]
    assert [(one.mute.sid, one.mute.muted) for one in bob.told] == [(OTHER, True)]
    assert (ada.asked, len(ada.told)) == ([], 1)


def test_a_room_gives_free_what_the_engines_list_does_not_have() -> None:
    hall, ada, bob = Hall(1), Wire(), Wire()
    for wire, who in ((ada, ADA), (bob, BOB)):
        hall.enter(wire, who)
    hall.admit(ada, unmute(MIC), may_speak=True)
    hall.leave(ada)
    grants = Grants(frozenset({Source.MICROPHONE}))
    heard = Track(MIC, Source.MICROPHONE, is_video=False, muted=False)

    hall.compare([Presence(ADA, "PA_1", active=True, grants=grants, tracks=(heard,))])
    before = hall.admit(bob, unmute(OTHER), may_speak=True)
    hall.compare([])

    assert before is None
    assert hall.admit(bob, unmute(OTHER), may_speak=True) == unmute(OTHER)
