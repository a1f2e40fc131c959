"""The official SDKs of tests are held against their locks, and a missing JDK is said in one line."""

from pathlib import Path

import pytest

from tools import jars, java, sdks
from tools.terminal import Stuck


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "jars"
    made.mkdir()
    (made / "a.jar").write_bytes(b"a")
    (made / "b.jar").write_bytes(b"b")
    jars.write(made, tmp_path / "lock.txt")
    return made


def test_files_that_are_as_the_lock_says_are_taken(folder: Path, tmp_path: Path) -> None:
    jars.check(folder, tmp_path / "lock.txt")


def test_a_file_with_another_content_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "b.jar").write_bytes(b"other")

    with pytest.raises(Stuck, match=r"b\.jar has another hash"):
        jars.check(folder, tmp_path / "lock.txt")


def test_a_file_too_many_or_too_few_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jar").rename(folder / "c.jar")

    with pytest.raises(Stuck, match=r"a\.jar is not in both"):
        jars.check(folder, tmp_path / "lock.txt")


def test_every_version_has_its_lock() -> None:
    root = Path(__file__).parents[2]

    locks = [sdks.java_lock(one) for one in sdks.JAVA_VERSIONS]
    locks += [f"locks/sdks-{one}.txt" for one in sdks.PYTHON_VERSIONS]

    assert [one for one in locks if not (root / one).is_file()] == []


def test_a_missing_jdk_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    with pytest.raises(Stuck, match="Install the packages default-jdk-headless and maven"):
        java.ensure_java(tmp_path)


def test_a_stub_that_only_names_a_download_is_no_jdk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, status in (("java", 0), ("javac", 1), ("keytool", 0), ("mvn", 0)):
        (tmp_path / name).write_text(f"#!/bin/sh\nexit {status}\n")
        (tmp_path / name).chmod(0o755)

    assert java.missing() == ["javac"]
