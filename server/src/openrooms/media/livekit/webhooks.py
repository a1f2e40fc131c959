"""The engine's reports: verified, then read. Pure, but for a clock reading that it is handed."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

import jwt
from google.protobuf import json_format
from livekit.protocol import models, webhook

from openrooms.media.engine import EngineEvent, EventKind
from openrooms.media.livekit.frames import SOURCES
from openrooms.media.livekit.tokens import SECONDS, KeyPair

LARGEST_REPORT = 1024 * 1024
# How long the engine waits for a client of which nothing comes: 10 s, 5 s, and 5 s to clean up.
SILENCE_SECONDS = 20.0
# The engine signs for five minutes from its own clock; ours may be off by as much.
LEEWAY_SECONDS = 300
_OPTIONS: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "require": ["exp"]}


def read_report(
    body: bytes, authorization: str, keys: KeyPair, *, now: datetime
) -> EngineEvent | None:
    """The event that a report tells of; None when the engine did not send it, or we do not know it.

    `now` is the machine's real time, not the service's, which tests move.
    """
    if len(body) > LARGEST_REPORT or not _is_signed(body, authorization, keys, now=now):
        return None
    report = webhook.WebhookEvent()
    try:
        json_format.Parse(body, report, ignore_unknown_fields=True)
        kind = EventKind(report.event)
    except (json_format.ParseError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    reason = models.DisconnectReason
    why = report.participant.disconnect_reason if kind is EventKind.LEFT else None
    return EngineEvent(
        id=report.id,
        kind=kind,
        room=report.room.name,
        identity=report.participant.identity,
        connection=report.participant.sid,
        hung_up=why == reason.CLIENT_INITIATED,
        silent_for=SILENCE_SECONDS if why == reason.CONNECTION_TIMEOUT else 0.0,
        track=report.track.sid,
        source=SOURCES.get((report.track.type, report.track.source)),
    )


def sign_report(
    kind: EventKind, keys: KeyPair, *, report_id: str, now: datetime
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of a report about the engine as a whole, signed as the engine signs its own."""
    body = json.dumps({"event": kind.value, "id": report_id}).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": keys.key, "exp": int(now.timestamp()) + SECONDS, "sha256": digest}
    return body, {
        "Authorization": jwt.encode(claims, keys.secret, algorithm="HS256"),
        "Content-Type": "application/webhook+json",
    }


def _is_signed(body: bytes, authorization: str, keys: KeyPair, *, now: datetime) -> bool:
    try:
        claims: dict[str, Any] = jwt.decode(
            authorization, keys.secret, algorithms=["HS256"], issuer=keys.key, options=_OPTIONS
        )
    except (jwt.InvalidTokenError, UnicodeError):
        return False
    digest = base64.b64encode(hashlib.sha256(body).digest())
    stated = str(claims.get("sha256", "")).encode(errors="replace")
    return hmac.compare_digest(digest, stated) and _is_timely(claims, now.timestamp())


def _is_timely(claims: dict[str, Any], now: float) -> bool:
    ends, starts = claims["exp"], claims.get("nbf", 0)
    if not isinstance(ends, int | float) or not isinstance(starts, int | float):
        return False
    return starts - LEEWAY_SECONDS <= now < ends + LEEWAY_SECONDS
