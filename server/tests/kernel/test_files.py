"""A private file is readable by its owner alone, and never half there. Many may be open."""

import resource
from pathlib import Path

import pytest

from openrooms.kernel.files import MOST_FILES, allow_files, open_files, write_private

INFINITY = resource.RLIM_INFINITY


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"old")
    (tmp_path / "key.new").write_bytes(b"left by a crash")

    write_private(path, b"new")

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_open_files_are_counted(tmp_path: Path) -> None:
    before = open_files()

    with (tmp_path / "one").open("wb"), (tmp_path / "two").open("wb"):
        within = open_files()

    assert (within, open_files()) == (before + 2, before)


def test_as_many_files_may_be_open_as_the_system_lets_us() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        allowed = allow_files()
        now, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert allowed == now == min(hard if hard != INFINITY else MOST_FILES, MOST_FILES)


@pytest.mark.parametrize(
    ("limits", "refuses", "allowed"),
    [
        ((1024, INFINITY), False, MOST_FILES),
        ((1024, 4096), False, 4096),
        ((4096, 4096), False, 4096),
        ((INFINITY, INFINITY), False, MOST_FILES),
        ((1024, 4096), True, 1024),
    ],
)
def test_what_the_system_says_is_believed(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], *, refuses: bool, allowed: int
) -> None:
    def set_limit(_kind: int, _limits: tuple[int, int]) -> None:
        if refuses:
            raise ValueError

    monkeypatch.setattr(resource, "getrlimit", lambda _kind: limits)
    monkeypatch.setattr(resource, "setrlimit", set_limit)

    assert allow_files() == allowed
