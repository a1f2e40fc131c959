"""Raw requests over TLS, signed as the published clients sign them; written from the description alone."""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from support.server import Ready

ANSWER_WITHIN = 20.0
SIGNED = "x-ms-date;host;x-ms-content-sha256"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 (whatever was sent)
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, and how to prove that one holds it."""

    text: str

    def headers(
        self, method: str, target: str, host: str, *, at: str, body: bytes
    ) -> dict[str, str]:
        """The headers that prove it."""
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        to_sign = f"{method}\n{target}\n{at};{host};{digest}"
        proof = hmac.digest(base64.b64decode(self.text), to_sign.encode(), "sha256")
        return {
            "x-ms-date": at,
            "x-ms-content-sha256": digest,
            "Authorization": f"HMAC-SHA256 SignedHeaders={SIGNED}"
            f"&Signature={base64.b64encode(proof).decode()}",
        }


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, before it is signed."""

    method: str
    target: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Caller:
    """Who holds the connection string, with one connection that is kept."""

    def __init__(self, ready: Ready, *, source: str | None = None, port: int | None = None) -> None:
        """`source`: the address of this machine that he has. `port`: another one than the endpoint's."""
        endpoint, _, key = ready.connection_string.partition(";accesskey=")
        self.host = urlsplit(endpoint.removeprefix("endpoint=")).netloc
        self.endpoint = ready.endpoint
        self.key = Key(key)
        trust = ssl.create_default_context(cafile=str(ready.ca))
        name, _, usual = self.host.partition(":")
        self._connection = http.client.HTTPSConnection(
            name,
            port or int(usual or 443),
            context=trust,
            timeout=ANSWER_WITHIN,
            source_address=None if source is None else (source, 0),
        )

    def close(self) -> None:
        self._connection.close()

    def call(self, ask: Ask) -> Answered:
        """Sign the request and send it. Headers of its own win over those of the signature."""
        at = format_datetime(datetime.now(UTC), usegmt=True)
        proof = self.key.headers(ask.method, ask.target, self.host, at=at, body=ask.body)
        return self.send(Ask(ask.method, ask.target, ask.body, proof | dict(ask.headers)))

    def send(self, ask: Ask) -> Answered:
        """Send the request as it is."""
        self._connection.request(ask.method, ask.target, ask.body or None, dict(ask.headers))
        answer = self._connection.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answered(answer.status, headers, body)


def expect(answer: Answered, status: int) -> Answered:
    """The answer, which must be of that status."""
    assert answer.status == status, answer
    return answer
