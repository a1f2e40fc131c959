"""What a webhook is, and when what it does not take is tried again. Values and rules, no I/O."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from openrooms.events.model import KeptEvent
from openrooms.events.webhooks.errors import BadForm, BadOverlap, BadTypes, BadUrl

LONGEST_URL = 2048
MOST_WEBHOOKS = 10
MOST_TYPES, LONGEST_TYPE = 50, 64
# How long a secret that was changed signs beside its successor.
FORMER_KEPT, LONGEST_FORMER_KEPT = timedelta(hours=24), timedelta(hours=168)
LONGEST_FAILURE = 200
PORTS = {"https": 443, "http": 80}

# How long after a failed try the next one comes: the last of them again and again.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (10, 30, 60, 300, 600, 1800, 3600, 10800, 21600)
)
GIVEN_UP_AFTER = timedelta(hours=24)
# What a receiver says of the event itself, and would say again.
REFUSED_FOR_GOOD = frozenset({400, 413})
# What is answered in the place of a receiver that is away.
AWAY = frozenset({502, 503, 504})


class Form(StrEnum):
    """How events are written down for a webhook."""

    EVENT_GRID = "eventgrid"
    CLOUD_EVENTS = "cloudevents"


class Target(NamedTuple):
    """Where a URL leads. `path` has the query in it; `host` has no brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """What may be told in lists and logs: a path or a query may hold a secret."""
        return f"{self.scheme}://{self.authority}"


class Former(NamedTuple):
    """The secret before the one that holds, and until when it signs beside it."""

    secret: bytes
    until: datetime


class Webhook(NamedTuple):
    """Where events of a resource are sent. `types`: those that are; None: all."""

    id: str
    resource_id: str
    url: str
    secret: bytes
    form: Form
    types: frozenset[str] | None
    created_at: datetime
    former: Former | None = None

    def secrets(self, now: datetime) -> tuple[bytes, ...]:
        """Those that sign, the newest first."""
        if self.former is None or now >= self.former.until:
            return (self.secret,)
        return (self.secret, self.former.secret)

    @property
    def target(self) -> Target:
        return parse_url(self.url)


class Parcel(NamedTuple):
    """An event that has to be delivered to a webhook. `tries`: how often that has failed."""

    webhook_id: str
    resource_id: str
    number: int
    ordering_key: str
    queued_at: datetime
    tries: int
    event: KeptEvent


class Failure(NamedTuple):
    """Why a try failed.

    `away`: nothing of the receiver's own was reached. `late`: it did not answer in time.
    `for_good`: it is of no use to try again.
    """

    why: str
    away: bool = False
    late: bool = False
    for_good: bool = False


class Undelivered(NamedTuple):
    """An event that a webhook has not taken. `dead_at`: when that was given up."""

    webhook_id: str
    event: KeptEvent
    tries: int
    failure: str | None
    due_at: datetime | None
    dead_at: datetime | None


def parse_url(text: str) -> Target:
    """Where a webhook's URL leads. Raises `BadUrl`."""
    plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadUrl from None
    possible = (
        plain
        and len(text) <= LONGEST_URL
        and parts.scheme in PORTS
        and parts.hostname
        and "%" not in parts.netloc
        and "@" not in parts.netloc
        and "#" not in text
        and port != 0
    )
    if not possible or parts.hostname is None:
        raise BadUrl
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port or PORTS[parts.scheme], path)


def parse_form(text: str) -> Form:
    """Raises `BadForm`."""
    try:
        return Form(text)
    except ValueError:
        raise BadForm(text) from None


def parse_types(texts: Iterable[str]) -> frozenset[str] | None:
    """The event types that a webhook wants; None, for all, when none is named. Raises `BadTypes`."""
    types = frozenset(texts)
    if len(types) > MOST_TYPES or any(not 0 < len(one) <= LONGEST_TYPE for one in types):
        raise BadTypes
    return types or None


def parse_overlap(hours: int) -> timedelta:
    """How long the former secret is to sign on. Raises `BadOverlap`."""
    if not 0 <= hours <= LONGEST_FORMER_KEPT // timedelta(hours=1):
        raise BadOverlap
    return timedelta(hours=hours)


def judge(status: int) -> Failure | None:
    """What an answer means; None: the event was taken."""
    if 200 <= status < 300:
        return None
    why = f"answered {status}"
    return Failure(why, away=status in AWAY, for_good=status in REFUSED_FOR_GOOD)


def next_try(tries: int, queued_at: datetime, now: datetime) -> datetime | None:
    """When an event is tried again that has failed so often; None: it is given up."""
    end = queued_at + GIVEN_UP_AFTER
    if now >= end:
        return None
    return min(now + PAUSES[min(tries, len(PAUSES)) - 1], end)


def topic(resource_id: str) -> str:
    """A resource as events name their source: in the form that receivers take apart."""
    return (
        f"/subscriptions/{resource_id}/resourceGroups/openrooms/providers/Microsoft.Communication"
        f"/CommunicationServices/{resource_id}"
    )
