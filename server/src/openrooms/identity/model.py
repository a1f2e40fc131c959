"""What a resource, an identity and an access token are. Values and rules, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from openrooms.identity.errors import (
    Denied,
    InvalidExpiry,
    InvalidIdentity,
    InvalidScopes,
    ScopesRequired,
)
from openrooms.kernel.identifiers import CommunicationUser, parse_user

SHORTEST_LIFE, LONGEST_LIFE = 60, 1440
FIRST_GENERATION = 1


class Scope(StrEnum):
    """What an access token is for."""

    CHAT = "chat"
    VOIP = "voip"
    CHAT_JOIN = "chat.join"
    CHAT_JOIN_LIMITED = "chat.join.limited"
    VOIP_JOIN = "voip.join"


@dataclass(frozen=True, slots=True)
class Resource:
    """A tenant, with the two keys of its servers. Both are always good."""

    id: str
    name: str
    primary_key: bytes = field(repr=False)
    secondary_key: bytes = field(repr=False)
    created_at: datetime

    @property
    def access_keys(self) -> tuple[bytes, bytes]:
        return self.primary_key, self.secondary_key


@dataclass(frozen=True, slots=True)
class TokenWish:
    """The token that a caller asks for."""

    scopes: tuple[Scope, ...]
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it is handed out."""

    token: str = field(repr=False)
    expires_on: datetime


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. Moments are whole seconds."""

    user: CommunicationUser
    generation: int
    scopes: tuple[Scope, ...]
    issued_at: int
    expires_at: int
    issuer: str


@dataclass(frozen=True, slots=True)
class Caller:
    """The user who holds a good token, and what the token is good for."""

    user: CommunicationUser
    generation: int
    scopes: frozenset[Scope]
    expires_on: datetime


def parse_identity(raw_id: str, resource_id: str) -> CommunicationUser:
    """The user of the caller's resource that `raw_id` names."""
    user = parse_user(raw_id)
    if user is None:
        raise InvalidIdentity
    if user.resource != resource_id:
        raise Denied
    return user


def parse_scopes(names: Sequence[str] | None) -> tuple[Scope, ...]:
    """The scopes that `names` stand for, each once, in the order given."""
    if not names:
        raise ScopesRequired
    if len(names) > len(Scope):
        raise InvalidScopes
    try:
        return tuple(dict.fromkeys(map(Scope, names)))
    except ValueError:
        raise InvalidScopes from None


def choose_lifetime(minutes: int | None) -> timedelta:
    """How long a token lives: as asked, within the bounds, else as long as can be."""
    if minutes is None:
        return timedelta(minutes=LONGEST_LIFE)
    if not SHORTEST_LIFE <= minutes <= LONGEST_LIFE:
        raise InvalidExpiry(minutes, SHORTEST_LIFE, LONGEST_LIFE)
    return timedelta(minutes=minutes)
