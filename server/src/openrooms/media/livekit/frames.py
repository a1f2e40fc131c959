"""What may pass between a browser and the engine's signalling, message by message. Pure.

A browser's messages are parsed, stripped of every field we do not know, checked, and passed on in
our own encoding; never the browser's bytes. What is on no list is dropped.

| kind, up | what happens | why |
|---|---|---|
| offer, answer, trickle | passed, without addresses that the engine must not send to \
(`descriptions`) | setting up media |
| add_track | checked | below |
| mute, update_audio_track, update_video_track, update_layers | passed | the own tracks only |
| subscription, track_setting, subscription_permission | passed | the engine checks the grants |
| sync_state | passed, its descriptions like others | resuming |
| ping_req | passed | keeping alive |
| ping | dropped | its older form: livekit-client sends both each time, and one answer is enough to it |
| leave | passed, in one fixed form | its reason would be believed and shown to others |
| simulate | dropped | fakes speakers, forces migrations |
| update_metadata | dropped | names and attributes are the server's to set |
| publish_data_track_request, unpublish_data_track_request, update_data_subscription, \
store_data_blob_request, get_data_blob_request | dropped | not offered; a newer client may ask |
| unknown, or empty | dropped | a newer client may ask |
| not a signalling request, or too large | refused | no client of good will sends it |

How many microphones may be open is not seen in one message: `microphones`. Nor is how many tracks of a
source somebody sends: a client asks for a new one before the old one is gone (`calling/publications.py`).

add_track: a type that contradicts its source (a video that calls itself a microphone), a type or
source we do not know, or one that is too large is refused. A true one that the grants forbid is
dropped: it may have been sent in the moment in which the role was lowered.

Each kind has a weight, by what it costs the engine and everyone in the room; who says too much of it
is shut out by the gate.

The engine's messages are one field each, since SignalResponse is one `oneof` and nothing else. They
are passed on as they are when they consist of exactly one whole field that is on the list below;
anything else, so everything that holds a token, is dropped. What the engine says in words when it
does not do something is left out: its codes are enough. The STUN and TURN servers that it names give
way to ours, and clients are asked for signs of life less often than it would ask.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from openrooms.media.engine import Grants, Heard, Source
from openrooms.media.errors import MessageRefused
from openrooms.media.livekit.descriptions import Candidates, description, trickled

# Messages that hold session descriptions; resuming repeats offer and answer.
LARGEST_MESSAGE = 1024 * 1024
LARGEST_OTHER = 64 * 1024
# A track request goes out to everyone in the room as part of the track.
LARGEST_TRACK_REQUEST = 8 * 1024

DESCRIBING = frozenset({"offer", "answer", "sync_state"})
PASSED_UP = DESCRIBING | frozenset(
    {
        "trickle",
        "add_track",
        "mute",
        "subscription",
        "track_setting",
        "leave",
        "update_layers",
        "subscription_permission",
        "ping_req",
        "update_audio_track",
        "update_video_track",
    }
)

# By field number. Everyone is told of a mute; a description makes the engine negotiate anew.
WEIGHTS: Mapping[int, int] = MappingProxyType(
    {
        rtc.SignalRequest.DESCRIPTOR.fields_by_name[name].number: weight
        for name, weight in {
            "offer": 10,
            "answer": 10,
            "add_track": 10,
            "mute": 10,
            "update_audio_track": 10,
            "update_video_track": 10,
            "subscription_permission": 10,
            "subscription": 2,
            "sync_state": 20,
        }.items()
    }
)

# Not there: refresh_token and room_moved, which hold engine tokens, and data tracks and blobs.
PASSED_DOWN = frozenset(
    rtc.SignalResponse.DESCRIPTOR.fields_by_name[name].number
    for name in (
        "join",
        "answer",
        "offer",
        "trickle",
        "update",
        "track_published",
        "leave",
        "mute",
        "speakers_changed",
        "room_update",
        "connection_quality",
        "stream_state_update",
        "subscribed_quality_update",
        "subscription_permission_update",
        "track_unpublished",
        "pong",
        "reconnect",
        "pong_resp",
        "subscription_response",
        "request_response",
        "track_subscribed",
        "media_sections_requirement",
        "subscribed_audio_codec_update",
    )
)

SOURCES: Mapping[tuple[int, int], Source] = MappingProxyType(
    {
        (models.TrackType.VIDEO, models.TrackSource.CAMERA): Source.CAMERA,
        (models.TrackType.AUDIO, models.TrackSource.MICROPHONE): Source.MICROPHONE,
        (models.TrackType.VIDEO, models.TrackSource.SCREEN_SHARE): Source.SCREEN_SHARE,
        (models.TrackType.AUDIO, models.TrackSource.SCREEN_SHARE_AUDIO): Source.SCREEN_SHARE_AUDIO,
    }
)

_SAID_IN_WORDS = rtc.SignalResponse.DESCRIPTOR.fields_by_name["request_response"].number
_NAMING_SERVERS = {
    rtc.SignalResponse.DESCRIPTOR.fields_by_name[name].number: name
    for name in ("join", "reconnect")
}
_QUALITY = rtc.SignalResponse.DESCRIPTOR.fields_by_name["connection_quality"].number
_HEARD = MappingProxyType(
    {models.ConnectionQuality.POOR: Heard.BADLY, models.ConnectionQuality.LOST: Heard.NOTHING}
)
_VARINT, _LENGTH = 0, 2
_LONGEST_VARINT = 10


def tag(kind: type[rtc.SignalRequest] | type[rtc.SignalResponse], name: str) -> int:
    """The first byte of a message of one field, which has a length."""
    return kind.DESCRIPTOR.fields_by_name[name].number << 3 | _LENGTH


_SUBSCRIPTION = tag(rtc.SignalRequest, "subscription")
# What a ping begins with, in either form: of a tag of two bytes, the first.
_PINGS = frozenset(
    request.SerializeToString()[0]
    for request in (rtc.SignalRequest(ping=1), rtc.SignalRequest(ping_req=rtc.Ping()))
)
LONGEST_PING = 64
# The engine has to hear of a client within 15 s, and would have him ping each 5 s. How often he does, and
# when he takes the connection for lost that answers nothing, in seconds.
PING_SECONDS, SILENT_SECONDS = 10, 20


def client_message(data: bytes, grants: Grants, candidates: Candidates) -> bytes | None:
    """What of a browser's message goes to the engine; None when nothing does.

    `candidates` are those of the browser's connection. Raises `MessageRefused` for what no client of good will sends.
    """
    if len(data) > LARGEST_MESSAGE:
        raise MessageRefused("a message is too large")
    request = rtc.SignalRequest()
    try:
        request.ParseFromString(data)
    except DecodeError:
        raise MessageRefused("a message is no signalling request") from None
    request.DiscardUnknownFields()
    kind = request.WhichOneof("message")
    if kind not in PASSED_UP:
        return None
    if kind not in DESCRIBING and len(data) > LARGEST_OTHER:
        raise MessageRefused(f"a message of the kind {kind} is too large")
    match kind:
        case "add_track":
            passes = admits(request.add_track, grants)
        case "trickle":
            passes = _trickle(request.trickle, candidates)
        case "leave":
            passes = _leave(request.leave)
        case _:
            passes = True
            describe(request, candidates)
    return request.SerializeToString() if passes else None


def sign_of_life(data: bytes) -> bytes | None:
    """What `client_message` gives of a browser's ping, or nothing of its older form; None of every other message."""
    if not data or data[0] not in _PINGS or len(data) > LONGEST_PING:
        return None
    request = rtc.SignalRequest()
    try:
        request.ParseFromString(data)
    except DecodeError:
        return None
    request.DiscardUnknownFields()
    match request.WhichOneof("message"):
        case "ping_req":
            return request.SerializeToString()
        case "ping":
            return b""
        case _:
            return None


