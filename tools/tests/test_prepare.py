"""Setting up says in one line what is missing, and takes a browser only when it starts."""

from pathlib import Path

import pytest

from tools import chromium, firefox, prepare
from tools.terminal import Stuck


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in PATH, empty."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def test_a_machine_without_node_is_told_to_install_it(path: Path) -> None:
    with pytest.raises(
        Stuck, match=r"not in PATH\. Install Node 20\.19 or newer \(package nodejs\)"
    ):
        prepare.check_node()
    assert list(path.iterdir()) == []


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.9", "nonsense"])
def test_an_old_node_is_refused(path: Path, version: str) -> None:
    program(path, "node", f"echo {version}")
    program(path, "npm", "exit 0")

    with pytest.raises(Stuck, match="too old"):
        prepare.check_node()


@pytest.mark.parametrize("version", ["v20.19.0", "v22.1.0"])
def test_a_new_node_is_taken(path: Path, version: str) -> None:
    program(path, "node", f"echo {version}")
    program(path, "npm", "exit 0")

    prepare.check_node()


def test_a_chromium_that_starts_is_found(path: Path) -> None:
    program(path, "chromium", "echo Chromium 150.0")

    assert chromium.find_chromium(path) == str(path / "chromium")


def test_a_chromium_that_only_names_another_package_is_passed_over(path: Path) -> None:
    program(path, "chromium", "echo please install the snap; exit 1")
    program(path, "google-chrome", "echo Google Chrome 150.0")

    assert chromium.find_chromium(path) == str(path / "google-chrome")


def test_no_chromium_anywhere_is_a_failure_that_names_the_package(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "is_debian", lambda: True)

    with pytest.raises(Stuck, match="Install the package chromium"):
        chromium.ensure_chromium(path)


def test_a_firefox_that_starts_is_found_and_a_stub_is_passed_over(path: Path) -> None:
    program(path, "firefox-esr", "echo please install the snap; exit 1")
    program(path, "firefox", "echo Mozilla Firefox 150.0")

    firefox.ensure_firefox(path)

    assert firefox.find_firefox() == str(path / "firefox")


def test_no_firefox_is_a_failure_that_names_the_package(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(firefox, "is_debian", lambda: True)

    with pytest.raises(Stuck, match="Install the package firefox-esr"):
        firefox.ensure_firefox(path)


def test_the_steps_use_locks_by_hash_and_nothing_else() -> None:
    commands = [one for step in prepare.python_steps("locks/dev.txt") for one in step.commands]
    installs = [one for one in commands if "install" in one]

    assert installs
    assert all("--require-hashes" in one or "--no-deps" in one for one in installs)
