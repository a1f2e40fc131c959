"""Dates are read strictly and written in one form."""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.dates import (
    HttpDates,
    format_http_date,
    format_moment,
    parse_http_date,
    parse_moment,
)

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones come with them


FORM = re.compile(
    r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}(\.\d{1,7})?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)
NO_FORM = "not a date and time with the form yyyy-MM-ddTHH:mm:ss.ffffffZ"
YEARS, DAYS = st.integers(0, 9999), st.integers(0, 32)
OFFSETS = st.none() | st.tuples(st.sampled_from("+-"), st.integers(0, 25), st.integers(0, 61))
FRACTIONS = st.text("0123456789", max_size=8)
# Either end of the calendar, where an offset leads beyond.
EDGES = st.sampled_from([(0, 1, 1), (1, 1, 1), (9999, 12, 31), (2024, 2, 29), (2023, 2, 29)])
DATES = EDGES | st.tuples(YEARS, st.integers(0, 13), DAYS)
TIMES = st.tuples(st.integers(0, 25), st.integers(0, 61), st.integers(0, 61))


@given(DATES, TIMES, FRACTIONS, OFFSETS, st.sampled_from(["", "Z", "z"]), st.sampled_from("Tt"))
def test_a_moment_is_read_when_all_its_parts_are_in_range(
    day: tuple[int, int, int],
    at: tuple[int, int, int],
    fraction: str,
    offset: tuple[str, int, int] | None,
    zulu: str,
    between: str,
) -> None:
    text = "{:04}-{:02}-{:02}".format(*day) + between + "{:02}:{:02}:{:02}".format(*at)
    text += f".{fraction}" if fraction else ""
    text += zulu if offset is None else "{}{:02}:{:02}".format(*offset)

    assert _read(text) == _expected(day, at, fraction=fraction, offset=offset)


def _read(text: str) -> datetime | None:
    try:
        return parse_moment(text)
    except ValueError:
        return None


def _expected(
    day: tuple[int, int, int],
    at: tuple[int, int, int],
    *,
    fraction: str,
    offset: tuple[str, int, int] | None,
) -> datetime | None:
    sign, hours, minutes = offset or ("+", 0, 0)
    in_range = (
        day[0] >= 1
        and 1 <= day[1] <= 12
        and 1 <= day[2] <= monthrange(day[0], day[1])[1]
        and at <= (23, 59, 59)
        and max(at[1:]) <= 59
        and len(fraction) <= 7
        and hours <= 23
        and minutes <= 59
    )
    if not in_range:
        return None
    ahead = timedelta(hours=hours, minutes=minutes)
    written = datetime(*day, *at, int(f"{fraction:0<6}"[:6]), tzinfo=UTC)
    try:
        return written + ahead if sign == "-" else written - ahead
    except OverflowError:
        return None


@given(MOMENTS, st.integers(0, 31), st.sampled_from(["", " ", "x", "00", "+", ".", "\u0661"]))
def test_a_text_with_one_sign_wrong_has_the_form_or_is_refused_for_it(
    moment: datetime, place: int, wrong: str
) -> None:
    right = moment.isoformat(timespec="microseconds")
    text = right[:place] + wrong + right[place + 1 :]

    assert (_reason(text) == NO_FORM) is (FORM.fullmatch(text) is None)


def _reason(text: str) -> str | None:
    try:
        parse_moment(text)
    except ValueError as refused:
        return str(refused)
    return None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-01-01T00:00:00+24:00", "not an offset within a day"),
        ("2026-13-01T00:00:00+00:60", "not an offset within a day"),
        ("2026-01-01T24:00:00Z", "hour must be in 0..23"),
        ("2026-13-01T00:00:00Z", "month must be in 1..12"),
        ("0001-01-01T00:00:00+01:00", "not within the years 1 to 9999 in UTC"),
        ("2026-01-01", NO_FORM),
    ],
)
def test_the_reason_of_a_refusal_is_told(text: str, reason: str) -> None:
    assert _reason(text) == reason


@given(MOMENTS)
def test_a_moment_is_read_as_it_was_written(moment: datetime) -> None:
    assert parse_moment(format_moment(moment)) == moment
    assert parse_moment(moment.isoformat()) == moment


@given(MOMENTS)
def test_a_moment_is_written_with_its_offset_and_at_most_six_digits(moment: datetime) -> None:
    written = format_moment(moment)

    assert written.endswith("+00:00")
    assert "." not in written or written[-7] != "0"
    assert len(written) <= len("2025-01-24T10:00:00.123456+00:00")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2023-10-24T13:07:22Z", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24t13:07:22z", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24T13:07:22.000Z", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24T13:07:22.0000000Z", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24T13:07:22.867781Z", "2023-10-24T13:07:22.867781+00:00"),
        ("2023-10-24T13:07:22.2954846+00:00", "2023-10-24T13:07:22.295484+00:00"),
        ("2023-10-24T13:07:22.5", "2023-10-24T13:07:22.5+00:00"),
        ("2023-10-24T13:07:22", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24T15:07:22+02:00", "2023-10-24T13:07:22+00:00"),
        ("2023-10-24T08:37:22-04:30", "2023-10-24T13:07:22+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_what_clients_send_is_read_and_answered(text: str, written: str) -> None:
    assert format_moment(parse_moment(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-W01-1",
        "20260101T000000Z",
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+01:60",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.12345678Z",
        "2026-01-01T00:00:00Z\n",
        "\uff12\uff10\uff12\uff16-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00Z",
    ],
)
def test_what_is_no_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@given(st.text(max_size=40))
def test_no_text_breaks_the_readers(text: str) -> None:
    for read in (parse_moment, parse_http_date):
        try:
            assert read(text).tzinfo is UTC
        except ValueError:
            continue


@pytest.mark.parametrize("text", ["Fri, 24 Jan 2025 10:00:00 GMT", "Fri, 4 Jan 2025 10:00:00 GMT"])
def test_an_http_date_is_read(text: str) -> None:
    assert parse_http_date(text).month == 1


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 24 Foo 2025 10:00:00 GMT",
        "Fri, 32 Jan 2025 10:00:00 GMT",
        "Fri, 24 Jan 2025 10:00:00 UTC",
        "Fri, 24 Jan 2025 10:00:00 GMT ",
        "Friday, 24-Jan-25 10:00:00 GMT",
    ],
)
def test_what_is_no_http_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_http_date(text)


@given(MOMENTS.map(lambda moment: moment.astimezone(UTC)).filter(lambda one: one.year >= 1000))
def test_an_http_date_is_read_as_it_was_written(moment: datetime) -> None:
    second = moment.replace(microsecond=0)

    assert parse_http_date(format_http_date(second).decode()) == second
    assert format_http_date(second).decode() == format_datetime(second, usegmt=True)


def test_the_time_of_answers_goes_on_with_the_clock_also_back() -> None:
    clock = iter(
        [
            datetime(2025, 1, 24, 10, 0, 0, 1, tzinfo=UTC),
            datetime(2025, 1, 24, 10, 0, 0, 999_999, tzinfo=UTC),
            datetime(2025, 1, 24, 10, 0, 1, tzinfo=UTC),
            datetime(2025, 1, 24, 9, 59, 59, tzinfo=UTC),
        ]
    )
    dates = HttpDates(lambda: next(clock))

    assert [dates.now()[-12:] for _ in range(4)] == [
        b"10:00:00 GMT",
        b"10:00:00 GMT",
        b"10:00:01 GMT",
        b"09:59:59 GMT",
    ]
