"""The package as a server finds it: the program that was pinned, whole, with its licences."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

import openrooms_engine
from openrooms_engine import EngineUnusable, binary, notices, probe, relay, version

HERE = Path(__file__).resolve().parent.parent


@pytest.fixture
def products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the package looks, with a small program in it that was never built."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "livekit-server").write_bytes(b"a program")
    (folder / "build.json").write_text(
        json.dumps({"livekit": "1.0", "sha256": {"livekit-server": "0" * 64}})
    )
    monkeypatch.setattr(openrooms_engine, "_FOLDER", folder)
    return folder


def test_the_program_runs_and_is_what_was_pinned() -> None:
    told = subprocess.run((binary(), "--version"), capture_output=True, text=True, check=True)

    assert told.stdout.split()[-1] == version()
    assert f"github.com/livekit/livekit-server v{version()} " in (HERE / "go.mod").read_text()


def test_the_package_has_the_version_of_the_program() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]

    assert project["version"].partition(".post")[0] == version()


def test_the_program_names_no_folder_of_the_machine_it_was_built_on() -> None:
    program = binary().read_bytes()

    assert str(HERE).encode() not in program
    assert re.search(rb"/(home|root|Users)/[^ ]*/pkg/mod/", program) is None


def test_every_licence_is_there() -> None:
    titles = re.findall(r"^={78}\n(.+)\n={78}$", notices().read_text(), re.MULTILINE)

    assert titles[0] == f"github.com/livekit/livekit-server v{version()}: LICENSE"
    assert titles[1] == f"github.com/livekit/livekit-server v{version()}: NOTICE"
    assert titles[-1].startswith("The Go programming language and its library: ")
    assert len({title.split(" ")[0] for title in titles}) > 100


def test_the_relay_runs_and_says_what_it_wants() -> None:
    told = subprocess.run((relay(),), capture_output=True, text=True, check=False)

    assert told.returncode == 1
    assert json.loads(told.stdout)["msg"] == "usage: openrooms-relay SETTINGS"


def test_a_relay_that_was_not_built_is_refused(products: Path) -> None:
    (products / "openrooms-relay").write_bytes(b"a program")

    with pytest.raises(EngineUnusable, match="is not the program that was built"):
        relay()


@pytest.mark.parametrize(("said", "status"), [("", 0), ("no order\n", 2)])
def test_the_probe_ends_with_its_input_and_with_what_is_no_order(said: str, status: int) -> None:
    told = subprocess.run((probe(),), input=said, capture_output=True, text=True, check=False)

    assert (told.returncode, told.stdout) == (status, "")


def test_a_changed_program_is_refused(products: Path) -> None:
    with pytest.raises(EngineUnusable, match="is not the program that was built: build it with"):
        binary()


def test_a_program_that_is_gone_is_told(products: Path) -> None:
    (products / "livekit-server").unlink()

    with pytest.raises(EngineUnusable, match=r"cannot read .*/livekit-server \(No such file"):
        binary()


@pytest.mark.parametrize("facts", [None, "", "no json"])
def test_a_package_without_a_build_is_told(products: Path, facts: str | None) -> None:
    path = products / "build.json"
    path.unlink()
    if facts is not None:
        path.write_text(facts)

    with pytest.raises(EngineUnusable, match="has not been built here: build it with"):
        binary()
    with pytest.raises(EngineUnusable):
        version()
