"""What of a browser's query reaches the engine."""

import base64
import gzip
import zlib
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import models, rtc
from tests.media.signalling import ALL, ATTENDEE, browser, query, resume, wrapped

from openrooms.media.engine import Grants
from openrooms.media.errors import MessageRefused
from openrooms.media.livekit.descriptions import Candidates
from openrooms.media.livekit.query import LARGEST_REQUEST, read_request, upstream_query

UNKNOWN = b"\xfa\x7c\x03abc"


def rewritten(asked: str, grants: Grants) -> str:
    """The query that the engine gets."""
    return upstream_query(asked, grants, Candidates(), opens=lambda: False)


def passed_on(asked: str) -> rtc.JoinRequest:
    """The join request that the engine would read."""
    parameters = parse_qs(rewritten(asked, ATTENDEE), strict_parsing=True)
    assert list(parameters) == ["join_request"]
    return read_request(parameters["join_request"][0])


def wrap(join_request: bytes, compression: int = 0) -> str:
    wrapper = (
        b"\x08"
        + bytes([compression])
        + rtc.WrappedJoinRequest(join_request=join_request).SerializeToString()
    )
    return urlencode({"join_request": base64.urlsafe_b64encode(wrapper).decode()})


@pytest.mark.parametrize("packed", [True, False])
def test_a_join_request_passes_packed_or_not(packed: bool) -> None:
    asked = urlencode({"join_request": wrapped(browser(), packed=packed)})

    assert passed_on(asked) == browser()


def test_what_a_resume_says_passes() -> None:
    request = resume("PA_1234")
    request.reconnect_reason = models.ReconnectReason.RR_SIGNAL_DISCONNECTED

    assert passed_on(query(request)) == request


def test_nothing_else_of_the_query_passes() -> None:
    asked = query(publish="second", attributes="e30=", metadata="x", auto_subscribe="1", room="r")

    assert passed_on(asked) == browser()
    assert "ticket" not in rewritten(asked, ALL)


def test_metadata_and_attributes_are_cleared() -> None:
    request = browser()
    request.metadata = "mine"
    request.participant_attributes["openrooms.role"] = "Presenter"

    assert passed_on(query(request)) == browser()


def test_an_empty_request_is_never_an_empty_parameter() -> None:
    assert passed_on(wrap(b"")) == rtc.JoinRequest(client_info=models.ClientInfo())


def test_unknown_fields_go() -> None:
    inner = browser().SerializeToString() + UNKNOWN

    parameters = parse_qs(rewritten(wrap(inner), ALL))

    assert base64.urlsafe_b64decode(parameters["join_request"][0]).find(b"abc") == -1


def test_tracks_pass_by_the_grants() -> None:
    request = browser()
    camera = (models.TrackType.VIDEO, models.TrackSource.CAMERA)
    screen = (models.TrackType.VIDEO, models.TrackSource.SCREEN_SHARE)
    for kind, source in (camera, screen):
        request.add_track_requests.add(type=kind, source=source, cid="c")

    tracks = passed_on(query(request)).add_track_requests

    assert [(track.type, track.source) for track in tracks] == [camera]


def test_a_track_that_contradicts_itself_is_refused() -> None:
    request = browser()
    request.add_track_requests.add(
        type=models.TrackType.VIDEO, source=models.TrackSource.MICROPHONE
    )

    with pytest.raises(MessageRefused):
        rewritten(query(request), ALL)


