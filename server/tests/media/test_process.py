"""The engine as a child: it starts, is watched, starts again, and never outlives us."""

import asyncio
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import yaml
from structlog.testing import capture_logs
from tests.media.restarts import restarted

from openrooms.kernel.clock import monotonic
from openrooms.media.errors import EngineAway, EngineFailed
from openrooms.media.livekit.adapter import LiveKitEngine
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.process import Supervisor, _Failures, started, supervised

pytestmark = pytest.mark.anyio

# A program of our own in the place of a server: it starts an engine, says its id, and waits.
PARENT = """
import asyncio, sys
from pathlib import Path
from openrooms.kernel.clock import monotonic
from openrooms.media.livekit.config import EngineSettings
from openrooms.media.livekit.tokens import KeyPair
from openrooms.media.process import supervised

async def main():
    settings = EngineSettings(
        keys=KeyPair("key", "s" * 40), webhook_url="http://127.0.0.1:1/", media_port=0
    )
    binary, folder = map(Path, sys.argv[1:])
    async with supervised(settings, binary=binary, folder=folder, monotonic=monotonic) as engine:
        print(engine.pid, file=sys.stderr, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def lost(supervisor: Supervisor) -> None:
    """Return once there is no engine."""
    async with asyncio.timeout(5):
        while supervisor.pid is not None:
            await asyncio.to_thread(os.sched_yield)


def is_dead(process: psutil.Process) -> bool:
    """Whether it has ended, collected by its parent or not."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def lines_in(file: Path) -> int:
    return len(file.read_text().splitlines())


