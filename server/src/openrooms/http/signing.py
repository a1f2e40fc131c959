"""The signature that proves an access key: how it is written, and what may have been signed.

Pure: bytes and text in, values out. Where the published clients disagree on what they sign, every
form in use is a candidate, and nothing else is.
"""

import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, quote_plus, unquote

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

SCHEME = "hmac-sha256"
CONTENT_HASH = "x-ms-content-sha256"
DATES = ("x-ms-date", "date")
MOST_HEADERS = 16
SIGNATURE_BYTES = 32

_NAMES = re.compile(r"SignedHeaders=([A-Za-z0-9-]+(?:;[A-Za-z0-9-]+)*)\Z")
_DEFAULT_PORTS = {"https": "443", "http": "80"}


class Credential(msgspec.Struct, frozen=True):
    """An `Authorization` header: the headers that were signed, in order, and the signature."""

    signed: "SignedNames"
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedNames:
    """The names of the headers that were signed, in order.

    `date` is the one that says when, empty without any; `bind_all`: whether the host, the body and
    the moment were signed, each name once.
    """

    names: tuple[str, ...]
    date: str
    bind_all: bool


def parse_authorization(header: str) -> Credential | None:
    """Read an `Authorization` header; None unless it has the one form that is written so."""
    said, _, text = header.rpartition("&Signature=")
    signed, signature = _read_signed(said), parse_base64(text)
    if signed is None or signature is None or len(signature) != SIGNATURE_BYTES:
        return None
    return Credential(signed, signature)


def parse_base64(text: str) -> bytes | None:
    """Standard base64 in its one proper form; None for anything else."""
    try:
        decoded = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
    # A second text for the same bytes is nobody's signature.
    return decoded if _base64(decoded) == text else None


def hash_content(body: bytes) -> str:
    """The value of `x-ms-content-sha256` for this body."""
    return _base64(hashlib.sha256(body).digest()) if body else _HASH_OF_NOTHING


def targets(target: str) -> Iterator[str]:
    """What a client may have signed for a request target: as sent, decoded, or as a form.

    Hardly anyone signs anything but what he sends: the other forms are made when they are asked for.
    """
    yield target
    forms = _other_forms(target)
    yield from (form for form in dict.fromkeys(forms) if form != target)


def _other_forms(target: str) -> list[str]:
    forms = []
    with suppress(UnicodeDecodeError):
        # The Python Rooms client signs path and query percent-decoded.
        forms.append(unquote(target, errors="strict"))
    path, mark, query = target.partition("?")
    if mark:
        # The JavaScript clients sign the query as URLSearchParams writes it.
        pairs = parse_qsl(query, keep_blank_values=True)
        forms.append(f"{path}?{'&'.join(f'{_form(name)}={_form(value)}' for name, value in pairs)}")
    return forms


def hosts(host: str, scheme: str) -> list[str]:
    """What a client may have signed for a `Host` header: as sent, or with the default port."""
    if ":" in host.rpartition("]")[2]:
        return [host]
    # The Python clients sign the port of the connection string, and their HTTP stack leaves it out.
    return [host, f"{host}:{_DEFAULT_PORTS[scheme]}"]


def signed_text(method: str, target: str, values: Iterable[str]) -> bytes:
    """What is signed of a request with these values of its signed headers."""
    return f"{method}\n{target}\n{';'.join(values)}".encode("utf-8", "surrogateescape")


def sign(text: bytes, key: bytes) -> bytes:
    """The signature of a text."""
    signing = _begun(key).copy()
    signing.update(text)
    return signing.finalize()


def is_signed(text: bytes, key: bytes, signature: bytes) -> bool:
    """Whether this is the signature, in a time that does not tell how near it was."""
    return hmac.compare_digest(signature, sign(text, key))


# Access keys, most of them used again and again: to begin takes twice as long as all the rest.
@lru_cache(maxsize=256)
def _begun(key: bytes) -> HMAC:
    """What each signature with a key begins with."""
    return HMAC(key, SHA256())


# All callers together use a handful of lists.
@lru_cache(maxsize=64)
def _read_signed(said: str) -> SignedNames | None:
    """What stands before a signature: the scheme, and the names of the headers."""
    scheme, _, parameter = said.partition(" ")
    match = _NAMES.match(parameter)
    if scheme.lower() != SCHEME or match is None:
        return None
    names = tuple(match[1].lower().split(";"))
    if len(names) > MOST_HEADERS:
        return None
    date = next((name for name in DATES if name in names), "")
    bound = {"host", CONTENT_HASH} <= set(names) and bool(date)
    return SignedNames(names, date, bound and len(set(names)) == len(names))


def _base64(content: bytes) -> str:
    return binascii.b2a_base64(content, newline=False).decode("ascii")


_HASH_OF_NOTHING = _base64(hashlib.sha256().digest())


def _form(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")