def _trickle(request: rtc.TrickleRequest, candidates: Candidates) -> bool:
    passed = trickled(request.candidateInit, candidates)
    request.candidateInit = passed or ""
    return passed is not None


def _leave(request: rtc.LeaveRequest) -> bool:
    request.CopyFrom(rtc.LeaveRequest(reason=models.DisconnectReason.CLIENT_INITIATED))
    return True


def describe(request: rtc.SignalRequest | rtc.JoinRequest, candidates: Candidates) -> None:
    """Put a request's session descriptions in the form in which the engine may have them."""
    offers = ("publisher_offer",) if isinstance(request, rtc.JoinRequest) else ("offer", "answer")
    for name in offers:
        if request.HasField(name):
            _rewrite(getattr(request, name), candidates)
    if request.HasField("sync_state"):
        for name in ("offer", "answer"):
            if request.sync_state.HasField(name):
                _rewrite(getattr(request.sync_state, name), candidates)


def _rewrite(described: rtc.SessionDescription, candidates: Candidates) -> None:
    described.sdp = description(described.sdp, candidates)


def weigh(passed: bytes) -> int:
    """How much a message counts, of those that `client_message` gives: 1 is an ordinary one."""
    tag, _ = _varint(passed, 0)
    return WEIGHTS.get(tag >> 3, 1)


