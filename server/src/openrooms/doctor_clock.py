"""Looks at the clock: whether it agrees with the clocks of the machines that the server lives with."""

import ssl
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import httpx2

from openrooms.config import Config
from openrooms.findings import Finding, State
from openrooms.http.dates import parse_http_date
from openrooms.http.issuers import DOCUMENT, IssuerUnusable, open_trust
from openrooms.kernel.clock import Clock
from openrooms.storage.errors import DatabaseUnusable

# Nobody notices less. An HTTP date has whole seconds, and an answer takes its time.
TOLERANCE = timedelta(seconds=10)
ANSWER_SECONDS = 5.0


class _Untold(Exception):
    """Another machine does not say what time it is; the message says why."""


def check_clock(config: Config, clock: Clock) -> Iterator[Finding]:
    """It is what others say that it is: the database server, and the issuer of tokens."""
    if config.clock_offset is not None:
        said = f"shifted on purpose by {config.clock_offset}"
        yield Finding(State.WARN, "clock", said, "leave clock_offset out")
        return
    others = list(_others(config))
    if not others:
        said = "compared with no other: the settings name no database server and no issuer"
        yield Finding(State.OK, "clock", f"{clock():%Y-%m-%d %H:%M:%S} UTC, {said}")
    for name, tell in others:
        yield _compare(clock, name, tell)


def _others(config: Config) -> Iterator[tuple[str, Callable[[], datetime]]]:
    """Who knows the time, and how it is asked."""
    database, issuer = config.database, config.oidc_issuer
    if database is not None:
        yield "the database server", lambda: _of_database(database)
    if issuer is not None:
        yield issuer, lambda: _of_issuer(config, issuer)


def _compare(clock: Clock, name: str, tell: Callable[[], datetime]) -> Finding:
    before = clock()
    try:
        theirs = tell()
    except _Untold as error:
        said = f"{before:%Y-%m-%d %H:%M:%S} UTC, not compared with that of {name}: {error}"
        return Finding(State.WARN, "clock", said, "look again when it answers")
    after = clock()
    if before - TOLERANCE <= theirs <= after + TOLERANCE:
        return Finding(State.OK, "clock", f"agrees with that of {name}")
    off, way = (before - theirs, "ahead of") if theirs < before else (theirs - after, "behind")
    said = f"{off.total_seconds():.0f} s {way} that of {name}"
    return Finding(State.FAIL, "clock", said, "set the clock that is wrong, and keep both by NTP")


def _of_database(url: str) -> datetime:
    # Loaded only where it is used: it costs memory.
    from openrooms.storage.postgres.preparing import read_clock  # noqa: PLC0415

    try:
        return read_clock(url)
    except DatabaseUnusable:
        raise _Untold("it does not let us in") from None


def _of_issuer(config: Config, issuer: str) -> datetime:
    """Asked as the server asks for its keys: no proxy by environment, no redirect."""
    try:
        tls = open_trust(config.oidc_ca) or ssl.create_default_context()
        with httpx2.Client(verify=tls, trust_env=False, timeout=ANSWER_SECONDS) as client:
            told = client.get(issuer.rstrip("/") + DOCUMENT).headers
        # What stands between may have kept the answer for a while.
        kept = timedelta(seconds=int(told.get("Age", "0")))
        return parse_http_date(told.get("Date", "")) + kept
    except (httpx2.HTTPError, OSError, IssuerUnusable) as error:
        raise _Untold(f"it does not answer ({type(error).__name__})") from None
    except ValueError:
        raise _Untold("its answer has no usable date") from None
