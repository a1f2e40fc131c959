"""The data directory is private, held by one server, and never half made."""

import os
from pathlib import Path

import pytest

from openrooms.storage.errors import DataDirectoryInUse, DataDirectoryUnusable
from openrooms.storage.folder import check_folder, hold_folder


def test_a_new_data_directory_is_private(tmp_path: Path) -> None:
    with hold_folder(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_second_holder_is_told_who_holds_the_directory(tmp_path: Path) -> None:
    with (
        hold_folder(tmp_path),
        pytest.raises(DataDirectoryInUse, match=rf"process {os.getpid()}.*--data"),
        hold_folder(tmp_path),
    ):
        pass


def test_a_directory_that_was_let_go_can_be_held_again(tmp_path: Path) -> None:
    with hold_folder(tmp_path):
        pass

    with hold_folder(tmp_path):
        assert (tmp_path / "openrooms.lock").exists()


def test_a_place_where_nothing_can_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(DataDirectoryUnusable, match=r"file/data: Not a directory\..*--data"),
        hold_folder(tmp_path / "file" / "data"),
    ):
        pass


def test_checking_a_new_place_makes_nothing(tmp_path: Path) -> None:
    check_folder(tmp_path / "a" / "b")

    assert list(tmp_path.iterdir()) == []


def test_checking_an_existing_place_lets_it_go_again(tmp_path: Path) -> None:
    check_folder(tmp_path)

    with hold_folder(tmp_path):
        pass


def test_checking_a_held_place_says_so(tmp_path: Path) -> None:
    with hold_folder(tmp_path), pytest.raises(DataDirectoryInUse):
        check_folder(tmp_path)


@pytest.mark.parametrize("place", ["file", "file/data"])
def test_checking_a_file_says_that_it_is_no_directory(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(DataDirectoryUnusable, match="Not a directory"):
        check_folder(tmp_path / place)


def test_checking_a_place_where_nothing_can_be_written_says_so() -> None:
    with pytest.raises(DataDirectoryUnusable, match=r"Data directory /proc/data: .*--data"):
        check_folder(Path("/proc/data"))


def test_checking_an_impossible_name_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryUnusable, match="File name too long"):
        check_folder(tmp_path / ("x" * 300))
