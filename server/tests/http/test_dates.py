"""Dates are read strictly and written in one form."""

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openrooms.http.dates import format_http_date, format_moment, parse_http_date, parse_moment

ZONES = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones come with them


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
