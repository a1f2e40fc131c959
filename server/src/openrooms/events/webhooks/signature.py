"""Signs what is sent, so that receivers know whom it is from: by Standard Webhooks 1.0.

`webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, with the key
that `whsec_` and its base64 name; while two keys are good, one of each, with a space between.
`webhook-timestamp` is in seconds since 1970.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"


def secret_text(key: bytes) -> str:
    """A key as receivers are given it."""
    return PREFIX + base64.b64encode(key).decode("ascii")


def sign(keys: Sequence[bytes], message_id: str, body: bytes, *, at: datetime) -> Mapping[str, str]:
    """The three headers of a message."""
    timestamp = str(int(at.timestamp()))
    said = f"{message_id}.{timestamp}.".encode() + body
    digests = (base64.b64encode(hmac.digest(key, said, "sha256")).decode("ascii") for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{digest}" for digest in digests),
    }
