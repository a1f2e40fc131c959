"""Dates on the wire: read strictly, written in one form."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import msgspec

from openrooms.kernel.clock import Clock

_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,7})?"
    r"(?:[Zz]|[+-](?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?\Z"
)
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{1,2}) (?P<month>[A-Z][a-z]{2}) "
    r"(?P<year>[0-9]{4}) (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) GMT\Z"
)
_encode = msgspec.json.Encoder().encode
_HOUR = len("yyyy-MM-ddT")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 date-time. Without an offset it is UTC; `ValueError` if it is none.

    .NET sends 7 fraction digits; the seventh is cut off.
    """
    match = _MOMENT.match(text)
    if match is None:
        raise ValueError("not a date and time with the form yyyy-MM-ddTHH:mm:ss.ffffffZ")
    hours, minutes = match.groups(default="00")
    if hours > "23" or minutes > "59":
        raise ValueError("not an offset within a day")
    if text.startswith("24", _HOUR):
        # Later Pythons take it for the next midnight.
        raise ValueError("hour must be in 0..23")
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not within the years 1 to 9999 in UTC") from error


def format_moment(moment: datetime) -> str:
    """Write a moment as the hosted service does: offset `+00:00`, no trailing zeros."""
    # In quotes, and with a Z; it takes a tenth of the time that `isoformat` takes.
    text = _encode(moment.astimezone(UTC))[1:-2].decode()
    # At most 6 digits: the Python SDK's own tests cannot read 7.
    return (text.rstrip("0") if moment.microsecond else text) + "+00:00"


# One second's requests all carry the same text.
@lru_cache(maxsize=256)
def parse_http_date(text: str) -> datetime:
    """Read an HTTP date such as `Fri, 24 Jan 2025 10:00:00 GMT`; `ValueError` if it is none."""
    match = _HTTP_DATE.match(text)
    if match is None or match["month"] not in _MONTHS:
        raise ValueError("not an HTTP date")
    day = date(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]))
    at = time(int(match["hour"]), int(match["minute"]), int(match["second"]), tzinfo=UTC)
    return datetime.combine(day, at)


class HttpDates:
    """The time as headers have it. One second's answers all carry the same text."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = self._until = datetime.max.replace(tzinfo=UTC)
        self._text = b""

    def now(self) -> bytes:
        """Such as `Fri, 24 Jan 2025 10:00:00 GMT`."""
        now = self._clock()
        if not self._since <= now < self._until:
            self._since = now.replace(microsecond=0)
            self._until = self._since + timedelta(seconds=1)
            self._text = format_http_date(self._since)
        return self._text


def format_http_date(second: datetime) -> bytes:
    """Write a whole second, in UTC, as headers have it."""
    day, month = _DAYS[second.weekday()], _MONTHS[second.month - 1]
    return f"{day}, {second:%d} {month} {second:%Y %H:%M:%S} GMT".encode("ascii")
