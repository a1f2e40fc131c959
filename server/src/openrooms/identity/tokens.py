"""User access tokens: signed with ES256, read strictly. No I/O.

A file of its own: signing is neither a rule of the model nor an operation, and the key library
stays in one place.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)
from jwt.utils import base64url_decode, base64url_encode

from openrooms.identity.errors import TokenRefused, UnknownKey
from openrooms.identity.model import LONGEST_LIFE, Claims, Scope
from openrooms.kernel.identifiers import parse_user

ALGORITHM = "ES256"
LONGEST_TOKEN = 4096

# Seen with the scopes chat and voip; clients read `acsScope` (docs/compat/identity.md).
_SCOPE_BITS = 1792
# Where a hosted service names its region and its data's place.
_REGION = "local"
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.(?P<signature>[A-Za-z0-9_-]+)\Z")
_REQUIRED = ["acsScope", "exp", "gen", "iat", "iss", "resourceId", "skypeid"]
# Times are checked against our clock, the issuer against our list: below, not by the library.
_OPTIONS: Any = {
    "require": _REQUIRED,
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_nbf": False,
}
# Azure's Python client decodes the payload with the standard base64 alphabet, as ASCII. Text free
# of these four never needs the two characters in which the alphabets differ.
_ESCAPES = str.maketrans({character: f"\\u{ord(character):04x}" for character in ">?~\x7f"})


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that tokens are signed with. `id` is the `kid` of their header."""

    id: str
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def head(self) -> bytes:
        """The first segment of a token signed with it."""
        return _head(self.id)

    @property
    def public_numbers(self) -> ec.EllipticCurvePublicNumbers:
        return self.private_key.public_key().public_numbers()


_ECDSA = ec.ECDSA(SHA256())
# Bits of each of the two numbers that a signature consists of.
_NUMBER = 256


class Tokens:
    """Mints tokens with the newest key, and reads those signed with any of ours."""

    def __init__(self, keys: Sequence[SigningKey], issuer: str, issuers: frozenset[str]) -> None:
        self.issuer = issuer
        self._issuers = issuers | {issuer}
        self.take(keys)

    def take(self, keys: Sequence[SigningKey]) -> None:
        """Use these keys from now on; the first one signs."""
        self.keys = tuple(keys)
        self._public = {key.id: key.private_key.public_key() for key in keys}

    def mint(self, claims: Claims) -> str:
        """The token that says `claims`, signed with the newest key."""
        key = self.keys[0]
        said = b".".join((key.head, base64url_encode(_payload(claims))))
        return b".".join((said, base64url_encode(_sign(said, key)))).decode("ascii")

    def read(self, token: str, now: datetime) -> Claims:
        """What a token says, once it is sure that we said it and that it has not ended."""
        form = _FORM.match(token) if len(token) <= LONGEST_TOKEN else None
        if form is None or not _is_canonical(form["signature"]):
            raise TokenRefused("malformed")
        try:
            key = self._public.get(jwt.get_unverified_header(token).get("kid", ""))
            if key is None:
                raise UnknownKey
            payload = jwt.decode(token, key, algorithms=[ALGORITHM], options=_OPTIONS)
        except jwt.PyJWTError as error:
            raise TokenRefused(type(error).__name__) from None
        claims = _claims(payload)
        if claims.issuer not in self._issuers:
            raise TokenRefused("unknown issuer")
        if _number(payload, "nbf", claims.issued_at) > now.timestamp():
            raise TokenRefused("not yet good")
        if claims.expires_at <= now.timestamp():
            raise TokenRefused("expired")
        return claims


def new_signing_key() -> SigningKey:
    """A key nobody had before, named by a digest of its public half."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    public = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(hashlib.sha256(public).hexdigest()[:40].upper(), private_key)


def dump_key(key: SigningKey) -> bytes:
    """The private key as bytes, to be encrypted and stored."""
    return key.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_key(key_id: str, dumped: bytes) -> SigningKey:
    """The key that `dump_key` made bytes of."""
    private_key = load_der_private_key(dumped, password=None)
    if not isinstance(private_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"signing key {key_id} is not of the kind for {ALGORITHM}")
    return SigningKey(key_id, private_key)


# A few keys are in use at a time.
@lru_cache(maxsize=16)
def _head(key_id: str) -> bytes:
    said = {"alg": ALGORITHM, "kid": key_id, "typ": "JWT"}
    return base64url_encode(json.dumps(said, separators=(",", ":")).encode("ascii"))


def _payload(claims: Claims) -> bytes:
    """The claims as JSON. Ids, scopes and numbers are written as they are; see the issuer's text."""
    user, at = claims.user, claims.issued_at
    return (
        f'{{"skypeid":"acs:{user.resource}_{user.user}","scp":{_SCOPE_BITS},"csi":"{at}",'
        f'"exp":{claims.expires_at},"iat":{at},"rgn":"{_REGION}",'
        f'"acsScope":"{",".join(claims.scopes)}","resourceId":"{user.resource}",'
        f'"resourceLocation":"{_REGION}","iss":{_quote(claims.issuer)},"gen":{claims.generation}}}'
    ).encode("ascii")


# We issue under one.
@lru_cache(maxsize=16)
def _quote(issuer: str) -> str:
    return json.dumps(issuer).translate(_ESCAPES)


def _sign(said: bytes, key: SigningKey) -> bytes:
    """The signature as a token carries it: its two numbers side by side."""
    r, s = decode_dss_signature(key.private_key.sign(said, _ECDSA))
    return (r << _NUMBER | s).to_bytes(2 * _NUMBER // 8, "big")


# Any: what a payload holds is known only once it is checked, which happens here.
def _claims(payload: Mapping[str, Any]) -> Claims:
    user = parse_user(f"8:{payload['skypeid']}")
    if user is None or user.resource != payload["resourceId"]:
        raise TokenRefused("no user of ours")
    issued_at, expires_at = _number(payload, "iat"), _number(payload, "exp")
    if expires_at - issued_at > LONGEST_LIFE * 60:
        raise TokenRefused("lives too long")
    try:
        scopes = tuple(map(Scope, str(payload["acsScope"]).split(",")))
    except ValueError:
        raise TokenRefused("unknown scope") from None
    generation = _number(payload, "gen")
    return Claims(user, generation, scopes, issued_at, expires_at, str(payload["iss"]))


def _number(payload: Mapping[str, Any], name: str, default: int = 0) -> int:
    value = payload.get(name, default)
    # Exactly: a boolean is an integer, too, and a fraction can be endless.
    if type(value) is not int:
        raise TokenRefused(f"{name} is no whole number")
    return value


def _is_canonical(segment: str) -> bool:
    """Whether the text is the only one that decodes to its bytes."""
    try:
        return base64url_encode(base64url_decode(segment)).decode() == segment
    except ValueError:
        # No text of this length is base64.
        return False
