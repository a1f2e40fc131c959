"""The settings: one file, the environment, flags, in rising order of strength. Read once, at start.

BadSetting    a setting that is unknown or cannot be so; the message names it, why, and what to do
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openrooms.setting_values import (
    LARGEST_PORT,
    LOOPBACK_NETWORKS,
    Networks,
    collector,
    engine,
    host,
    host_and_port,
    ip_of_one,
    issuer,
    networks,
    one_of,
    origins,
    path_of,
    postgresql,
    switch,
    whole,
    word,
)

PREFIX = "OPENROOMS_"
FILE_NAME = "openrooms.toml"
LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("auto", "console", "json")
PROFILES = ("dev", "production")
# What is otherwise unless set, where strangers come.
IN_PRODUCTION = {"limit_requests": True, "signature_window_minutes": 15}


class BadSetting(Exception):
    """A setting that is unknown, or that cannot be what it is."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one server. What each means is written in docs/settings.md."""

    data: Path
    https_port: int = 8443
    http_port: int = 8080
    media_port: int = 7882
    ice_tcp_port: int = 7881
    turn_port: int = 3478
    turn_tls_port: int = 5349
    turn_tls_address: str | None = None
    public_host: str | None = None
    public_port: int | None = None
    media_address: str | None = None
    certificate: Path | None = None
    certificate_key: Path | None = None
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
    event_days: int = 7
    webhook_networks: Networks | None = None
    webhook_seconds: int = 30
    roster_limit: int = 350
    rooms_page: int = 30
    participants_page: int = 350
    participant_limit: int = 350
    open_microphones: int = 50
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
    probe_seconds: int = 10
    engine_binary: Path | None = None
    engine_url: str | None = None
    engine_drain_seconds: int = 600
    master_key: str | None = field(default=None, repr=False)
    database: str | None = field(default=None, repr=False)

    @property
    def is_dev(self) -> bool:
        """Whether this is a place to try things out."""
        return self.profile == "dev"

    @property
    def webhook_reach(self) -> Networks:
        """The networks that are not public, and that events may be sent to all the same."""
        if self.webhook_networks is not None:
            return self.webhook_networks
        # The receivers of a developer's own machine, as long as nobody else reaches this server.
        return LOOPBACK_NETWORKS if self.is_dev and not self.public_host else ()


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
    if values.get("profile") == "production":
        values = IN_PRODUCTION | values
    config = Config(**values)
    _check_together(config)
    _check_alone(config)
    _check_public(config)
    _check_production(config)
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


def _check_public(config: Config) -> None:
    if (config.certificate is None) != (config.certificate_key is None):
        raise BadSetting(
            "Settings certificate and certificate_key: one of them is not set. Give both, or neither."
        )
    if config.public_host is not None:
        return
    for name in ("public_port", "media_address", "turn_tls_address"):
        if getattr(config, name) is not None:
            raise BadSetting(
                f"Setting {name}: it is for a server with a public name, and public_host is not set. "
                f"Give --public-host, or leave {name} out."
            )


def _check_production(config: Config) -> None:
    if config.profile != "production":
        return
    if config.public_host is None:
        raise BadSetting(
            "Setting profile: production needs the name under which people reach this server. "
            "Give --public-host."
        )
    for name, value in (("demo", config.demo), ("clock_offset", config.clock_offset)):
        if value:
            raise BadSetting(
                f"Setting {name}: it is for trying things out, and profile is production. "
                f"Leave {name} out, or use the dev profile."
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


_PORT = whole(0, LARGEST_PORT, "a port")
_SECONDS = whole(0, 600, "a number of seconds")
_COUNT = whole(1, 1_000_000, "a number of requests")
_DAY_OF_MINUTES = whole(0, 1440, "a number of minutes")
_CONNECTIONS = whole(1, 1_000_000, "a number of connections")
_READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        "data": path_of,
        "https_port": _PORT,
        "http_port": _PORT,
        "media_port": _PORT,
        "ice_tcp_port": _PORT,
        "turn_port": _PORT,
        "turn_tls_port": _PORT,
        "turn_tls_address": host_and_port,
        "public_host": host,
        "public_port": whole(1, LARGEST_PORT, "a port"),
        "media_address": ip_of_one,
        "certificate": path_of,
        "certificate_key": path_of,
        "profile": one_of(*PROFILES),
        "demo": switch,
        "api_only": switch,
        "clock_offset": path_of,
        "log_level": one_of(*LEVELS),
        "log_format": one_of(*FORMATS),
        "log_addresses": one_of("full", "network", "none"),
        "signature_window_minutes": _DAY_OF_MINUTES,
        "oidc_issuer": issuer,
        "oidc_audience": word,
        "oidc_role_claim": word,
        "oidc_role": word,
        "oidc_resource_claim": word,
        "oidc_ca": path_of,
        "longest_window_days": whole(1, 3_650, "a number of days"),
        "default_window_days": whole(1, 3_650, "a number of days"),
        "grace_days": whole(0, 3_650, "a number of days"),
        "call_record_days": whole(1, 3_650, "a number of days"),
        "event_days": whole(1, 3_650, "a number of days"),
        "webhook_networks": networks,
        "webhook_seconds": whole(1, 120, "a number of seconds"),
        "roster_limit": whole(1, 10_000, "a number of people"),
        "rooms_page": whole(1, 1_000, "a number of rooms"),
        "participants_page": whole(1, 1_000, "a number of people"),
        "participant_limit": whole(1, 350, "a number of people"),
        "open_microphones": whole(1, 350, "a number of microphones"),
        "call_at_expiry": one_of("stay", "end"),
        "call_grace_minutes": _DAY_OF_MINUTES,
        "longest_call_hours": whole(1, 720, "a number of hours"),
        "presenters_manage_participants": switch,
        "limit_requests": switch,
        "room_reads_per_second": _COUNT,
        "room_writes_per_second": _COUNT,
        "identity_creates_per_30_seconds": _COUNT,
        "identity_deletes_per_30_seconds": _COUNT,
        "token_issues_per_30_seconds": _COUNT,
        "token_revokes_per_30_seconds": _COUNT,
        "token_exchanges_per_30_seconds": _COUNT,
        "tracing_endpoint": collector,
        "connections": _CONNECTIONS,
        "connections_per_address": _CONNECTIONS,
        "trusted_proxies": networks,
        "allowed_origins": origins,
        "stop_seconds": _SECONDS,
        "turn_away_seconds": _SECONDS,
        "probe_seconds": whole(0, 3_600, "a number of seconds"),
        "engine_binary": path_of,
        "engine_url": engine,
        "engine_drain_seconds": whole(0, 86_400, "a number of seconds"),
        "master_key": str,
        "database": postgresql,
    }
)
# A secret belongs in no file that people copy; the data directory is known before its file.
_NOT_IN_A_FILE = frozenset({"master_key", "data"})
