"""The access line: what came of a request to a server API, in one line, and the metrics of it.

Never in it: the target, the query, a token, a signature, a name, a user. What a feature wants to
say of a request is in `Visit.facts`.
"""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import cache

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from openrooms.http.addresses import Shown, shorten
from openrooms.kernel.clock import Clock, Monotonic, monotonic, system_clock
from openrooms.kernel.ids import new_request_id
from openrooms.logs import correlation
from openrooms.metrics import REQUEST_SECONDS, REQUESTS, REQUESTS_RUNNING

log = structlog.get_logger(__name__)

_ENCODER = msgspec.json.Encoder()
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


class Visit:
    """One request while it is served: its id, and what has become known of it so far."""

    __slots__ = (
        "address",
        "begun",
        "bytes_in",
        "bytes_out",
        "client_request_id",
        "error_code",
        "facts",
        "id",
        "operation",
        "reason",
        "resource_id",
        "status",
        "version",
    )

    def __init__(self, begun: float, address: str, client_request_id: str) -> None:
        self.id = new_request_id()
        self.begun = begun
        self.address = address
        self.client_request_id = client_request_id
        self.operation = NO_OPERATION
        self.version = ""
        self.resource_id = ""
        self.status = 0
        self.error_code = ""
        self.reason = ""
        self.bytes_in = 0
        self.bytes_out = 0
        self.facts: dict[str, object] = {}

    @property
    def result(self) -> Result:
        if self.status == 0:
            return Result.ABANDONED
        if self.status < 400:
            return Result.SUCCEEDED
        return Result.REFUSED if self.status < 500 else Result.FAILED


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
        self._addresses = addresses
        self._clock = clock
        self._now = now
        self._running = 0
        REQUESTS_RUNNING.set_function(lambda: self._running)

    def begin(self, client: tuple[str, int] | None, client_request_id: str) -> Visit:
        """A request has come. It gets its id, which all lines about it carry."""
        visit = Visit(self._now(), client[0] if client else "", client_request_id)
        correlation.set(visit.id)
        self._running += 1
        return visit

    def end(self, visit: Visit) -> None:
        """It has been answered, or its caller has gone."""
        took = self._now() - visit.begun
        self._running -= 1
        _counted(visit.operation, visit.status).inc()
        _timed(visit.operation).observe(took)
        line = _describe(visit, took, shorten(visit.address, self._addresses))
        if self._write is None:
            log.info(EVENT, **line)
        else:
            self._write(encode(line, self._clock()))
        correlation.set("")


def encode(line: dict[str, object], now: datetime) -> bytes:
    """The line as JSON, in the form of every other line of the log."""
    # The offset of UTC gives way to its letter.
    stamp = now.isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"
    return _ENCODER.encode({"event": EVENT, "level": "info", "timestamp": stamp, **line})


def _describe(visit: Visit, took: float, address: str) -> dict[str, object]:
    """What is known of it. A fact of a feature never stands in for one of ours."""
    line = {
        **visit.facts,
        "correlation_id": visit.id,
        "operation_name": visit.operation,
        "result_type": visit.result,
        "result_signature": visit.status,
        "duration_ms": round(took * 1000, 3),
        "bytes_in": visit.bytes_in,
        "bytes_out": visit.bytes_out,
    }
    # What is not known is left out; tested one by one, which costs a third of a loop.
    if visit.version:
        line["operation_version"] = visit.version
    if visit.resource_id:
        line["resource_id"] = visit.resource_id
    if visit.client_request_id:
        line["client_request_id"] = visit.client_request_id
    if address:
        line["client_address"] = address
    if visit.error_code:
        line["error_code"] = visit.error_code
    if visit.reason:
        line["reason"] = visit.reason
    return line


@cache
def _counted(operation: str, status: int) -> Counter:
    return REQUESTS.labels(operation, str(status))


@cache
def _timed(operation: str) -> Histogram:
    return REQUEST_SECONDS.labels(operation)
