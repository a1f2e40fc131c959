"""The signature that proves an access key: how it is written, and what may have been signed.

Pure: bytes and text in, values out. Where the published clients disagree on what they sign, every
form in use is a candidate, and nothing else is.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote_plus, unquote

SCHEME = "hmac-sha256"
CONTENT_HASH = "x-ms-content-sha256"
DATES = ("x-ms-date", "date")
MOST_HEADERS = 16
SIGNATURE_BYTES = 32

_PARAMETERS = re.compile(
    r"SignedHeaders=(?P<names>[A-Za-z0-9-]+(?:;[A-Za-z0-9-]+)*)&Signature=(?P<signature>[^&]+)\Z"
)
_DEFAULT_PORTS = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True)
class Credential:
    """An `Authorization` header: the headers that were signed, in order, and the signature."""

    names: tuple[str, ...]
    signature: bytes

    @property
    def date_name(self) -> str | None:
        """The signed header that says when."""
        return next((name for name in DATES if name in self.names), None)

    @property
    def binds_all(self) -> bool:
        """Whether the host, the body and the moment were signed, each name once."""
        needed = {"host", CONTENT_HASH} <= set(self.names) and self.date_name is not None
        return needed and len(set(self.names)) == len(self.names)


def parse_authorization(header: str) -> Credential | None:
    """Read an `Authorization` header; None unless it has the one form that is written so."""
    scheme, _, parameters = header.partition(" ")
    match = _PARAMETERS.match(parameters)
    if scheme.lower() != SCHEME or match is None:
        return None
    signature = parse_base64(match["signature"])
    names = tuple(match["names"].lower().split(";"))
    if signature is None or len(signature) != SIGNATURE_BYTES or len(names) > MOST_HEADERS:
        return None
    return Credential(names, signature)


def parse_base64(text: str) -> bytes | None:
    """Standard base64 in its one proper form; None for anything else."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # A second text for the same bytes is nobody's signature.
    return decoded if base64.b64encode(decoded).decode("ascii") == text else None


def hash_content(body: bytes) -> str:
    """The value of `x-ms-content-sha256` for this body."""
    return base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


def targets(target: str) -> list[str]:
    """What a client may have signed for a request target: as sent, decoded, or as a form."""
    forms = [target]
    with suppress(UnicodeDecodeError):
        # The Python Rooms client signs path and query percent-decoded.
        forms.append(unquote(target, errors="strict"))
    path, mark, query = target.partition("?")
    if mark:
        # The JavaScript clients sign the query as URLSearchParams writes it.
        pairs = parse_qsl(query, keep_blank_values=True)
        forms.append(f"{path}?{'&'.join(f'{_form(name)}={_form(value)}' for name, value in pairs)}")
    return list(dict.fromkeys(forms))


def hosts(host: str, scheme: str) -> list[str]:
    """What a client may have signed for a `Host` header: as sent, or with the default port."""
    if ":" in host.rpartition("]")[2]:
        return [host]
    # The Python clients sign the port of the connection string, and their HTTP stack leaves it out.
    return [host, f"{host}:{_DEFAULT_PORTS[scheme]}"]


def sign(key: bytes, *, method: str, target: str, values: Sequence[str]) -> bytes:
    """The signature of a request with these values of its signed headers."""
    text = f"{method}\n{target}\n{';'.join(values)}"
    return hmac.digest(key, text.encode("utf-8", "surrogateescape"), "sha256")


def is_one_of(signature: bytes, candidates: Iterable[bytes]) -> bool:
    """Compare with every candidate, in a time that does not tell which one was near."""
    found = False
    for candidate in candidates:
        found |= hmac.compare_digest(signature, candidate)
    return found


def _form(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")
