"""`openrooms call` on a database that no server holds, and what it prints."""

import asyncio
import json
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.calling.records.archive import Archive, open_archive
from tests.identity.house import Json

from openrooms.administration.calls import LEGS_AT_ONCE
from openrooms.calling.joining import Agent
from openrooms.calling.surveys.ratings_wire import Ratings
from openrooms.cli import main

ROOM_OF_NOBODY = "99412345678901234"


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["call", *words, "--data", str(data / "data")])


def told(data: Path, *words: str) -> Json:
    """What a command says as JSON."""
    result = run(data, *words, "--resource", "default", "--json")
    assert result.exit_code == 0, result.output
    facts: Json = json.loads(result.stdout)
    return facts


@pytest.fixture
def call_id(data: Path) -> str:
    """A call on record, and two refused joins."""

    async def make() -> str:
        async with open_archive(data, None) as archive:
            return await _fill(archive)

    return asyncio.run(make())


async def _fill(archive: Archive) -> str:
    ann = await archive.agent("Ann")
    room = await archive.room(ann)
    admission = await archive.join(ann, room)
    await archive.join(ann, str(uuid4()))
    await archive.services.calls.leave(ann, admission.call.id)
    await _rate(archive, ann, admission.leg.id)
    for _ in range(22):
        await archive.refused(ann, ROOM_OF_NOBODY)
    return admission.call.id


async def _rate(archive: Archive, agent: Agent, leg_id: str) -> None:
    poor = {"score": 1, "issues": ["Echo", "AudioNoise"]}
    ratings = msgspec.convert({"overallRating": {"score": 4}, "audioRating": poor}, Ratings)
    await archive.services.surveying.submit(
        agent, ratings, survey_id=str(uuid4()), participant_id=leg_id
    )


def test_calls_are_listed_newest_first(data: Path, call_id: str) -> None:
    listed = run(data, "list", "--resource", "default")

    head, *rows = listed.stdout.splitlines()
    assert head.split() == ["STARTED", "ENDED", "ID", "PLACE", "END"]
    assert len(rows) == 2
    assert "0/0 The participant hung up." in next(row for row in rows if call_id in row)
    assert "goes on" in next(row for row in rows if call_id not in row)
    short = run(data, "list", "--resource", "default", "--limit", "1")
    assert short.stdout.splitlines()[-1] == "There are more: see --limit."


def test_a_call_is_shown_with_everyone_who_was_in_it(data: Path, call_id: str) -> None:
    shown = run(data, "show", call_id, "--resource", "default")
    facts = told(data, "show", call_id)

    assert shown.stdout.startswith(f"Call {call_id}\n  place    room ")
    assert "Attendee  8:acs:" in shown.stdout
    assert "0/0 The participant hung up." in shown.stdout
    assert facts["callId"] == call_id
    assert "participants" in facts
    assert "next" not in facts


def test_of_a_long_call_everyone_is_shown(data: Path) -> None:
    async def make() -> str:
        async with open_archive(data, None) as archive:
            ann = await archive.agent("Ann")
            room = await archive.room(ann)
            for _ in range(LEGS_AT_ONCE):
                await archive.join(ann, room)
            return (await archive.join(ann, room)).call.id

    call_id = asyncio.run(make())

    shown = run(data, "show", call_id, "--resource", "default").stdout

    assert shown.count("  Ann  ") == LEGS_AT_ONCE + 1
    assert shown.count("  is in it  ") == 1


def test_refused_joins_are_listed_with_their_reason(data: Path, call_id: str) -> None:
    listed = run(data, "refused", "--resource", "default")

    assert call_id not in listed.stdout
    newest = listed.stdout.splitlines()[1]
    assert f"room {ROOM_OF_NOBODY}" in newest
    assert "404/5732 There is no such room. (and 2 more, not kept one by one)" in newest


def test_what_is_not_there_is_one_line(data: Path, call_id: str) -> None:
    assert call_id
    unknown = run(data, "show", "abc", "--resource", "default")
    bad_room = run(data, "list", "--room", "abc", "--resource", "default")
    bad_user = run(data, "refused", "--user", "ann", "--resource", "default")

    assert (unknown.exit_code, unknown.stderr) == (1, "error: Call 'abc': not on record.\n")
    assert (bad_room.exit_code, bad_room.stderr[:19]) == (1, "error: Room 'abc': ")
    assert (bad_user.exit_code, bad_user.stderr[:19]) == (1, "error: User 'ann': ")


def test_what_people_thought_is_listed_with_its_scale(data: Path, call_id: str) -> None:
    listed = run(data, "surveys", "--resource", "default")
    facts = told(data, "surveys", "--call", call_id)
    of_nobody = told(data, "surveys", "--call", str(uuid4()))
    bad_call = run(data, "surveys", "--call", "abc", "--resource", "default")

    head, row = listed.stdout.splitlines()
    assert head.split() == ["AT", "USER", "CALL", "RATED"]
    assert row.endswith("overall 4 of 5; audio 1 of 5 Echo AudioNoise")
    assert call_id in row
    assert [one["callId"] for one in facts["value"]] == [call_id]
    assert of_nobody["value"] == []
    assert (bad_call.exit_code, bad_call.stderr[:16]) == (1, "error: Surveys: ")
