"""Who calls a server API with a token: somebody to whom the operator's issuer gave the role for it.

The token is read strictly, by our clock and our list of algorithms. What its header says of keys
(`jku`, `x5u`, `jwk`) is never followed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import jwt

from openrooms.http.errors import Denied
from openrooms.http.issuers import Issuer
from openrooms.kernel.clock import Clock

SCHEME = "bearer "
ALGORITHMS = frozenset({"RS256", "PS256", "ES256"})
LONGEST_TOKEN = 16 * 1024
LEEWAY = timedelta(seconds=60)

# Any: JSON, looked into here.
Claims: TypeAlias = Mapping[str, Any]
# What is asked of the times is below, by our clock; of the rest, too, so that the log says why.
_OPTIONS: Any = {
    "verify_signature": True,
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_iss": False,
    "verify_nbf": False,
    "verify_sub": False,
    "verify_jti": False,
}


class NamedTenant(Protocol):
    """A resource that can be named."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...


class Directory(Protocol):
    """Knows which resources are reached under which name."""

    def serving(self, host: str) -> Sequence[NamedTenant]: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """What a token must say.

    `role_claim` holds the roles, as text or a list; a dot leads into an inner object. `resource_claim`
    may name the resource; without it, the host name of the request has to.
    """

    audience: str
    role_claim: str
    role: str
    resource_claim: str | None = None


class BearerTokens:
    """Proves requests by the tokens of one issuer."""

    def __init__(self, issuer: Issuer, terms: Terms, *, directory: Directory, clock: Clock) -> None:
        self._issuer = issuer
        self._terms = terms
        self._directory = directory
        self._clock = clock

    async def prove(self, authorization: str, host: str) -> str:
        """The id of the resource that the holder may manage. Raises `Denied`, or `IssuerAway`."""
        token = authorization[len(SCHEME) :].strip(" ")
        claims = await self._read(token)
        if self._terms.role not in _texts(_member(claims, self._terms.role_claim)):
            raise Denied("bearer: role missing")
        return self._choose(claims, self._directory.serving(host))

    async def _read(self, token: str) -> Claims:
        """What the token says, once it is sure that the issuer said it, to us, and of now."""
        algorithm, key_id = _read_header(token)
        # Before the issuer is asked for anything: not every text is worth it.
        self._check(_read_claims(token))
        found = await self._issuer.key(key_id)
        if found is None or algorithm not in found.algorithms:
            raise Denied("bearer: unknown key")
        try:
            return jwt.decode(token, found.key, algorithms=[algorithm], options=_OPTIONS)
        except jwt.PyJWTError as error:
            raise Denied(f"bearer: {type(error).__name__}") from None

    def _check(self, claims: Claims) -> None:
        now, leeway = self._clock().timestamp(), LEEWAY.total_seconds()
        if claims.get("iss") != self._issuer.name:
            raise Denied("bearer: another issuer")
        audience = self._terms.audience.rstrip("/")
        # Clients ask for the scope `https://communication.azure.com//.default`.
        if audience not in [one.rstrip("/") for one in _texts(claims.get("aud"))]:
            raise Denied("bearer: another audience")
        if _moment(claims, "exp") + leeway <= now:
            raise Denied("bearer: expired")
        if _moment(claims, "iat") - leeway > now:
            raise Denied("bearer: issued in the future")
        if "nbf" in claims and _moment(claims, "nbf") - leeway > now:
            raise Denied("bearer: not yet good")

    def _choose(self, claims: Claims, tenants: Sequence[NamedTenant]) -> str:
        """The resource that is meant by the host name, and by the claim, where there is one."""
        if self._terms.resource_claim is not None:
            named = _texts(_member(claims, self._terms.resource_claim))
            tenants = [one for one in tenants if one.id in named or one.name in named]
        if len(tenants) != 1:
            raise Denied(f"bearer: {len(tenants)} resources are meant")
        return tenants[0].id


def is_bearer(authorization: str) -> bool:
    """Whether an `Authorization` header holds a token."""
    return authorization[: len(SCHEME)].lower() == SCHEME


def _read_header(token: str) -> tuple[str, str]:
    """The algorithm, one of ours, and the id of the key."""
    if not token or len(token) > LONGEST_TOKEN or not token.isascii():
        raise Denied("bearer: malformed")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Denied("bearer: malformed") from None
    algorithm, key_id = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise Denied("bearer: algorithm")
    # An extension that must be understood is one that we do not understand.
    if not isinstance(key_id, str) or "crit" in header:
        raise Denied("bearer: header")
    return str(algorithm), key_id


def _read_claims(token: str) -> Claims:
    """What the token says, before anyone knows who said it."""
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise Denied("bearer: malformed") from None


def _moment(claims: Claims, name: str) -> float:
    value = claims.get(name)
    # Exactly: a boolean is a number, too; and what is not finite is at no time.
    if type(value) not in {int, float} or not math.isfinite(_as_float(value)):
        raise Denied(f"bearer: {name} is no moment")
    return _as_float(value)


def _as_float(value: Any) -> float:  # noqa: ANN401 - a number of JSON, which may have any size
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _member(claims: Claims, name: str) -> object:
    """A claim by its whole name, or by the way to it through inner objects."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _texts(value: object) -> list[str]:
    """One text, or the texts of a list."""
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
