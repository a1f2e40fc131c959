"""A child that cannot outlive us: its lines, its end, and shells that do not work."""

import asyncio
import os

import psutil
import pytest

from openrooms.media.child import LONGEST_LINE, start_child

pytestmark = pytest.mark.anyio


async def said_by(script: str) -> list[bytes]:
    child = await start_child(("/bin/sh", "-c", script))
    try:
        async with asyncio.timeout(5):
            return [line async for line in child.lines()]
    finally:
        await child.end()


async def test_its_lines_come_one_by_one_and_the_last_without_an_end_too() -> None:
    assert await said_by("echo one; echo two >&2; printf three") == [b"one", b"two", b"three"]


async def test_an_overlong_line_is_cut() -> None:
    (first, second) = await said_by(
        f"head -c {3 * LONGEST_LINE} /dev/zero | tr '\\0' x; echo; echo next"
    )

    assert set(first) == {ord("x")}
    assert len(first) == LONGEST_LINE
    assert second == b"next"


async def test_it_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEKIT_KEYS", "key: of somebody else")

    assert b"LIVEKIT" not in b"".join(await said_by("/usr/bin/env"))


async def test_its_id_is_its_own() -> None:
    child = await start_child(("/bin/sh", "-c", 'echo "$$"; exec cat /dev/zero >/dev/null'))
    try:
        async with asyncio.timeout(5):
            assert int(await anext(child.lines())) == child.pid
    finally:
        await child.end()


async def test_its_end_is_final_and_may_be_asked_for_twice() -> None:
    child = await start_child(("/bin/sh", "-c", "trap '' TERM INT HUP; while :; do :; done"))
    process = psutil.Process(child.pid)

    await child.end()
    await child.end()

    assert not process.is_running()


async def test_a_stopped_shell_is_ended_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openrooms.media.child.END_SECONDS", 0.1)
    child = await start_child(("/bin/sh", "-c", "exec cat /dev/zero"))
    engine, shell = psutil.Process(child.pid), psutil.Process(os.getpgid(child.pid))
    shell.suspend()

    await child.end()

    assert not shell.is_running()
    assert not engine.is_running() or engine.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("shell", ["exec cat /dev/zero >/dev/null", "echo no number"])
async def test_a_shell_that_does_not_work_is_told_and_ended(
    shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrooms.media.child._SHELL", shell)
    monkeypatch.setattr("openrooms.media.child.PID_SECONDS", 0.2)
    monkeypatch.setattr("openrooms.media.child.END_SECONDS", 0.1)

    with pytest.raises(OSError, match="does not work"):
        await start_child(("true",))


async def test_who_stops_waiting_for_a_start_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("openrooms.media.child._SHELL", "exec cat /dev/zero >/dev/null")
    monkeypatch.setattr("openrooms.media.child.END_SECONDS", 0.1)
    before = set(psutil.Process().children())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await start_child(("true",))

    # One that has ended may not have been waited for yet.
    _, alive = psutil.wait_procs(set(psutil.Process().children()) - before, timeout=5)
    assert not alive


async def test_who_computes_is_at_work_until_his_end() -> None:
    child = await start_child(("/bin/sh", "-c", "while :; do :; done"))
    try:
        assert child.is_at_work()
    finally:
        await child.end()

    assert not child.is_at_work()


@pytest.mark.parametrize("script", ["exec sleep 60", "kill -STOP $$"])
async def test_who_waits_or_is_stopped_is_not_at_work(script: str) -> None:
    child = await start_child(("/bin/sh", "-c", script))
    try:
        async with asyncio.timeout(5):
            while child.is_at_work():
                await asyncio.to_thread(os.sched_yield)
    finally:
        await child.end()
