"""The query that opens signalling: what of a browser's goes to the engine, rewritten. Pure.

On the v1 path the engine reads one parameter, `join_request`; nothing else passes, so no token, no
`publish` (a second participant for the same token), no `attributes`. The request itself is parsed
and stripped like any message; its metadata and attributes are cleared, for they would overwrite
what the token says, its tracks are checked against the grants, its sound begins muted where no more may
be open, and its descriptions are put in the form in which the engine may have them.
"""

import base64
import gzip
import zlib
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from google.protobuf.message import DecodeError
from livekit.protocol import models, rtc

from openrooms.media.engine import Grants
from openrooms.media.errors import MessageRefused
from openrooms.media.livekit.descriptions import Candidates
from openrooms.media.livekit.frames import admitted, describe

JOIN_REQUEST = "join_request"
# Unpacked. The listener takes 64 KiB of target, a browser sends 3 KB packed, 25 KB plain.
LARGEST_REQUEST = 256 * 1024
LARGEST_CLIENT_INFO = 4 * 1024
LONGEST_SID = 64
MOST_PARAMETERS = 64
MOST_TRACKS = 16
_GZIP = 31
_QUICK = 1


def upstream_query(
    query: str, grants: Grants, candidates: Candidates, *, opens: Callable[[], bool]
) -> str:
    """The query for the engine. Raises `MessageRefused` for one that asks for what it may not.

    `opens`: whether a microphone may be open from the start; asked only when one would be.
    """
    request = read_request(_parameter(query))
    request.DiscardUnknownFields()
    # An empty request would be an empty parameter, which is none to the engine.
    request.client_info.SetInParent()
    request.ClearField("metadata")
    request.ClearField("participant_attributes")
    if len(request.add_track_requests) > MOST_TRACKS:
        raise MessageRefused("a join request has too many tracks")
    if request.client_info.ByteSize() > LARGEST_CLIENT_INFO:
        raise MessageRefused("a join request says too much about its client")
    if len(request.participant_sid) > LONGEST_SID:
        raise MessageRefused("a join request names no participant that can be")
    describe(request, candidates)
    tracks = [hushed(track, opens) for track in admitted(request.add_track_requests, grants)]
    request.ClearField("add_track_requests")
    request.add_track_requests.extend(tracks)
    # Packed as a browser packs it: the connection to the engine keeps its address for as long as it lasts.
    wrapped = rtc.WrappedJoinRequest(
        compression=rtc.WrappedJoinRequest.Compression.GZIP,
        join_request=gzip.compress(request.SerializeToString(), _QUICK, mtime=0),
    )
    encoded = base64.urlsafe_b64encode(wrapped.SerializeToString()).decode()
    # Its padding may stand as it is; to quote it, all of the text would be gone through.
    return urlencode({JOIN_REQUEST: encoded}, safe="=")


def hushed(track: rtc.AddTrackRequest, opens: Callable[[], bool]) -> rtc.AddTrackRequest:
    """The same track, muted if its sound may not be open."""
    if track.type == models.TrackType.AUDIO:
        track.muted = track.muted or not opens()
    return track


def read_request(encoded: str) -> rtc.JoinRequest:
    """The join request in a parameter: base64 of a wrapper, inside it gzip or nothing."""
    wrapped, request = rtc.WrappedJoinRequest(), rtc.JoinRequest()
    try:
        # URL-safe or plain alphabet: clients differ, and the engine gets our own form.
        wrapped.ParseFromString(base64.b64decode(encoded, altchars=b"-_", validate=True))
        request.ParseFromString(_unpacked(wrapped))
    except (ValueError, DecodeError, zlib.error):
        raise MessageRefused("a join request cannot be read") from None
    return request


def _parameter(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise MessageRefused("a query has too many parameters") from None
    found = [value for name, value in pairs if name == JOIN_REQUEST]
    if len(found) != 1 or not found[0]:
        raise MessageRefused("a query needs exactly one join request")
    return found[0]


def _unpacked(wrapped: rtc.WrappedJoinRequest) -> bytes:
    packed = wrapped.join_request
    match wrapped.compression:
        case rtc.WrappedJoinRequest.Compression.NONE:
            plain = packed
        case rtc.WrappedJoinRequest.Compression.GZIP:
            plain = _inflated(packed)
        case _:
            raise MessageRefused("a join request is packed in a way we do not know")
    if len(plain) > LARGEST_REQUEST:
        raise MessageRefused("a join request is too large")
    return plain


def _inflated(packed: bytes) -> bytes:
    """At most one byte more than is allowed, however much would come out."""
    unpacking = zlib.decompressobj(wbits=_GZIP)
    plain = unpacking.decompress(packed, LARGEST_REQUEST + 1)
    if len(plain) <= LARGEST_REQUEST and not (unpacking.eof and not unpacking.unused_data):
        raise MessageRefused("a join request cannot be read")
    return plain
