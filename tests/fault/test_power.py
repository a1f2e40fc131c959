"""X02: the power goes. What was promised had been synced before the promise, and is found again."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from fault.conftest import Dose
from support.faults.promises import ROSTER, Promise, promised
from support.faults.trace import Cut, Disk, Event, Promised, Synced, Wrote, read_trace, under_strace
from support.report import figure, lines
from support.server import Server


class Watched(Server):
    """A server whose system calls are written down."""

    @property
    def trace(self) -> Path:
        return self.folder / "trace"

    def command(self) -> list[str]:
        return under_strace(super().command(), self.trace)


@dataclass(frozen=True, slots=True)
class Run:
    """What a watched server did, and what it promised, in order."""

    events: list[Event]
    promises: list[Promise]
    file: str


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    server = Watched(tmp_path_factory.mktemp("watched"))
    server.start()
    try:
        promises = list(promised(server))
    finally:
        server.stop()
    events = list(read_trace(server.trace))
    return Run(events, promises, str(server.data / "openrooms.db"))


def test_the_log_is_synced_between_the_write_and_the_answer(run: Run) -> None:
    log = f"{run.file}-wal"
    wrote, synced, answers = False, False, 0
    early = list[str]()
    for event in run.events:
        match event:
            case Wrote(path=path) if path == log:
                wrote, synced = True, False
            case Synced(path) if path == log:
                synced = True
            case Promised():
                if not (wrote and synced):
                    early.append(run.promises[answers].what)
                answers += 1
                wrote = synced = False
            case _:
                pass

    lines.append(f"X02: {answers} answers, each with its sync in the trace; before it: {early}")
    figure("X02, answers before the sync of their write", len(early), at_most=0, unit="")
    assert answers == len(run.promises)


def test_the_files_open_clean_wherever_the_power_went(run: Run, tmp_path: Path, dose: Dose) -> None:
    chance = random.Random(dose.seed)
    broken, cuts = list[str](), 0
    disk, answers = Disk(), 0
    for event in run.events:
        disk.take(event)
        answers += isinstance(event, Promised)
        if not isinstance(event, Synced | Promised) or answers == 0:
            continue
        for survivors in _survivors(disk.unsafe, chance):
            cuts += 1
            files = disk.after_the_cut(survivors)
            broken += _wrong(tmp_path, run, files, answers=answers)

    lines.append(
        f"X02, seed {dose.seed}: {cuts} copies of the files, cut at each sync and each answer"
    )
    lines.extend(f"    broken: {one}" for one in broken[:10])
    figure("X02, copies that lost a promise or did not open clean", len(broken), at_most=0, unit="")
    assert cuts > len(run.promises)


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


def _wrong(folder: Path, run: Run, files: dict[str, bytes], *, answers: int) -> list[str]:
    """What is wrong with the database after a cut."""
    copy = folder / "openrooms.db"
    for ending in ("", "-wal", "-shm"):
        Path(f"{copy}{ending}").unlink(missing_ok=True)
        content = files.get(run.file + ending)
        if content is not None and ending != "-shm":
            Path(f"{copy}{ending}").write_bytes(content)
    with closing(sqlite3.connect(copy)) as database:
        checked = [row[0] for row in database.execute("PRAGMA integrity_check")]
        wrong = [] if checked == ["ok"] else checked
        wrong += [f"room {one} half made" for one in _half_made(database)]
        return wrong + list(_not_kept(database, run.promises, answers=answers))


def _half_made(database: sqlite3.Connection) -> list[int]:
    rooms = database.execute(
        "SELECT id, count(raw_id) FROM room LEFT JOIN invitation ON room_number = number"
        " WHERE deleted_at IS NULL GROUP BY id"
    )
    return [room for room, people in rooms if people != ROSTER]


def _not_kept(
    database: sqlite3.Connection, promises: Sequence[Promise], *, answers: int
) -> Iterator[str]:
    """Whoever was answered finds what he was told; what is still unanswered may be there or not."""
    under_way = promises[answers] if answers < len(promises) else None
    told = {one.about: one for one in promises[:answers]}
    for one in told.values():
        found = [value for (value,) in database.execute(one.statement, one.parameters)]
        unanswered = under_way.found if under_way and under_way.about == one.about else one.found
        if found not in (one.found, unanswered):
            yield f"{one.what} lost: {found}"
