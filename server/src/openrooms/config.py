"""The settings: one file, the environment, flags, in rising order of strength. Read once, at start.

BadSetting    a setting that is unknown or cannot be so; the message names it, why, and what to do
"""

import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import parse_qs, urlsplit

Networks: TypeAlias = tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]

PREFIX = "OPENROOMS_"
FILE_NAME = "openrooms.toml"
LARGEST_PORT = 65535
LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("auto", "console", "json")

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ON, _OFF = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class BadSetting(Exception):
    """A setting that is unknown, or that cannot be what it is."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one server. What each means is written in docs/settings.md."""

    data: Path
    https_port: int = 8443
    http_port: int = 8080
    media_port: int = 7882
    public_host: str | None = None
    profile: str = "dev"
    demo: bool = False
    api_only: bool = False
    clock_offset: Path | None = None
    log_level: str = "info"
    log_format: str = "auto"
    log_addresses: str = "network"
    signature_window_minutes: int = 0
    oidc_issuer: str | None = None
    oidc_audience: str = "https://communication.azure.com/"
    oidc_role_claim: str = "roles"
    oidc_role: str = "OpenRooms.Manage"
    oidc_resource_claim: str | None = None
    oidc_ca: Path | None = None
    longest_window_days: int = 180
    default_window_days: int | None = None
    grace_days: int = 30
    call_record_days: int = 90
    roster_limit: int = 350
    rooms_page: int = 30
    participants_page: int = 350
    participant_limit: int = 350
    call_at_expiry: str = "stay"
    call_grace_minutes: int = 0
    longest_call_hours: int = 30
    presenters_manage_participants: bool = True
    limit_requests: bool = False
    room_reads_per_second: int = 300
    room_writes_per_second: int = 100
    identity_creates_per_30_seconds: int = 1000
    identity_deletes_per_30_seconds: int = 500
    token_issues_per_30_seconds: int = 1000
    token_revokes_per_30_seconds: int = 500
    token_exchanges_per_30_seconds: int = 500
    tracing_endpoint: str | None = None
    connections: int = 10_000
    connections_per_address: int = 2048
    trusted_proxies: Networks = ()
    allowed_origins: frozenset[str] = frozenset()
    stop_seconds: int = 10
    turn_away_seconds: int = 0
    engine_binary: Path | None = None
    engine_url: str | None = None
    engine_drain_seconds: int = 600
    master_key: str | None = field(default=None, repr=False)
    database: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Given:
    """What was given for a setting, and where: told when it is wrong."""

    value: object
    where: str


