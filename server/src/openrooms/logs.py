"""Logs: events with facts, one a line, on standard error. Nobody waits for a line to be read."""

import atexit
import logging
import sys
import threading
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TextIO, TypeAlias

import structlog

from openrooms.metrics import LOG_LINES_LOST

WriteLine: TypeAlias = Callable[[bytes], None]

# The id of the request that is being served: every line about it carries it.
correlation: ContextVar[str] = ContextVar("correlation", default="")

# What foreign libraries say is of interest only when something is wrong.
FOREIGN_LEVEL = logging.WARNING
LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
# What may wait for a reader, in bytes; how often it is written; how long the last of it may take.
MOST_HELD = 4 * 1024 * 1024
WRITE_SECONDS = 0.05
CLOSE_SECONDS = 2.0


class Output:
    """Lines on their way to a stream. A thread writes them, many at once.

    A reader that is slow, or gone, holds nobody up: what does not fit is lost, and counted.
    """

    def __init__(self, stream: TextIO, *, most: int = MOST_HELD) -> None:
        self._stream = stream
        self._most = most
        self._lock = threading.Lock()
        self._lines: list[bytes] = []
        self._held = 0
        self._lost = 0
        self._waiting = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> None:
        """Take a line, without its end."""
        with self._lock:
            held = self._held + len(line)
            if held > self._most:
                self._lost += 1
                LOG_LINES_LOST.inc()
                return
            self._held = held
            self._lines.append(line)
        if not self._waiting.is_set():
            self._wake()

    def close(self) -> None:
        """Write what is held, unless nobody reads it. What comes later is written at once."""
        self._closing.set()
        self._waiting.set()
        self._thread.join(CLOSE_SECONDS)
        if not self._thread.is_alive():
            self._waiting.clear()
            # What came while the thread wrote its last.
            self._write_all()

    def _wake(self) -> None:
        if self._closing.is_set():
            self._write_all()
        else:
            self._waiting.set()

    def _run(self) -> None:
        while not self._closing.is_set():
            self._waiting.wait()
            # More will come: the pause makes one write of many lines.
            self._closing.wait(WRITE_SECONDS)
            self._waiting.clear()
            self._write_all()
            if self._lost:
                lost, self._lost = self._lost, 0
                structlog.get_logger(__name__).warning("log_lines_lost", count=lost)

    def _write_all(self) -> None:
        with self._lock:
            lines, self._lines = self._lines, []
        try:
            self._stream.buffer.write(b"\n".join([*lines, b""]))
            self._stream.flush()
        except (OSError, ValueError):
            # Nobody reads any more, and there is nowhere to say so.
            LOG_LINES_LOST.inc(len(lines))
        with self._lock:
            self._held -= sum(map(len, lines))


@dataclass(frozen=True, slots=True)
class Logs:
    """Logs that are set up. `json_lines` takes lines of level `info` that are JSON already.

    It is None while logs are written for people.
    """

    output: Output
    json_lines: WriteLine | None

    def close(self) -> None:
        """Write what is held."""
        self.output.close()


def set_up_logs(level: str, *, as_json: bool) -> Logs:
    """Send our events and what libraries say to standard error, in one form."""
    output = Output(sys.stderr)
    last = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(),
                # The rich form shows the values of variables, and with them secrets.
                exception_formatter=structlog.dev.plain_traceback,
            )
        ]
    )
    structlog.configure(
        processors=[
            _correlate,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _one_line,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: _Logger(output),
    )
    logging.basicConfig(handlers=[_Foreign()], level=FOREIGN_LEVEL, force=True)
    atexit.register(output.close)
    heard = LEVELS[level] <= logging.INFO
    return Logs(output, (output.write if heard else _ignore) if as_json else None)


def _ignore(_line: bytes) -> None:
    """A line below the level."""


class _Logger:
    """Hands the lines of structlog to an output."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def msg(self, message: str) -> None:
        self._output.write(message.encode("utf-8", "backslashreplace"))

    debug = info = warning = error = critical = msg


class _Foreign(logging.Handler):
    """Hands on what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(
            record.levelno,
            "library_said",
            library=record.name,
            text=record.getMessage().strip(),
            exc_info=record.exc_info,
        )


def _correlate(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Name the request that is being served."""
    request_id = correlation.get()
    if request_id:
        event.setdefault("correlation_id", request_id)
    return event


def _one_line(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Keep a line break in a logged fact from starting a line of its own."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = value.encode("unicode_escape").decode("ascii")
    return event
