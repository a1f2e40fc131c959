"""The program that has a call with itself: what it is told, and what is made of one that fails us."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openrooms.media.probe import Outcome, Probe, ProbeBroken, Way
from openrooms.media.ways import Ways

pytestmark = pytest.mark.anyio

WELL = '{"admitted": 0.1, "connected": 0.2, "heard": 0.3}'
BLAMES = '{"fault": "media", "why": "no way", "admitted": 0.1}'


def program(folder: Path, text: str) -> Path:
    """A program that reads orders as the real one does, and answers with `text` of the shell."""
    file = folder / "probe"
    file.write_text(f"#!/bin/sh\nwhile read -r order; do {text}; done\n")
    file.chmod(0o700)
    return file


@pytest.fixture
async def probes() -> AsyncIterator[list[Probe]]:
    made: list[Probe] = []
    yield made
    for one in made:
        await one.close()


async def outcome(probes: list[Probe], file: Path, seconds: float = 5.0) -> Outcome:
    probes.append(Probe(file))
    return await probes[-1].call(b"{}\n", seconds=seconds)


async def test_what_it_says_is_read(probes: list[Probe], tmp_path: Path) -> None:
    well = await outcome(probes, program(tmp_path, f"echo '{WELL}'"))
    bad = await outcome(probes, program(tmp_path, f"echo '{BLAMES}'"))

    assert (well.fault, dict(well.seconds)) == ("", json.loads(WELL))
    assert (bad.fault, bad.why, dict(bad.seconds)) == ("media", "no way", {"admitted": 0.1})


@pytest.mark.parametrize(
    "text",
    ["exit 1", "echo nonsense", "echo []", "echo '{\"heard\": {}}'", "head -c 200000 /dev/zero"],
)
async def test_one_that_fails_us_says_nothing_about_calls(
    probes: list[Probe], tmp_path: Path, text: str
) -> None:
    with pytest.raises(ProbeBroken):
        await outcome(probes, program(tmp_path, text))


async def test_one_that_is_silent_or_not_there_says_nothing_about_calls(
    probes: list[Probe], tmp_path: Path
) -> None:
    with pytest.raises(ProbeBroken):
        await outcome(probes, program(tmp_path, ":"), seconds=-1.5)
    with pytest.raises(ProbeBroken):
        await outcome(probes, tmp_path / "nowhere")


async def test_after_one_that_failed_us_the_next_call_has_a_new_one(
    probes: list[Probe], tmp_path: Path
) -> None:
    broken = "if [ -e came ]; then echo '{}'; else : > came; exit 1; fi"
    file = program(tmp_path, broken.replace("came", str(tmp_path / "came")))
    with pytest.raises(ProbeBroken):
        await outcome(probes, file)

    assert await probes[0].call(b"{}\n", seconds=5.0) == Outcome()


def test_an_order_tells_the_ways_and_the_relay_only_where_there_is_one_in_udp() -> None:
    without = json.loads(Way("ws://gate", Ways(turn_tls_port=5349)).order("ab", seconds=4.0))
    through = Way("ws://gate", Ways(turn_port=3478), "user", "password").order("ab", seconds=4.0)

    assert without == {
        "gate": "ws://gate",
        "speaker": "a",
        "listener": "b",
        "seconds": 4.0,
        "told": "127.0.0.1",
        "reached": "127.0.0.1",
    }
    assert json.loads(through)["relay"] == {
        "url": "turn:127.0.0.1:3478?transport=udp",
        "user": "user",
        "credential": "password",
    }
