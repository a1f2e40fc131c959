"""`openrooms explain` on a database that no server holds, and what it prints."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.calling.records.archive import open_archive
from tests.identity.house import START

from openrooms.cli import main
from openrooms.kernel.clock import system_clock


def run(data: Path, *words: str) -> Result:
    where = ["--resource", "default", "--data", str(data / "data")]
    return CliRunner().invoke(main, ["explain", *words, *where])


@pytest.fixture
def asked(data: Path) -> tuple[str, str, str]:
    """A room's id, somebody who was in its call, and somebody who was refused."""

    async def make() -> tuple[str, str, str]:
        async with open_archive(data, None) as archive:
            ann, bob = await archive.agent("Ann"), await archive.agent()
            room = await archive.room(ann)
            await archive.join(ann, room)
            await archive.refused(bob, str(room.id))
            return str(room.id), ann.raw_id, bob.raw_id

    asked = asyncio.run(make())
    # The commands take it for an hour later.
    offset = data / "offset"
    offset.write_text(str((START - system_clock()).total_seconds() + 3600))
    (data / "data" / "openrooms.toml").write_text(f'clock_offset = "{offset}"\n')
    return asked


def test_a_refusal_is_explained_rule_by_rule_and_the_past_says_what_is_as_of_now(
    data: Path, asked: tuple[str, str, str]
) -> None:
    room, _, bob = asked

    told = run(data, room, bob, "--at", "2026-11-22T09:31:00Z").stdout

    head, *lines = told.splitlines()
    assert " could not join: 403/5828 This user is not on the roster of the room." in head
    assert [line.split()[:2] for line in lines[:5]] == [
        ["ok", "signedIn"],
        ["ok", "roomExists"],
        ["REFUSES", "invited"],
        ["-", "windowOpen"],
        ["-", "seatFree"],
    ]
    assert lines[1].endswith("The room is there. [as of now]")
    assert lines[2].endswith("Not on the roster. [on record]")
    assert lines[5].startswith("Note: only what is marked [on record] is from that time.")
    assert lines[6] == "On record of this user and room, an hour before and after:"
    assert lines[7].split()[1:3] == ["refused", "403/5828"]


def test_who_may_join_is_told_as_what(data: Path, asked: tuple[str, str, str]) -> None:
    room, ann, _ = asked

    told = run(data, room, ann, "--at", "2027-01-01T00:00:00Z").stdout
    as_json = json.loads(run(data, room, ann, "--at", "2027-01-01T00:00:00Z", "--json").stdout)

    assert as_json["admitted"] is True
    assert " could join, as Attendee\n" in told
    assert "Note: this holds if nothing changes until then.\n" in told
    assert " can join, as Attendee\n" in run(data, room, ann).stdout


def test_where_nothing_is_on_record_nothing_is_said_of_it(
    data: Path, asked: tuple[str, str, str]
) -> None:
    room, _, bob = asked

    told = run(data, room, bob, "--at", "2027-01-01T00:00:00Z").stdout

    assert "On record" not in told


def test_what_cannot_be_explained_is_one_line(data: Path, asked: tuple[str, str, str]) -> None:
    room, ann, _ = asked

    bad_time = run(data, room, ann, "--at", "soon")
    bad_room = run(data, "abc", ann)

    assert (bad_time.exit_code, bad_time.stderr[:23]) == (1, "error: The value of at ")
    assert (bad_room.exit_code, bad_room.stderr[:19]) == (1, "error: Room 'abc': ")
