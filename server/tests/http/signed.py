"""Signing requests as the published clients do, for tests."""

import base64
from datetime import datetime
from email.utils import format_datetime

from openrooms.http.signing import hash_content, sign, signed_text


def signed_headers(
    key: bytes, method: str, target: str, *, host: str, at: datetime, body: bytes = b""
) -> dict[str, str]:
    """The headers that prove a request."""
    date, content_hash = format_datetime(at, usegmt=True), hash_content(body)
    signature = sign(signed_text(method, target, [date, host, content_hash]), key)
    return {
        "x-ms-date": date,
        "x-ms-content-sha256": content_hash,
        "authorization": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature="
        + base64.b64encode(signature).decode(),
    }
