"""How much clients may ask for, by the settings: connections, messages, requests."""

from openrooms.calling.routes import AGENT_PATH
from openrooms.config import Config
from openrooms.http.limits import Limits
from openrooms.http.quotas import Quotas, Rate
from openrooms.kernel.files import allow_files, open_files

# What is kept for the database, the engine and its connections.
FILES_OF_OUR_OWN = 128
LONGEST_AGENT_MESSAGE = 64 * 1024
# How much of a quota that refills each second may be saved up.
BURST = 5


def limits_of(config: Config) -> Limits:
    return Limits(
        connections=min(config.connections, _places(allow_files(), taken=open_files())),
        connections_alike=config.connections_per_address,
        trusted_proxies=config.trusted_proxies,
        messages={AGENT_PATH.encode(): LONGEST_AGENT_MESSAGE},
    )


def _places(allowed: int, *, taken: int) -> int:
    """How many connections there is room for."""
    # Where files are few: half of what is left, for a client's media has a second one to the engine.
    return max(allowed - FILES_OF_OUR_OWN, (allowed - taken) // 2)


def quotas_of(config: Config) -> Quotas:
    """How often one resource may ask for what. The names are those of the operations' quotas."""
    if not config.limit_requests:
        return Quotas({})
    return Quotas(
        {
            "room_reads": _steady(config.room_reads_per_second),
            "room_writes": _steady(config.room_writes_per_second),
            "identity_creates": _in_half_a_minute(config.identity_creates_per_30_seconds),
            "identity_deletes": _in_half_a_minute(config.identity_deletes_per_30_seconds),
            "token_issues": _in_half_a_minute(config.token_issues_per_30_seconds),
            "token_revokes": _in_half_a_minute(config.token_revokes_per_30_seconds),
            "token_exchanges": _in_half_a_minute(config.token_exchanges_per_30_seconds),
        }
    )


def _steady(count: int) -> Rate:
    return Rate(count, 1, burst=count * BURST)


def _in_half_a_minute(count: int) -> Rate:
    return Rate(count, 30, burst=count)
