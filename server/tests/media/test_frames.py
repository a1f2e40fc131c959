"""What may pass between a browser and the engine, and what may never."""

import json

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models, rtc
from tests.media.signalling import ALL, ATTENDEE, CONSUMER, add_track

from openrooms.media.engine import Grants, Heard, Source
from openrooms.media.errors import MessageRefused
from openrooms.media.livekit.descriptions import Candidates
from openrooms.media.livekit.frames import (
    LARGEST_MESSAGE,
    LARGEST_OTHER,
    PASSED_UP,
    client_message,
    heard,
    server_message,
    weigh,
)

KINDS = tuple(field.name for field in rtc.SignalRequest.DESCRIPTOR.fields)
ANSWERS = tuple(field.name for field in rtc.SignalResponse.DESCRIPTOR.fields)
VIDEO, AUDIO, DATA = models.TrackType.VIDEO, models.TrackType.AUDIO, models.TrackType.DATA
CAMERA, MICROPHONE = models.TrackSource.CAMERA, models.TrackSource.MICROPHONE
SCREEN, SCREEN_AUDIO = models.TrackSource.SCREEN_SHARE, models.TrackSource.SCREEN_SHARE_AUDIO
PAIRS = {
    (VIDEO, CAMERA): Source.CAMERA,
    (AUDIO, MICROPHONE): Source.MICROPHONE,
    (VIDEO, SCREEN): Source.SCREEN_SHARE,
    (AUDIO, SCREEN_AUDIO): Source.SCREEN_SHARE_AUDIO,
}
WRONG = [
    (kind, source)
    for kind in models.TrackType.values()
    for source in models.TrackSource.values()
    if (kind, source) not in PAIRS
]
# Field 1999 of either message: bytes that nobody knows.
UNKNOWN = b"\xfa\x7c\x03abc"


def filtered(data: bytes, grants: Grants) -> bytes | None:
    """What passes on a fresh connection."""
    return client_message(data, grants, Candidates())


def request(kind: str) -> bytes:
    """A request of that kind with as little in it as can be."""
    made = rtc.SignalRequest()
    if kind == "ping":
        made.ping = 1
    elif kind == "trickle":
        made.trickle.candidateInit = '{"candidate": ""}'
    else:
        getattr(made, kind).SetInParent()
    return made.SerializeToString()


def answer(kind: str) -> bytes:
    """An answer of that kind."""
    made = rtc.SignalResponse()
    if kind == "pong":
        made.pong = 1
    elif kind == "refresh_token":
        made.refresh_token = "eyJhbGciOiJIUzI1NiJ9.e30.x"
    else:
        getattr(made, kind).SetInParent()
    return made.SerializeToString()


def kind_of(data: bytes | None) -> str | None:
    kind: str | None = rtc.SignalRequest.FromString(data or b"").WhichOneof("message")
    return kind


@pytest.mark.parametrize("kind", sorted(PASSED_UP - {"add_track"}))
def test_what_is_on_the_list_passes(kind: str) -> None:
    assert kind_of(filtered(request(kind), CONSUMER)) == kind


@pytest.mark.parametrize("kind", sorted(set(KINDS) - PASSED_UP))
def test_what_is_not_on_the_list_is_dropped(kind: str) -> None:
    assert filtered(request(kind), ALL) is None


def test_the_list_is_the_one_that_was_decided() -> None:
    assert set(KINDS) - PASSED_UP == {
        "simulate",
        "ping",
        "update_metadata",
        "publish_data_track_request",
        "unpublish_data_track_request",
        "update_data_subscription",
        "store_data_blob_request",
        "get_data_blob_request",
    }


@pytest.mark.parametrize("data", [b"", UNKNOWN])
def test_an_empty_or_unknown_request_is_dropped(data: bytes) -> None:
    assert filtered(data, ALL) is None


@pytest.mark.parametrize(
    "data", [b"\x0a\xff", b"not protobuf", b'{"addTrack": {}}', b"\x0a\x02\xff\xff"]
)
def test_what_is_no_request_is_refused(data: bytes) -> None:
    with pytest.raises(MessageRefused):
        filtered(data, ALL)


def test_a_message_that_is_too_large_is_refused() -> None:
    offer = rtc.SignalRequest(offer=rtc.SessionDescription(sdp="x" * LARGEST_MESSAGE))

    with pytest.raises(MessageRefused, match="too large"):
        filtered(offer.SerializeToString(), ALL)


@pytest.mark.parametrize(
    ("kind", "weight"), [("ping_req", 1), ("trickle", 1), ("mute", 10), ("sync_state", 20)]
)
def test_what_costs_others_much_weighs_much(kind: str, weight: int) -> None:
    assert weigh(filtered(request(kind), ALL) or b"") == weight


