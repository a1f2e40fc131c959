"""The system's time, and the one that tests shift."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from openrooms.kernel.clock import shifted_clock, system_clock

CLOSE = timedelta(seconds=30)


def shift_of(seen: datetime) -> timedelta:
    return seen - datetime.now(UTC)


def test_the_system_clock_is_in_utc() -> None:
    assert system_clock().tzinfo is UTC


def test_the_clock_is_shifted_by_the_seconds_in_the_file(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("86400\n")

    clock = shifted_clock(offset)

    assert abs(shift_of(clock()) - timedelta(days=1)) < CLOSE
    assert abs(shift_of(clock()) - timedelta(days=1)) < CLOSE


def test_a_changed_file_shifts_the_clock_anew(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("60")
    clock = shifted_clock(offset)
    clock()

    offset.write_text("-86400")

    assert abs(shift_of(clock()) + timedelta(days=1)) < CLOSE


def test_without_a_file_the_time_is_the_systems(tmp_path: Path) -> None:
    assert abs(shift_of(shifted_clock(tmp_path / "nowhere")())) < CLOSE


@pytest.mark.parametrize("text", ["soon", "1 2", "nan?"])
def test_a_file_that_is_no_number_changes_nothing(tmp_path: Path, text: str) -> None:
    offset = tmp_path / "offset"
    offset.write_text("86400")
    clock = shifted_clock(offset)
    clock()

    offset.write_text(text)

    assert abs(shift_of(clock()) - timedelta(days=1)) < CLOSE


def test_an_empty_file_is_no_shift(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("")

    assert abs(shift_of(shifted_clock(offset)())) < CLOSE