def test_the_plain_alphabet_is_read_too_and_ours_is_written() -> None:
    request = browser()
    request.publisher_offer.sdp = "s=" + "\u00ff\u00fe?>" * 20 + "\r\n"
    plain = base64.b64encode(base64.urlsafe_b64decode(wrapped(request, packed=False))).decode()
    assert "+" in plain or "/" in plain

    assert passed_on(urlencode({"join_request": plain})) == request


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "access_token=t",
        "join_request=",
        "join_request=%FF",
        "join_request=ä",
        "join_request=!!!!",
        "join_request=abc",
        f"{query()}&{query()}",
        "a=1&" * 65 + query(),
        wrap(b"\xff\xff"),
        wrap(b"no gzip", compression=1),
        wrap(gzip.compress(browser().SerializeToString())[:-3], compression=1),
        wrap(gzip.compress(browser().SerializeToString()) * 2, compression=1),
        wrap(zlib.compress(browser().SerializeToString()), compression=1),
        wrap(browser().SerializeToString(), compression=2),
    ],
)
def test_what_cannot_be_read_is_refused(asked: str) -> None:
    with pytest.raises(MessageRefused):
        rewritten(asked, ALL)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = gzip.compress(bytes(200 * LARGEST_REQUEST), compresslevel=9)

    with pytest.raises(MessageRefused, match="too large"):
        rewritten(wrap(bomb, compression=1), ALL)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (
            rtc.JoinRequest(client_info=models.ClientInfo(os="x" * 5000)),
            "too much about its client",
        ),
        (rtc.JoinRequest(participant_sid="P" * 65), "no participant"),
        (rtc.JoinRequest(add_track_requests=[rtc.AddTrackRequest()] * 17), "too many tracks"),
        (
            rtc.JoinRequest(publisher_offer=rtc.SessionDescription(sdp="x" * LARGEST_REQUEST)),
            "too large",
        ),
    ],
)
def test_what_is_too_large_is_refused(request_: rtc.JoinRequest, why: str) -> None:
    with pytest.raises(MessageRefused, match=why):
        rewritten(query(request_), ALL)


@given(st.text(max_size=200))
def test_random_text_does_nothing_worse_than_being_refused(asked: str) -> None:
    try:
        rewritten(asked, ALL)
    except MessageRefused:
        return


@given(st.binary(max_size=200), st.integers(0, 2))
def test_no_random_request_passes_attributes_or_metadata(data: bytes, compression: int) -> None:
    plain = gzip.compress(data) if compression == 1 else data
    # A prefix that sets both, so that most of what can be read at all has them.
    marked = rtc.JoinRequest(metadata="m", participant_attributes={"a": "b"}).SerializeToString()
    try:
        passed = rewritten(wrap(marked + plain, compression), ATTENDEE)
    except MessageRefused:
        return

    request = read_request(parse_qs(passed)["join_request"][0])

    assert request.metadata == ""
    assert not request.participant_attributes
    assert all(
        track.source != models.TrackSource.SCREEN_SHARE for track in request.add_track_requests
    )


def test_descriptions_in_a_join_request_lose_the_addresses_that_nobody_may_knock_at() -> None:
    bad = "v=0\r\na=candidate:1 1 udp 1 127.0.0.1 22 typ host\r\n"
    request_ = browser()
    request_.publisher_offer.sdp = bad
    request_.sync_state.answer.sdp = bad

    passed = passed_on(query(request_))

    assert (passed.publisher_offer.sdp, passed.sync_state.answer.sdp) == ("v=0\r\n", "v=0\r\n")


@pytest.mark.parametrize(
    ("opens", "muted"), [(True, [False, True, False]), (False, [True, True, False])]
)
def test_sound_begins_muted_where_no_more_may_be_open(opens: bool, muted: list[bool]) -> None:
    audio, video = models.TrackType.AUDIO, models.TrackType.VIDEO
    microphone, camera = models.TrackSource.MICROPHONE, models.TrackSource.CAMERA
    request = browser()
    request.add_track_requests.add(cid="a", type=audio, source=microphone)
    request.add_track_requests.add(cid="b", type=audio, source=microphone, muted=True)
    request.add_track_requests.add(cid="c", type=video, source=camera)

    asked = upstream_query(query(request), ATTENDEE, Candidates(), opens=lambda: opens)

    passed = read_request(parse_qs(asked)["join_request"][0]).add_track_requests
    assert [track.muted for track in passed] == muted
