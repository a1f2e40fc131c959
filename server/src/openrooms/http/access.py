"""The access line: what came of a request to a server API, in one line, and the metrics of it.

Never in it: the target, the query, a token, a signature, a name, a user. What a feature wants to
say of a request is in `Visit.facts`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache, partial

import msgspec
import structlog

from openrooms.counting import Count, Spread
from openrooms.http.addresses import Shown, shorten
from openrooms.kernel.clock import Clock, Monotonic, monotonic, system_clock
from openrooms.kernel.ids import new_request_id
from openrooms.metrics import REQUEST_SECONDS, REQUESTS, REQUESTS_RUNNING

log = structlog.get_logger(__name__)

EVENT = "request"
# The operation of a request that came to none.
NO_OPERATION = "Unknown"


class Result(StrEnum):
    """What came of a request."""

    SUCCEEDED = "Succeeded"
    REFUSED = "Refused"
    FAILED = "Failed"
    # The caller was gone before the answer.
    ABANDONED = "Abandoned"


# By the first digit of the status.
_RESULTS = (
    Result.ABANDONED,
    Result.SUCCEEDED,
    Result.SUCCEEDED,
    Result.SUCCEEDED,
    Result.REFUSED,
    Result.FAILED,
)
_RESULT_TEXTS = tuple(result.value for result in _RESULTS)


class Visit(msgspec.Struct, eq=False):
    """One request while it is served: its id, and what has become known of it so far.

    `signing_key` says what proved it: the "primary" or the "secondary" key of the resource, or
    "bearer".
    """

    id: str
    begun: float
    address: str
    client_request_id: str
    operation: str = NO_OPERATION
    version: str = ""
    resource_id: str = ""
    signing_key: str = ""
    status: int = 0
    error_code: str = ""
    reason: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    facts: dict[str, object] = msgspec.field(default_factory=dict)

    @property
    def result(self) -> Result:
        return _RESULTS[self.status // 100]


class _Line(msgspec.Struct, omit_defaults=True):
    """A line of the log, without the facts. What is not known is left out."""

    event: str
    level: str
    timestamp: datetime
    correlation_id: str
    operation_name: str
    # The text of a `Result`: an enum takes ten times as long to write.
    result_type: str
    result_signature: int
    duration_ms: float
    bytes_in: int
    bytes_out: int
    operation_version: str = ""
    resource_id: str = ""
    signing_key: str = ""
    client_request_id: str = ""
    client_address: str = ""
    error_code: str = ""
    reason: str = ""


_encode = msgspec.json.Encoder().encode
_OWN = frozenset(_Line.__struct_fields__)


class AccessLog:
    """Tells what came of each request: in a line, and in the metrics.

    `write` takes the line as JSON; without it the line is an event like any other.
    """

    def __init__(
        self,
        write: Callable[[bytes], None] | None = None,
        *,
        addresses: Shown = Shown.NETWORK,
        clock: Clock = system_clock,
        now: Monotonic = monotonic,
    ) -> None:
        self._write = write
        self._shorten = lru_cache(maxsize=4096)(partial(shorten, shown=addresses))
        self._clock = clock
        self._now = now
        self._running = 0
        REQUESTS_RUNNING.set_function(lambda: self._running)

    def begin(self, client: tuple[str, int] | None, client_request_id: str) -> Visit:
        """A request has come. It gets its id, which all lines about it carry."""
        address = client[0] if client else ""
        visit = Visit(new_request_id(), self._now(), address, client_request_id)
        self._running += 1
        return visit

    def end(self, visit: Visit) -> None:
        """It has been answered, or its caller has gone."""
        took = self._now() - visit.begun
        self._running -= 1
        count, spread = _metrics(visit.operation, visit.status)
        count.inc()
        spread.observe(took)
        line = self._describe(visit, took)
        facts = visit.facts
        if not _OWN.isdisjoint(facts):
            # None of a feature stands in for one of ours.
            facts = {name: fact for name, fact in facts.items() if name not in _OWN}
        if self._write is None:
            log.info(**msgspec.to_builtins(line), **facts)
        else:
            self._write(_join(line, facts))

    def _describe(self, visit: Visit, took: float) -> _Line:
        return _Line(
            EVENT,
            "info",
            self._clock(),
            visit.id,
            visit.operation,
            _RESULT_TEXTS[visit.status // 100],
            visit.status,
            # Three digits; `round` takes three times as long.
            int(took * 1_000_000 + 0.5) / 1000,
            visit.bytes_in,
            visit.bytes_out,
            visit.version,
            visit.resource_id,
            visit.signing_key,
            visit.client_request_id,
            self._shorten(visit.address),
            visit.error_code,
            visit.reason,
        )


def _join(line: _Line, facts: Mapping[str, object]) -> bytes:
    """The line as JSON, in the form of every other line of the log."""
    text = _encode(line)
    return text[:-1] + b"," + _encode(facts)[1:] if facts else text


@cache
def _metrics(operation: str, status: int) -> tuple[Count, Spread]:
    return REQUESTS.labels(operation, str(status)), REQUEST_SECONDS.labels(operation)
