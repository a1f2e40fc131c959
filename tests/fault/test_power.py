"""X02: the power goes. What was promised had been synced before the promise, and is found again."""

import http.client
import json
import random
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from fault.conftest import Dose
from support.faults.trace import Cut, Disk, Event, Promised, Synced, Wrote, read_trace, under_strace
from support.report import figure, lines
from support.server import Server
from support.signed import Key

ROOMS, ROSTER = 20, 30
TARGET = "/rooms?api-version=2025-03-13"


class Watched(Server):
    """A server whose system calls are written down."""

    @property
    def trace(self) -> Path:
        return self.folder / "trace"

    def command(self) -> list[str]:
        return under_strace(super().command(), self.trace)


@dataclass(frozen=True, slots=True)
class Run:
    """What a watched server did, and the ids of the rooms that it promised, in order."""

    events: list[Event]
    rooms: list[int]
    file: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    server = Watched(tmp_path_factory.mktemp("watched"))
    server.start()
    try:
        rooms = list(_create(server))
    finally:
        server.stop()
    events = list(read_trace(server.trace))
    return Run(events, rooms, str(server.data / "openrooms.db"))


def test_the_log_is_synced_between_the_write_and_the_answer(run: Run) -> None:
    log = f"{run.file}-wal"
    wrote, synced, promises, early = False, False, 0, 0
    for event in run.events:
        match event:
            case Wrote(path=path) if path == log:
                wrote, synced = True, False
            case Synced(path) if path == log:
                synced = True
            case Promised():
                promises += 1
                early += not (wrote and synced)
                wrote = synced = False
            case _:
                pass

    lines.append(f"X02: {promises} answers, each with its sync in the trace")
    figure("X02, answers before the sync of their write", early, at_most=0, unit="")
    assert promises == len(run.rooms) == ROOMS


def test_the_files_open_clean_wherever_the_power_went(run: Run, tmp_path: Path, dose: Dose) -> None:
    chance = random.Random(dose.seed)
    broken, cuts = list[str](), 0
    disk, promised = Disk(), 0
    for event in run.events:
        disk.take(event)
        promised += isinstance(event, Promised)
        if not isinstance(event, Synced | Promised) or promised == 0:
            continue
        for survivors in _survivors(disk.unsafe, chance):
            cuts += 1
            files = disk.after_the_cut(survivors)
            broken += _wrong(tmp_path, run, files, promised=run.rooms[:promised])

    lines.append(
        f"X02, seed {dose.seed}: {cuts} copies of the files, cut at each sync and each answer"
    )
    lines.extend(f"    broken: {one}" for one in broken[:10])
    figure("X02, copies that lost a promise or did not open clean", len(broken), at_most=0, unit="")
    assert cuts > ROOMS


def _create(server: Server) -> Iterator[int]:
    """Rooms one after the other, on one plain connection, so that the trace can be read."""
    host = f"localhost:{server.ports.http}"
    key = Key(server.ready.connection_string.partition("accesskey=")[2])
    with closing(http.client.HTTPConnection(host, timeout=30)) as connection:
        for _ in range(ROOMS):
            people: dict[str, object] = {
                f"8:acs:{uuid.uuid4()}_{uuid.uuid4()}": {} for _ in range(ROSTER)
            }
            body = json.dumps({"participants": people}).encode()
            at = format_datetime(datetime.now(UTC), usegmt=True)
            proof = key.headers("POST", TARGET, host, at=at, body=body)
            connection.request("POST", TARGET, body, proof | {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            assert answer.status == 201, said
            yield int(said["id"])


def _survivors(unsafe: list[Wrote | Cut], chance: random.Random) -> Iterator[list[Wrote | Cut]]:
    """Nothing of what was not synced; all of it; or some, one of them torn."""
    yield []
    if not unsafe:
        return
    yield unsafe
    some = [one for one in unsafe if chance.random() < 0.5]
    last = unsafe[-1]
    if isinstance(last, Wrote):
        some.append(Wrote(last.path, last.offset, last.content[: len(last.content) // 2]))
    yield some


def _wrong(folder: Path, run: Run, files: dict[str, bytes], *, promised: list[int]) -> list[str]:
    """What is wrong with the database after a cut."""
    copy = folder / "openrooms.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
        content = files.get(run.file + ending)
        if content is not None and ending != "-shm":
            Path(f"{copy}{ending}").write_bytes(content)
    with closing(sqlite3.connect(copy)) as database:
        checked = [row[0] for row in database.execute("PRAGMA integrity_check")]
        rosters = dict(
            database.execute(
                "SELECT id, count(*) FROM room JOIN invitation ON room_number = number GROUP BY id"
            )
        )
        rooms = {row[0] for row in database.execute("SELECT id FROM room")}
    wrong = [] if checked == ["ok"] else checked
    wrong += [f"room {one} lost" for one in promised if one not in rooms]
    return wrong + [f"room {one} half made" for one in rooms if rosters.get(one) != ROSTER]