def names_in(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def start(program: Path, settings: EngineSettings, folder: Path) -> None:
    async with supervised(settings, binary=program, folder=folder, monotonic=monotonic):
        pass


async def test_others_go_on_while_it_comes_up(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    async with started(settings, binary=binary, folder=tmp_path, monotonic=monotonic) as running:
        trouble_at_first = running.trouble

        await running.came_up()

        assert trouble_at_first == "it is starting"
        assert running.trouble is None


async def test_one_that_does_not_come_up_ends_what_goes_on_meanwhile(
    settings: EngineSettings, program: Callable[[str], Path], tmp_path: Path
) -> None:
    with pytest.raises(EngineFailed):
        async with started(
            settings, binary=program("exit 0"), folder=tmp_path, monotonic=monotonic
        ):
            await asyncio.Event().wait()


async def test_it_runs_while_the_context_is_open_and_leaves_nothing(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    async with supervised(settings, binary=binary, folder=tmp_path, monotonic=monotonic) as running:
        assert running.pid is not None
        engine = psutil.Process(running.pid)
        shell = psutil.Process(os.getpgid(engine.pid))
        family = [shell, *shell.children(recursive=True)]
        url = await running.ready(within=0)

    assert engine in family
    assert not any(one.is_running() for one in family)
    assert url.startswith("http://127.0.0.1:")
    with pytest.raises(EngineAway):
        await running.ready(within=0)


async def test_its_settings_are_for_us_alone_and_hold_what_it_was_given(
    supervisor: Supervisor, settings: EngineSettings, tmp_path: Path
) -> None:
    path = tmp_path / "engine.yaml"

    written = yaml.safe_load(path.read_text())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert written["keys"] == {settings.keys.key: settings.keys.secret}
    assert written["rtc"]["udp_port"] == supervisor.media_port != 0
    assert names_in(tmp_path) == ["engine.yaml"]


async def test_a_killed_engine_is_started_again_and_the_watcher_hears(
    supervisor: Supervisor, engine: LiveKitEngine
) -> None:
    first, port = supervisor.pid, supervisor.media_port
    assert first is not None
    await engine.open_room("call-1")
    again = await restarted(supervisor)

    os.kill(first, signal.SIGKILL)
    async with asyncio.timeout(5):
        await again.wait()

    assert supervisor.pid not in {None, first}
    assert supervisor.media_port == port
    assert await engine.rooms() == []


async def test_an_engine_whose_shell_is_killed_still_ends_with_us(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    async with supervised(settings, binary=binary, folder=tmp_path, monotonic=monotonic) as running:
        assert running.pid is not None
        engine = psutil.Process(running.pid)
        os.kill(os.getpgid(engine.pid), signal.SIGKILL)
        await running.ready(within=5)

    # Who kills it is told by the end of a pipe, and may be a moment behind.
    async with asyncio.timeout(5):
        while not await asyncio.to_thread(is_dead, engine):
            await asyncio.to_thread(os.sched_yield)


async def test_a_watcher_that_fails_is_logged_and_harms_nobody(supervisor: Supervisor) -> None:
    async def fail() -> None:
        raise ValueError("a watcher's own trouble")

    supervisor.watch(fail)
    again = await restarted(supervisor)
    assert supervisor.pid is not None

    with capture_logs() as logged:
        os.kill(supervisor.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            await again.wait()

    assert "engine_watcher_failed" in [one["event"] for one in logged]


async def test_it_dies_with_a_parent_that_is_killed(binary: Path, tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(binary), str(tmp_path)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert parent.stderr is not None
    try:
        async with asyncio.timeout(9):
            engine = psutil.Process(int(await parent.stderr.readline()))
    finally:
        parent.kill()
        await parent.wait()

    assert await asyncio.to_thread(engine.wait, 2) is None


async def test_a_busy_media_port_is_named_and_nothing_is_left(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        with pytest.raises(EngineFailed, match=f"UDP port {port}") as failed:
            await start(binary, replace(settings, media_port=port), tmp_path)

    assert "used by another program" in str(failed.value)
    assert names_in(tmp_path) == []


async def test_an_unwritable_folder_is_named(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    with pytest.raises(EngineFailed, match=r"cannot write .*/nowhere/engine\.yaml: No such file"):
        await start(binary, settings, tmp_path / "nowhere")


async def test_a_program_that_is_not_there_is_named(
    settings: EngineSettings, tmp_path: Path
) -> None:
    with pytest.raises(EngineFailed, match=r"livekit-server.*not found"):
        await start(tmp_path / "livekit-server", settings, tmp_path)


async def test_a_shell_that_does_not_work_is_told(
    settings: EngineSettings, binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.child._SHELL", "echo no number")

    with pytest.raises(EngineFailed, match="cannot be started: the shell around it"):
        await start(binary, settings, tmp_path)


async def test_what_it_says_last_is_the_reason_without_its_secrets(
    settings: EngineSettings, program: Callable[[str], Path], tmp_path: Path
) -> None:
    script = program(f"echo 'bad key {settings.keys.secret} eyJhbGciOi.eyJzdWIi.x'")

    with pytest.raises(EngineFailed) as failed:
        await start(script, settings, tmp_path)

    said = "the media engine did not start: bad key [hidden] [hidden]"
    assert str(failed.value) == said


async def test_a_port_that_was_taken_meanwhile_is_told_in_words_after_a_second_try(
    settings: EngineSettings, program: Callable[[str], Path], tmp_path: Path
) -> None:
    said, tries = "listen udp: bind: address already in use", tmp_path / "tries"
    script = program(f"echo '{said}'; echo try >> {tries}")

    with pytest.raises(EngineFailed, match=r"UDP port .* used by another program"):
        await start(script, settings, tmp_path)

    assert lines_in(tries) == 2


async def test_an_engine_that_never_answers_has_not_started(
    settings: EngineSettings,
    program: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openrooms.media.process.START_SECONDS", 0.2)
    script = program("exec cat /dev/zero >/dev/null")

    with pytest.raises(EngineFailed, match="did not answer within"):
        await start(script, settings, tmp_path)


async def test_an_engine_that_cannot_come_back_is_tried_again(supervisor: Supervisor) -> None:
    again = await restarted(supervisor)
    assert supervisor.pid is not None

    with (
        capture_logs() as logged,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken,
    ):
        os.kill(supervisor.pid, signal.SIGSTOP)
        lost = psutil.Process(supervisor.pid)
        lost.kill()
        await asyncio.to_thread(lost.wait, 2)
        taken.bind(("127.0.0.1", supervisor.media_port))
        while "engine_failed" not in [one["event"] for one in logged]:
            await asyncio.wait_for(asyncio.to_thread(os.sched_yield), 1)
    async with asyncio.timeout(5):
        await again.wait()

    assert await supervisor.ready(within=1)


async def test_an_engine_that_ends_again_and_again_is_not_started_all_the_time(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.process.QUICK_STARTS", 1)
    monkeypatch.setattr("openrooms.media.process.SLOW_PAUSE", 3600.0)
    again = await restarted(supervisor)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    async with asyncio.timeout(5):
        await again.wait()

    os.kill(supervisor.pid, signal.SIGKILL)
    await lost(supervisor)

    with pytest.raises(EngineAway):
        await supervisor.ready(within=0.5)


async def test_an_engine_that_ran_well_is_started_at_once_again(
    settings: EngineSettings, binary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.process.QUICK_STARTS", 1)
    monkeypatch.setattr("openrooms.media.process.SLOW_PAUSE", 3600.0)
    shift = 0.0

    def clock() -> float:
        return monotonic() + shift

    async with supervised(settings, binary=binary, folder=tmp_path, monotonic=clock) as running:
        for hours in (1, 2):
            again = await restarted(running)
            shift = hours * 3600.0
            assert running.pid is not None
            os.kill(running.pid, signal.SIGKILL)
            async with asyncio.timeout(5):
                await again.wait()


async def test_one_that_never_comes_up_is_waited_for_twice_as_long_each_time() -> None:
    failures = _Failures()

    pauses = [failures.add(came_up=False) for _ in range(10)]
    told = failures.told("no luck")
    failures.forget()
    after_lives = [failures.add(came_up=True) for _ in range(21)]

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    assert told == "no luck (10 times in a row)"
    assert after_lives == [0.1] * 20 + [30.0]


async def test_what_goes_wrong_inside_the_context_comes_out_as_it_is(
    settings: EngineSettings, binary: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyError, match="mine"):
        async with supervised(settings, binary=binary, folder=tmp_path, monotonic=monotonic):
            raise KeyError("mine")