def admits(request: rtc.AddTrackRequest, grants: Grants) -> bool:
    """Whether the grants allow the track. Raises `MessageRefused` when it contradicts itself."""
    if request.ByteSize() > LARGEST_TRACK_REQUEST:
        raise MessageRefused("a track request is too large")
    source = SOURCES.get((request.type, request.source))
    if source is None:
        raise MessageRefused("a track's type and source contradict each other")
    return source in grants.sources


def admitted(requests: Iterable[rtc.AddTrackRequest], grants: Grants) -> list[rtc.AddTrackRequest]:
    """The track requests that the grants allow."""
    return [request for request in requests if admits(request, grants)]


def server_message(data: bytes, servers: Sequence[rtc.ICEServer] = ()) -> bytes | None:
    """What of the engine's message goes to the browser; None when nothing does.

    `servers`: what the browser may ask for a way to the engine.
    """
    kind = _only_field(data)
    if kind in _NAMING_SERVERS:
        return _with_servers(data, _NAMING_SERVERS[kind], servers)
    if kind == _SAID_IN_WORDS:
        return _without_words(data)
    return data if kind in PASSED_DOWN else None


def heard(data: bytes) -> dict[str, Heard]:
    """Of each stay that the engine's message judges: how much is heard of it now."""
    if _only_field(data) != _QUALITY:
        return {}
    answer = rtc.SignalResponse()
    try:
        answer.ParseFromString(data)
    except DecodeError:
        return {}
    return {
        one.participant_sid: _HEARD.get(one.quality, Heard.WELL)
        for one in answer.connection_quality.updates
    }


def _with_servers(data: bytes, kind: str, servers: Sequence[rtc.ICEServer]) -> bytes | None:
    answer = rtc.SignalResponse()
    try:
        answer.ParseFromString(data)
    except DecodeError:
        return None
    if answer.WhichOneof("message") != kind:
        return None
    named = getattr(answer, kind).ice_servers
    del named[:]
    named.extend(servers)
    if kind == "join":
        answer.join.ping_interval, answer.join.ping_timeout = PING_SECONDS, SILENT_SECONDS
    return answer.SerializeToString()


def _without_words(data: bytes) -> bytes | None:
    answer = rtc.SignalResponse()
    try:
        answer.ParseFromString(data)
    except DecodeError:
        return None
    answer.request_response.ClearField("message")
    return answer.SerializeToString()


def _only_field(data: bytes) -> int | None:
    """The number of the one field that `data` consists of; None when it is anything else.

    The wire format allows a message to hold further fields after the first, and the last one of a
    `oneof` wins in a parser; so the first field's number alone would prove nothing.
    """
    tag, at = _varint(data, 0)
    if tag & 7 == _LENGTH:
        size, at = _varint(data, at)
        end = at + size
    elif tag & 7 == _VARINT:
        _, end = _varint(data, at)
    else:
        return None
    return tag >> 3 if at >= 0 and end == len(data) else None


def part(data: bytes, number: int) -> bytes:
    """What the first field of that number holds, in a message whose fields before it are plain; or nothing."""
    at = 0
    while 0 <= at < len(data):
        tag, at = _varint(data, at)
        if tag & 7 not in {_VARINT, _LENGTH}:
            break
        size, at = _varint(data, at)
        if tag & 7 == _LENGTH and at >= 0:
            if tag >> 3 == number:
                return data[at : at + size]
            at += size
    return b""


def asks_to_hear(passed: bytes) -> rtc.UpdateSubscription | None:
    """What a message asks to receive, of those that `client_message` gives; None when it is another kind."""
    if passed[0] != _SUBSCRIPTION:
        return None
    return rtc.SignalRequest.FromString(passed).subscription


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that stands at `at`, and where it ends; a negative end when there is none."""
    value = 0
    if at < 0:
        return 0, -1
    for index, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    return 0, -1
