"""The public keys of an OpenID Connect issuer: found by its own documents, kept, and renewed.

Only the configured issuer is ever asked, and nothing that a token says has a part in where: the
address of its document is made from the setting, that of its keys is what the document says.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import httpx2
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from openrooms.http.errors import HttpError
from openrooms.kernel.clock import Monotonic, monotonic

DOCUMENT = "/.well-known/openid-configuration"
LARGEST_DOCUMENT = 512 * 1024
MOST_KEYS = 100
SMALLEST_RSA = 2048
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
# Any: JSON, looked into here.
Json: TypeAlias = Any

log = structlog.get_logger(__name__)


class IssuerUnusable(Exception):
    """What is set about the issuer cannot be used. The message says why, and what to do."""


class IssuerAway(HttpError):
    """The issuer's keys are not known, and it does not answer: nobody can say who calls."""

    status = 503
    code = "ServiceUnavailable"
    message = "The issuer of the token cannot be reached. Try again."
    retry_after = 5


class _Unfetched(Exception):
    """A document of the issuer cannot be had, or makes no sense. The reason is for the log."""


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A key that the issuer signs with, and the algorithms it may be used with."""

    key: PublicKey
    algorithms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the issuer is asked, in seconds.

    `renew`: while all is well; `pause`: at the most, whatever tokens come in; `deadline`: how long
    an answer may take.
    """

    renew: float = 3600.0
    pause: float = 10.0
    deadline: float = 5.0


DEFAULT_PACE = Pace()


class Issuer:
    """The keys of one issuer. Those it had last are good while it is away."""

    def __init__(
        self,
        name: str,
        *,
        tls: ssl.SSLContext | None = None,
        pace: Pace = DEFAULT_PACE,
        now: Monotonic = monotonic,
    ) -> None:
        self.name = name
        self._tls = tls
        self._pace = pace
        self._now = now
        self._keys: Mapping[str, IssuerKey] = {}
        self._asked = self._known = float("-inf")
        self._asking = asyncio.Lock()

    async def key(self, key_id: str) -> IssuerKey | None:
        """The key of this id; None when the issuer has none. Raises `IssuerAway`."""
        if key_id not in self._keys or self._is_due():
            await self._ask()
        if not self._keys:
            raise IssuerAway
        return self._keys.get(key_id)

    def _is_due(self) -> bool:
        """Whether the keys are old, and nobody is at it: then one caller asks, and no other waits."""
        return self._now() - self._known >= self._pace.renew and not self._asking.locked()

    async def _ask(self) -> None:
        """Ask the issuer, unless it has just been asked; who comes meanwhile waits for the answer."""
        async with self._asking:
            if self._now() - self._asked < self._pace.pause:
                return
            self._asked = self._now()
            try:
                async with asyncio.timeout(self._pace.deadline):
                    self._keys = await self._fetch()
                self._known = self._now()
                log.info("issuer_keys_read", issuer=self.name, keys=len(self._keys))
            except (_Unfetched, httpx2.HTTPError, OSError, TimeoutError) as error:
                why = str(error) or type(error).__name__
                log.warning("issuer_away", issuer=self.name, why=why, kept=len(self._keys))

    async def _fetch(self) -> Mapping[str, IssuerKey]:
        async with httpx2.AsyncClient(
            verify=self._tls or ssl.create_default_context(),
            # Where a token is checked is ours to say: no proxy by environment, no redirect.
            trust_env=False,
            follow_redirects=False,
            timeout=self._pace.deadline,
        ) as client:
            document = await _read(client, self.name.rstrip("/") + DOCUMENT)
            if document.get("issuer") != self.name:
                raise _Unfetched("the issuer's document names another issuer")
            where = document.get("jwks_uri")
            if not isinstance(where, str) or not _is_safe(where, like=self.name):
                raise _Unfetched("the issuer's document names no usable jwks_uri")
            keys = read_keys(await _read(client, where))
        if not keys:
            raise _Unfetched("the issuer has no key that can be used")
        return keys


def read_keys(document: Json) -> Mapping[str, IssuerKey]:
    """The keys of a JWKS that can verify tokens, by id. What is anything else is left out."""
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        return {}
    found = {}
    for one in listed[:MOST_KEYS]:
        key = _read_key(one)
        if key is not None and isinstance(one.get("kid"), str):
            found[one["kid"]] = key
    return found


def open_trust(authority: Path | None) -> ssl.SSLContext | None:
    """Trust in a private authority; None for what the machine trusts. Raises `IssuerUnusable`."""
    if authority is None:
        return None
    try:
        return ssl.create_default_context(cafile=str(authority))
    except (OSError, ssl.SSLError) as error:
        raise IssuerUnusable(
            f"Setting oidc_ca: {authority} is no readable file of certificates ({error.strerror}). "
            "Give the PEM file of the authority that certifies the issuer."
        ) from error


def _read_key(one: Json) -> IssuerKey | None:
    if not isinstance(one, dict) or one.get("use", "sig") != "sig":
        return None
    try:
        key = jwt.PyJWK(one).key
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    algorithms = _algorithms(key)
    if "alg" in one:
        algorithms &= {one["alg"]} if isinstance(one["alg"], str) else set()
    return IssuerKey(key, algorithms) if algorithms else None


def _algorithms(key: object) -> frozenset[str]:
    """What a key may verify: nothing, when it is a secret, too weak, or of a kind unknown here."""
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= SMALLEST_RSA:
        return frozenset({"RS256", "PS256"})
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return frozenset({"ES256"})
    return frozenset()


async def _read(client: httpx2.AsyncClient, url: str) -> Json:
    body = bytearray()
    async with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
        if answer.status_code != 200:
            raise _Unfetched(f"{url} answers {answer.status_code}")
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > LARGEST_DOCUMENT:
                raise _Unfetched(f"{url} is too large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _Unfetched(f"{url} is no JSON object")
    return document


def _is_safe(url: str, *, like: str) -> bool:
    """Whether it is as safe as the issuer's own address: TLS, or plain HTTP on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "https":
        return True
    plain = urlsplit(like).scheme == "http" and parts.scheme == "http"
    return plain and parts.hostname in LOOPBACK
