"""What a resource, an identity and an access token are. Values and rules, no I/O.

What is made for each request is a named tuple, at half the price of a frozen dataclass.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from openrooms.identity.errors import (
    Denied,
    InvalidCustomId,
    InvalidExpiry,
    InvalidHostName,
    InvalidIdentity,
    InvalidName,
    InvalidScopes,
    ScopesRequired,
)
from openrooms.kernel.access_keys import WhichKey
from openrooms.kernel.identifiers import CommunicationUser, parse_user

SHORTEST_LIFE, LONGEST_LIFE = 60, 1440
_LONGEST = timedelta(minutes=LONGEST_LIFE)
FIRST_GENERATION = 1
LONGEST_CUSTOM_ID = 256
# Each of them costs every request to a name that is nobody's two tries.
MOST_UNNAMED = 16
MOST_HOST_NAMES = 16

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}\Z", re.ASCII)
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z", re.ASCII)


class Scope(StrEnum):
    """What an access token is for."""

    CHAT = "chat"
    VOIP = "voip"
    CHAT_JOIN = "chat.join"
    CHAT_JOIN_LIMITED = "chat.join.limited"
    VOIP_JOIN = "voip.join"


_SCOPES = {scope.value: scope for scope in Scope}


@dataclass(frozen=True, slots=True)
class Resource:
    """A tenant, with the two keys of its servers. Both are always good."""

    id: str
    name: str
    primary_key: bytes = field(repr=False)
    secondary_key: bytes = field(repr=False)
    created_at: datetime
    # Where it is reached; without one, wherever nobody else is.
    host_names: tuple[str, ...] = ()

    @property
    def access_keys(self) -> tuple[bytes, bytes]:
        return self.primary_key, self.secondary_key

    @property
    def host_name(self) -> str | None:
        """The first name of its own under which it is reached."""
        return self.host_names[0] if self.host_names else None

    def key(self, which: WhichKey) -> bytes:
        return self.primary_key if which is WhichKey.PRIMARY else self.secondary_key


class TokenWish(NamedTuple):
    """The token that a caller asks for."""

    scopes: tuple[Scope, ...]
    lifetime: timedelta


class NewIdentity(NamedTuple):
    """The identity that a caller asks for: a first token for it, and his own id of it."""

    token: TokenWish | None = None
    custom_id: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of a resource, and what is kept of him."""

    user: CommunicationUser
    custom_id: str | None
    last_token_issued_at: datetime | None

    def with_token(self, at: datetime) -> "Identity":
        """The same after a token was issued at this moment."""
        last = self.last_token_issued_at
        return replace(self, last_token_issued_at=at if last is None else max(last, at))


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as it is handed out."""

    token: str = field(repr=False)
    expires_on: datetime


class Claims(NamedTuple):
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


def check_custom_id(custom_id: str | None) -> str | None:
    """The custom id, when it can be one."""
    if custom_id is not None and not 1 <= len(custom_id) <= LONGEST_CUSTOM_ID:
        raise InvalidCustomId(LONGEST_CUSTOM_ID)
    return custom_id


def parse_scopes(names: Sequence[str] | None) -> tuple[Scope, ...]:
    """The scopes that `names` stand for, each once, in the order given."""
    if not names:
        raise ScopesRequired
    if len(names) > len(Scope):
        raise InvalidScopes
    try:
        return tuple([_SCOPES[name] for name in dict.fromkeys(names)])
    except KeyError:
        raise InvalidScopes from None


def choose_lifetime(minutes: int | None) -> timedelta:
    """How long a token lives: as asked, within the bounds, else as long as can be."""
    if minutes is None:
        return _LONGEST
    if not SHORTEST_LIFE <= minutes <= LONGEST_LIFE:
        raise InvalidExpiry(minutes, SHORTEST_LIFE, LONGEST_LIFE)
    return timedelta(minutes=minutes)


def check_name(name: str) -> str:
    """The name of a new resource."""
    if not _NAME.match(name):
        raise InvalidName(name)
    return name


def check_host_names(names: Iterable[str]) -> tuple[str, ...]:
    """Host names as they stand in requests: in lower case, each once, in the order given."""
    checked = tuple(dict.fromkeys(map(_host_name, names)))
    if len(checked) > MOST_HOST_NAMES:
        raise InvalidHostName(f"{len(checked)} of them")
    return checked


def _host_name(name: str) -> str:
    text = name.lower()
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        # What is all digits and dots but no address is no name either.
        if not _HOST_NAME.match(text) or text.replace(".", "").isdigit():
            raise InvalidHostName(name) from None
        return text
    if address.version == 6 and getattr(address, "scope_id", None):
        raise InvalidHostName(name)
    # In a URL and a Host header an IPv6 address stands in brackets.
    return f"[{address}]" if address.version == 6 else str(address)