def test_addresses_that_nobody_may_knock_at_do_not_pass_in_whatever_they_come() -> None:
    bad = "candidate:1 1 udp 1 169.254.169.254 80 typ host"
    described = rtc.SessionDescription(type="offer", sdp=f"v=0\r\na={bad}\r\n")
    init = json.dumps({"candidate": bad})
    requests = [
        rtc.SignalRequest(offer=described),
        rtc.SignalRequest(answer=described),
        rtc.SignalRequest(sync_state=rtc.SyncState(offer=described, answer=described)),
        rtc.SignalRequest(trickle=rtc.TrickleRequest(candidateInit=init)),
    ]

    passed = [filtered(one.SerializeToString(), ALL) for one in requests]

    assert passed[3] is None
    assert all(b"v=0" in (one or b"") for one in passed[:3])
    assert not any(b"169.254" in (one or b"") for one in passed)


def test_a_large_message_without_a_session_description_is_refused() -> None:
    told = rtc.UpdateSubscription(track_sids=["TR_" + "x" * 13] * (LARGEST_OTHER // 18 + 1))

    with pytest.raises(MessageRefused, match="subscription is too large"):
        filtered(rtc.SignalRequest(subscription=told).SerializeToString(), ALL)


def test_fifty_people_seen_and_heard_fit() -> None:
    # What Chromium 156 offers for 50 pairs of audio and video, and an answer as long.
    described = rtc.SessionDescription(type="offer", sdp="a=x\r\n" * 59_210)
    resumed = rtc.SyncState(offer=described, answer=described)

    assert filtered(rtc.SignalRequest(offer=described).SerializeToString(), ALL)
    assert filtered(rtc.SignalRequest(sync_state=resumed).SerializeToString(), ALL)


def test_unknown_fields_go_wherever_they_stand() -> None:
    plain = rtc.SignalRequest(
        subscription=rtc.UpdateSubscription(
            participant_tracks=[models.ParticipantTracks(participant_sid="PA_1")]
        )
    )
    inner = models.ParticipantTracks.FromString(b"\x0a\x04PA_1" + UNKNOWN)
    told = rtc.UpdateSubscription(participant_tracks=[inner])
    whole = rtc.SignalRequest.FromString(
        rtc.SignalRequest(subscription=told).SerializeToString() + UNKNOWN
    )

    passed = filtered(whole.SerializeToString(), ALL)

    assert b"abc" in whole.SerializeToString()
    assert passed == plain.SerializeToString()


def test_the_last_kind_of_several_is_the_one_that_counts() -> None:
    assert filtered(request("ping_req") + request("simulate"), ALL) is None
    assert kind_of(filtered(request("simulate") + request("ping_req"), ALL)) == "ping_req"


@pytest.mark.parametrize("pair", PAIRS)
def test_a_track_passes_with_the_grant_for_its_source(
    pair: tuple[models.TrackType, models.TrackSource],
) -> None:
    grants = Grants(frozenset({PAIRS[pair]}))

    assert kind_of(filtered(add_track(*pair), grants)) == "add_track"


@pytest.mark.parametrize("pair", PAIRS)
def test_a_track_is_dropped_without_it(
    pair: tuple[models.TrackType, models.TrackSource],
) -> None:
    grants = Grants(frozenset(Source) - {PAIRS[pair]})

    assert filtered(add_track(*pair), grants) is None


@pytest.mark.parametrize("pair", WRONG)
def test_a_track_that_contradicts_itself_is_refused(
    pair: tuple[models.TrackType, models.TrackSource],
) -> None:
    with pytest.raises(MessageRefused, match="contradict"):
        filtered(add_track(*pair), ALL)


def test_a_track_with_a_huge_name_is_refused() -> None:
    track = rtc.AddTrackRequest(type=AUDIO, source=MICROPHONE, name="x" * 10_000)

    with pytest.raises(MessageRefused, match="track request is too large"):
        filtered(rtc.SignalRequest(add_track=track).SerializeToString(), ATTENDEE)


def test_a_leave_says_that_the_client_left_and_nothing_else() -> None:
    told = rtc.LeaveRequest(
        reason=models.DisconnectReason.USER_REJECTED,
        action=rtc.LeaveRequest.Action.RECONNECT,
        regions=rtc.RegionSettings(regions=[rtc.RegionInfo(url="https://elsewhere")]),
    )

    passed = filtered(rtc.SignalRequest(leave=told).SerializeToString(), CONSUMER)

    expected = rtc.LeaveRequest(reason=models.DisconnectReason.CLIENT_INITIATED)
    assert rtc.SignalRequest.FromString(passed or b"").leave == expected


@given(st.binary(max_size=300), st.sets(st.sampled_from(Source)))
def test_random_bytes_do_nothing_worse_than_being_refused(
    data: bytes, sources: set[Source]
) -> None:
    try:
        passed = filtered(data, Grants(frozenset(sources)))
    except MessageRefused:
        return
    assert passed is None or kind_of(passed) in PASSED_UP


@given(
    st.sampled_from(KINDS),
    st.binary(max_size=60),
    st.lists(st.sampled_from(KINDS), max_size=3),
    st.sets(st.sampled_from(Source)),
)
def test_whatever_passes_is_allowed_and_in_our_own_encoding(
    kind: str, noise: bytes, more: list[str], sources: set[Source]
) -> None:
    number = rtc.SignalRequest.DESCRIPTOR.fields_by_name[kind].number
    data = b"".join(map(request, more)) + varint(number << 3 | 2) + varint(len(noise)) + noise
    try:
        passed = filtered(data, Grants(frozenset(sources)))
    except MessageRefused:
        return
    if passed is None:
        return

    read = rtc.SignalRequest.FromString(passed)

    assert read.WhichOneof("message") in PASSED_UP
    assert read.SerializeToString() == passed
    assert filtered(passed, Grants(frozenset(sources))) == passed


@given(st.integers(0, 2), st.integers(0, 6), st.sets(st.sampled_from(Source)))
def test_no_track_passes_that_the_grants_do_not_name(
    kind: int, source: int, sources: set[Source]
) -> None:
    data = b"\x22\x04\x18" + bytes([kind]) + b"\x40" + bytes([source])
    try:
        passed = filtered(data, Grants(frozenset(sources)))
    except MessageRefused:
        assert (kind, source) not in PAIRS
        return

    assert (passed is not None) == (PAIRS[kind, source] in sources)  # type: ignore[index]


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def tag(name: str) -> bytes:
    """What an answer of this kind begins with."""
    return varint(rtc.SignalResponse.DESCRIPTOR.fields_by_name[name].number << 3 | 2)


REQUEST_RESPONSE = tag("request_response")
REWRITTEN = (REQUEST_RESPONSE, tag("join"), tag("reconnect"))
TOKENS = {"refresh_token", "room_moved"}
NOT_OFFERED = {
    "publish_data_track_response",
    "unpublish_data_track_response",
    "data_track_subscriber_handles",
    "store_data_blob_response",
    "get_data_blob_response",
}


@pytest.mark.parametrize("kind", sorted(set(ANSWERS) - TOKENS - NOT_OFFERED - {"join"}))
def test_an_answer_passes_as_it_is(kind: str) -> None:
    assert server_message(answer(kind)) == answer(kind)


def test_what_the_engine_says_in_words_stays_with_us() -> None:
    said = rtc.RequestResponse(
        request_id=7, reason=rtc.RequestResponse.Reason.NOT_FOUND, message="node ND_1 says no"
    )

    passed = server_message(rtc.SignalResponse(request_response=said).SerializeToString())

    answer_ = rtc.SignalResponse.FromString(passed or b"").request_response
    assert (answer_.request_id, answer_.reason, answer_.message) == (7, said.reason, "")


def test_words_that_cannot_be_read_do_not_pass() -> None:
    assert server_message(REQUEST_RESPONSE + b"\x02\xff\xff") is None


@pytest.mark.parametrize("kind", sorted(TOKENS | NOT_OFFERED))
def test_a_token_and_what_is_not_offered_do_not_pass(kind: str) -> None:
    assert server_message(answer(kind)) is None


def test_a_refresh_token_starts_as_it_always_did() -> None:
    assert answer("refresh_token").startswith(b"\x82\x01")


@pytest.mark.parametrize("kind", sorted(set(ANSWERS) - TOKENS))
def test_a_token_behind_another_answer_does_not_pass(kind: str) -> None:
    assert server_message(answer(kind) + answer("refresh_token")) is None
    assert server_message(answer("refresh_token") + answer(kind)) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        UNKNOWN,
        b"\x82",
        b"\x82\x81\x00\x03abc",  # refresh_token, its number written with a byte to spare
        b"\x12\x05ab",
        b"\x12\x01ab",
        b"\x90\x01",
        b"\x13",
        b"\x08\x00",
        b"\xff" * 11,
    ],
)
def test_what_is_not_exactly_one_whole_answer_does_not_pass(data: bytes) -> None:
    assert server_message(data) is None