def read_config(flags: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Config:
    """The settings by a file, the environment and these flags. Raises `BadSetting`.

    A flag that is None was not given. `config` names the file; without it, it is the one in the
    data directory, when there is one.
    """
    environ = os.environ if environ is None else environ
    outer = _from_environment(environ) | _from_flags(flags)
    named = outer.pop("config", None)
    outer.setdefault("data", _Given(_default_data(environ), "the default"))
    data = Path(str(_read("data", outer["data"])))
    file = data / FILE_NAME if named is None else Path(str(named.value))
    given = _from_file(file, must_exist=named is not None) | outer
    _check_no_password(flags.get("database"))
    # Any: each value has just been read by its own setting's reader.
    values: dict[str, Any] = {name: _read(name, one) for name, one in given.items()}
    config = Config(**values)
    _check_together(config)
    _check_alone(config)
    return config


def _from_flags(flags: Mapping[str, object]) -> dict[str, _Given]:
    return {
        name: _Given(value, f"--{name.replace('_', '-')}")
        for name, value in flags.items()
        if value is not None
    }


def _from_environment(environ: Mapping[str, str]) -> dict[str, _Given]:
    given = {
        name.removeprefix(PREFIX).lower(): _Given(value, name)
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    for name, one in given.items():
        _check_known(name, one.where, {*_READERS, "config"})
    return given


def _from_file(file: Path, *, must_exist: bool) -> dict[str, _Given]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        if must_exist:
            raise BadSetting(
                f"Settings file {file}: not there. Give another with --config."
            ) from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadSetting(f"Settings file {file}: {error}. Correct it, or move it away.") from error
    for name in table:
        _check_known(name, str(file), set(_READERS))
        if name in _NOT_IN_A_FILE:
            raise BadSetting(
                f"Setting {name} ({file}): it cannot stand in a file. "
                f"Give it as {PREFIX}{name.upper()} in the environment."
            )
    return {name: _Given(value, str(file)) for name, value in table.items()}


def _check_known(name: str, where: str, known: set[str]) -> None:
    if name in known:
        return
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
    raise BadSetting(f"Setting {name} ({where}): unknown. The nearest known one is {near[0]}.")


def _read(name: str, given: _Given) -> object:
    try:
        return _READERS[name](given.value)
    except ValueError as error:
        raise BadSetting(f"Setting {name} ({given.where}): {error}") from None


def _check_together(config: Config) -> None:
    if config.https_port == config.http_port != 0:
        raise BadSetting(
            f"Settings https_port and http_port: both are {config.http_port}. Change one of them."
        )
    if (config.default_window_days or 0) > config.longest_window_days:
        raise BadSetting(
            f"Setting default_window_days: {config.default_window_days} is longer than "
            f"longest_window_days, which is {config.longest_window_days}. Change one of them."
        )


def _check_alone(config: Config) -> None:
    if config.api_only and config.database is None:
        raise BadSetting(
            "Setting api_only: it is for several servers on one PostgreSQL, and database is not "
            "set. Give --database, or leave --api-only out."
        )
    if config.api_only and config.demo:
        raise BadSetting(
            "Settings api_only and demo: the demo needs the pages and the calls, which this server "
            "would not have. Leave one of them out."
        )


def _check_no_password(url: object) -> None:
    """Everyone on a machine can see the flags of its programs."""
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.password is not None or "password" in parse_qs(parts.query):
        raise BadSetting(
            f"Setting database (--database): a flag must not hold a password. Give the URL as "
            f"{PREFIX}DATABASE in the environment or in {FILE_NAME}, or the password in a PGPASSFILE."
        )


def _default_data(environ: Mapping[str, str]) -> str:
    return f"{environ.get('XDG_DATA_HOME') or '~/.local/share'}/openrooms"


def _whole(lowest: int, highest: int, what: str) -> Callable[[object], int]:
    def read(value: object) -> int:
        text = str(value)
        # A number in the file, or text elsewhere; `True` is a number to Python alone.
        fits = not isinstance(value, bool | float) and re.fullmatch(r"[0-9]{1,9}", text, re.ASCII)
        if not fits or not lowest <= int(text) <= highest:
            raise ValueError(
                f"{value!r} is not {what}. Give a whole number, {lowest} to {highest}."
            )
        return int(text)

    return read


def _one_of(*known: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is not known. Give one of: {', '.join(known)}.")
        return str(value)

    return read


def _switch(value: object) -> bool:
    text = str(value).lower()
    if text not in _ON + _OFF:
        raise ValueError(f"{value!r} is neither on nor off. Give true or false.")
    return text in _ON


def _path(value: object) -> Path:
    if not isinstance(value, str | Path) or not str(value) or "\0" in str(value):
        raise ValueError(f"{value!r} is no path. Give the path of a file or a folder.")
    try:
        return Path(value).expanduser().absolute()
    except RuntimeError:
        raise ValueError(
            f"{value!r} names a home that is not known. Give the whole path."
        ) from None


def _host(value: object) -> str:
    text = str(value).lower()
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    if not _NAME.match(text) or text.replace(".", "").isdigit():
        raise ValueError(
            f"{value!r} is not a host name or an IP address. Give one, without scheme and port."
        )
    return text


def _networks(value: object) -> Networks:
    listed = value if isinstance(value, list) else str(value).split(",")
    try:
        return tuple(ipaddress.ip_network(str(one).strip()) for one in listed if str(one).strip())
    except ValueError as error:
        raise ValueError(f"{error}. Give addresses or networks, such as 10.0.0.0/8.") from None


def _origins(value: object) -> frozenset[str]:
    listed = value if isinstance(value, list) else str(value).split(",")
    named = [str(one).strip().lower() for one in listed if str(one).strip()]
    for one in named:
        parts = urlsplit(one)
        plain = f"{parts.scheme}://{parts.netloc}" == one and "@" not in one and one.isascii()
        if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
            raise ValueError(
                f"{one!r} is no origin. Give scheme, name and port as a browser's address bar has "
                "them, without a path, such as https://app.example.org."
            )
    return frozenset(named)


def _issuer(value: object) -> str:
    text = str(value)
    parts = urlsplit(text)
    # Without TLS anyone between could hand out keys of his own.
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    plain = not (parts.query or parts.fragment or parts.username is not None)
    if not (safe and plain and parts.hostname and text.isascii() and text.isprintable()):
        raise ValueError(
            f"{text!r} is no issuer. Give its URL as its tokens have it in `iss`, with https:// "
            "(http:// on this machine alone), without user, query and fragment."
        )
    return text


def _engine(value: object) -> str:
    # Whoever reaches that port with a token of the engine goes around every rule of ours.
    here = re.fullmatch(r"http://(?:localhost|127\.0\.0\.1|\[::1\]):([0-9]{1,5})", str(value))
    if here is None or not 0 < int(here[1]) <= LARGEST_PORT:
        raise ValueError(
            f"{value!r} is no engine of this machine. Give one such as http://127.0.0.1:7880."
        )
    return f"http://{_LOOPBACK[1]}:{int(here[1])}"


def _collector(value: object) -> str:
    text = str(value)
    if urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname:
        raise ValueError(
            f"{text!r} is no URL of a collector. Give one such as http://127.0.0.1:4318/v1/traces."
        )
    return text


def _word(value: object) -> str:
    if not isinstance(value, str) or not value or value != value.strip() or len(value) > 256:
        raise ValueError(f"{value!r} is not possible. Give 1 to 256 characters, no space around.")
    return value


def _database(value: object) -> str:
    # The value is not told: it may hold a password.
    text = str(value)
    if urlsplit(text).scheme not in {"postgresql", "postgres"} or "\0" in text:
        raise ValueError("it is not a PostgreSQL URL. Give postgresql://USER@HOST:PORT/NAME.")
    return text


_PORT = _whole(0, LARGEST_PORT, "a port")
_SECONDS = _whole(0, 600, "a number of seconds")
_COUNT = _whole(1, 1_000_000, "a number of requests")
_DAY_OF_MINUTES = _whole(0, 1440, "a number of minutes")
_CONNECTIONS = _whole(1, 1_000_000, "a number of connections")
_READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "data": _path,
        "https_port": _PORT,
        "http_port": _PORT,
        "media_port": _PORT,
        "public_host": _host,
        "profile": _one_of("dev"),
        "demo": _switch,
        "api_only": _switch,
        "clock_offset": _path,
        "log_level": _one_of(*LEVELS),
        "log_format": _one_of(*FORMATS),
        "log_addresses": _one_of("full", "network", "none"),
        "signature_window_minutes": _DAY_OF_MINUTES,
        "oidc_issuer": _issuer,
        "oidc_audience": _word,
        "oidc_role_claim": _word,
        "oidc_role": _word,
        "oidc_resource_claim": _word,
        "oidc_ca": _path,
        "longest_window_days": _whole(1, 3_650, "a number of days"),
        "default_window_days": _whole(1, 3_650, "a number of days"),
        "grace_days": _whole(0, 3_650, "a number of days"),
        "call_record_days": _whole(1, 3_650, "a number of days"),
        "roster_limit": _whole(1, 10_000, "a number of people"),
        "rooms_page": _whole(1, 1_000, "a number of rooms"),
        "participants_page": _whole(1, 1_000, "a number of people"),
        "participant_limit": _whole(1, 350, "a number of people"),
        "call_at_expiry": _one_of("stay", "end"),
        "call_grace_minutes": _DAY_OF_MINUTES,
        "longest_call_hours": _whole(1, 720, "a number of hours"),
        "presenters_manage_participants": _switch,
        "limit_requests": _switch,
        "room_reads_per_second": _COUNT,
        "room_writes_per_second": _COUNT,
        "identity_creates_per_30_seconds": _COUNT,
        "identity_deletes_per_30_seconds": _COUNT,
        "token_issues_per_30_seconds": _COUNT,
        "token_revokes_per_30_seconds": _COUNT,
        "token_exchanges_per_30_seconds": _COUNT,
        "tracing_endpoint": _collector,
        "connections": _CONNECTIONS,
        "connections_per_address": _CONNECTIONS,
        "trusted_proxies": _networks,
        "allowed_origins": _origins,
        "stop_seconds": _SECONDS,
        "turn_away_seconds": _SECONDS,
        "engine_binary": _path,
        "engine_url": _engine,
        "engine_drain_seconds": _whole(0, 86_400, "a number of seconds"),
        "master_key": str,
        "database": _database,
    }
)
# A secret belongs in no file that people copy; the data directory is known before its file.
_NOT_IN_A_FILE = frozenset({"master_key", "data"})
