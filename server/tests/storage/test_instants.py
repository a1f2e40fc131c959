"""Moments are kept exactly."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from openrooms.storage.instants import Instant

DIALECT = sqlite.dialect()
WRITE, READ = Instant().bind_processor(DIALECT), Instant().result_processor(DIALECT, None)
ZONES = st.builds(timezone, st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 - the zones come with them


@given(MOMENTS)
def test_a_moment_is_read_as_it_was_written_in_utc(moment: datetime) -> None:
    read = READ(WRITE(moment))

    assert read == moment
    assert read is not None
    assert read.tzinfo is UTC


def test_no_moment_stays_none() -> None:
    assert WRITE(None) is None
    assert READ(None) is None
