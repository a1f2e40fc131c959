"""Dates on the wire: read strictly, written in one form."""

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

_MOMENT = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})[Tt]"
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    r"(?:\.(?P<fraction>[0-9]{1,7}))?"
    r"(?:[Zz]|(?P<sign>[+-])(?P<hours>[0-9]{2}):(?P<minutes>[0-9]{2}))?\Z"
)
_HTTP_DATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{1,2}) (?P<month>[A-Z][a-z]{2}) "
    r"(?P<year>[0-9]{4}) (?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) GMT\Z"
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def parse_moment(text: str) -> datetime:
    """Read an RFC 3339 date-time. Without an offset it is UTC; `ValueError` if it is none.

    .NET sends 7 fraction digits; the seventh is cut off.
    """
    match = _MOMENT.match(text)
    if match is None:
        raise ValueError("not a date and time with the form yyyy-MM-ddTHH:mm:ss.ffffffZ")
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    year, month, day = int(match["year"]), int(match["month"]), int(match["day"])
    at = _time(match, int(fraction), _zone(match))
    try:
        return datetime.combine(date(year, month, day), at).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("not within the years 1 to 9999 in UTC") from error


def format_moment(moment: datetime) -> str:
    """Write a moment as the hosted service does: offset `+00:00`, no trailing zeros."""
    # At most 6 digits: the Python SDK's own tests cannot read 7.
    text = moment.astimezone(UTC).isoformat()
    return f"{text[:-6].rstrip('0')}+00:00" if moment.microsecond else text


# One second's requests all carry the same text.
@lru_cache(maxsize=256)
def parse_http_date(text: str) -> datetime:
    """Read an HTTP date such as `Fri, 24 Jan 2025 10:00:00 GMT`; `ValueError` if it is none."""
    match = _HTTP_DATE.match(text)
    if match is None or match["month"] not in _MONTHS:
        raise ValueError("not an HTTP date")
    day = date(int(match["year"]), _MONTHS.index(match["month"]) + 1, int(match["day"]))
    return datetime.combine(day, _time(match, 0, UTC))


# One second's answers all carry the same text.
@lru_cache(maxsize=4)
def format_http_date(second: datetime) -> bytes:
    """Write a whole second, in UTC, as headers have it."""
    day, month = _DAYS[second.weekday()], _MONTHS[second.month - 1]
    return f"{day}, {second:%d} {month} {second:%Y %H:%M:%S} GMT".encode("ascii")


def _time(match: re.Match[str], microsecond: int, zone: timezone) -> time:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    return time(hour, minute, second, microsecond, tzinfo=zone)


def _zone(match: re.Match[str]) -> timezone:
    if match["sign"] is None:
        return UTC
    hours, minutes = int(match["hours"]), int(match["minutes"])
    if hours > 23 or minutes > 59:
        raise ValueError("not an offset within a day")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if match["sign"] == "-" else offset)