@given(st.binary(max_size=100))
def test_no_bytes_that_hold_a_token_pass(data: bytes) -> None:
    passed = server_message(data)

    assert passed in (None, data) or data.startswith(REWRITTEN)
    assert passed is None or not holds_token(passed)


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_no_bytes_around_a_token_make_it_pass(before: bytes, after: bytes) -> None:
    passed = server_message(before + answer("refresh_token") + after)

    assert passed is None or not holds_token(passed)


def holds_token(data: bytes) -> bool:
    try:
        read = rtc.SignalResponse.FromString(data)
    except DecodeError:  # then nobody reads a token there either
        return False
    return read.WhichOneof("message") in TOKENS


def test_it_is_told_how_much_is_heard_of_whom() -> None:
    judged = rtc.SignalResponse(
        connection_quality=rtc.ConnectionQualityUpdate(
            updates=[
                rtc.ConnectionQualityInfo(participant_sid="PA_1", quality=models.LOST),
                rtc.ConnectionQualityInfo(participant_sid="PA_2", quality=models.POOR),
                rtc.ConnectionQualityInfo(participant_sid="PA_3", quality=models.GOOD),
            ]
        )
    ).SerializeToString()

    assert heard(judged) == {"PA_1": Heard.NOTHING, "PA_2": Heard.BADLY, "PA_3": Heard.WELL}
    assert heard(judged + judged) == {}
    assert heard(b"\x62\x01\xff") == {}
    assert heard(rtc.SignalResponse(pong=1).SerializeToString()) == {}
