"""The rules about locks find what is not pinned, is pinned wrongly, or names an address."""

import json
from pathlib import Path

import pytest

from tools.rules import locks

HASH = "    --hash=sha256:00\n"


def test_a_package_that_is_missing_from_the_lock_is_found(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text(f"click==8.5.1 \\\n{HASH}")

    found = locks.python_lock(tmp_path / "run.txt", "run.txt", ["click>=8.5,<9", "uvicorn>=1"])

    assert [one.what for one in found] == ["uvicorn is not locked; run `make lock`"]


def test_a_pin_outside_what_is_wanted_is_found(tmp_path: Path) -> None:
    (tmp_path / "run.txt").write_text(f"click==9.0 \\\n{HASH}")

    assert list(locks.python_lock(tmp_path / "run.txt", "run.txt", ["click>=8.5,<9"]))


@pytest.mark.parametrize(
    "line", ["--index-url https://a.example/simple", "-i x", "a @ file:///x", "--find-links /x"]
)
def test_an_address_in_a_lock_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "run.txt").write_text(f"{line}\nclick==8.5.1 \\\n{HASH}")

    assert list(locks.python_lock(tmp_path / "run.txt", "run.txt", ["click>=8.5,<9"]))


@pytest.mark.parametrize(
    ("pin", "wanted", "fits"),
    [("8.5.1", ">=8.5,<9", True), ("8.5", ">=8.5.0", True), ("9.0", "<9", False),
     ("1.1.29", "==1.1.29", True), ("1.1.30", "==1.1.29", False), ("3", "", True)],
)  # fmt: skip
def test_versions_are_compared_as_numbers(pin: str, wanted: str, *, fits: bool) -> None:
    assert locks.satisfies(pin, wanted) is fits


def npm(root: Path, **packages: object) -> list[str]:
    (root / "package.json").write_text(json.dumps({"devDependencies": {"vite": "8.0.0"}}))
    whole = {"": {"devDependencies": {"vite": "8.0.0"}}, **packages}
    (root / locks.NPM_LOCK).write_text(json.dumps({"packages": whole}))
    return [one.what for one in locks.npm_lock(root)]


def test_a_whole_npm_lock_is_not_found(tmp_path: Path) -> None:
    assert npm(tmp_path, **{"node_modules/vite": {"integrity": "sha512-x"}}) == []


def test_an_npm_package_with_an_address_or_without_integrity_is_found(tmp_path: Path) -> None:
    addressed = npm(tmp_path, **{"node_modules/vite": {"integrity": "x", "resolved": "https://x"}})
    loose = npm(tmp_path, **{"node_modules/vite": {"version": "8.0.0"}})

    assert addressed == ["node_modules/vite names an address; see .npmrc"]
    assert loose == ["node_modules/vite has no integrity"]


def test_a_manifest_that_changed_since_the_lock_is_found(tmp_path: Path) -> None:
    found = npm(tmp_path, **{"": {"devDependencies": {"vite": "7.0.0"}}})

    assert found == ["devDependencies of the root changed since the lock; run `make lock`"]


def test_a_platform_that_was_left_out_of_the_lock_is_found(tmp_path: Path) -> None:
    vite = {"integrity": "x", "optionalDependencies": {"vite-linux": "1", "vite-mac": "1"}}

    found = npm(
        tmp_path, **{"node_modules/vite": vite, "node_modules/vite-linux": {"integrity": "x"}}
    )

    assert found == ["node_modules/vite is locked without vite-mac"]


def test_the_locks_of_tests_are_looked_at_too(tmp_path: Path) -> None:
    npm(tmp_path)
    for folder in locks.NPM_FOLDERS[1:]:
        (tmp_path / folder).mkdir(parents=True)
        npm(tmp_path / folder)

    found = [(one.path, one.what) for one in locks.npm_locks(tmp_path)]

    missing = f"{locks.NPM_FOLDERS[0]}/{locks.NPM_LOCK}"
    assert found == [(missing, "there is no lock; run `make lock`")]
