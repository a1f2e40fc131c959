"""Steps of setting up: each is done anew only when what it is made from has changed."""

import hashlib
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.terminal import Stuck, say

SKIPPED = frozenset({"node_modules", "__pycache__", "dist", "static", "generated-types"})
FIRST_LINES = 10
LAST_LINES = 30
WORTH_TELLING = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do: from `inputs` (files and folders), by `commands`, giving `outputs`.

    `kept` is the folder that holds the result and so the note that it was made: who deletes
    the one deletes the other.
    """

    name: str
    says: str
    inputs: tuple[str, ...]
    commands: tuple[tuple[str, ...], ...]
    outputs: tuple[str, ...]
    kept: str
    made_with: str = ""
    shows_output: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def files_of(root: Path, inputs: Iterable[str]) -> list[Path]:
    """Every file the inputs name, in a fixed order; folders stand for what is in them."""
    found: set[Path] = set()
    for name in inputs:
        path = root / name
        if path.is_file():
            found.add(path)
        for folder, folders, files in os.walk(path):
            folders[:] = [one for one in folders if one not in SKIPPED]
            found.update(Path(folder) / one for one in files)
    return sorted(found)


def digest(root: Path, step: Step) -> str:
    """What the step's result depends on, as one number."""
    total = hashlib.sha256(repr((step.commands, step.made_with)).encode())
    for path in files_of(root, step.inputs):
        content = path.read_bytes()
        total.update(f"{path.relative_to(root)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def note_of(root: Path, step: Step) -> Path:
    return root / step.kept / f".made-{step.name}"


def is_done(root: Path, step: Step) -> bool:
    """Whether the result is there and was made from what is there now."""
    note = note_of(root, step)
    if not note.is_file() or not all((root / name).exists() for name in step.outputs):
        return False
    return note.read_text() == digest(root, step)


def perform(root: Path, step: Step, number: str) -> None:
    """Do the step, and note what it was made from."""
    say(f"[{number}] {step.says}")
    start = time.monotonic()
    note_of(root, step).unlink(missing_ok=True)
    made_from = digest(root, step)
    for command in step.commands:
        _run(root, step, command)
    missing = [name for name in step.outputs if not (root / name).exists()]
    if missing:
        raise Stuck(f"{step.says}: ended well, but did not make {', '.join(missing)}.")
    note_of(root, step).write_text(made_from)
    took = time.monotonic() - start
    if took > WORTH_TELLING:
        say(f"      took {took:.0f} s")


def perform_all(root: Path, steps: list[Step]) -> None:
    """Do what is not done, in order. The order matters: a later step may use an earlier result."""
    for number, step in enumerate(steps, start=1):
        if not is_done(root, step):
            perform(root, step, f"{number}/{len(steps)}")


def _run(root: Path, step: Step, command: tuple[str, ...]) -> None:
    log = root / ".build" / "log" / f"{step.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    try:
        with log.open("wb") as output:
            result = subprocess.run(
                command,
                cwd=root,
                env={**os.environ, **step.environment},
                stdin=subprocess.DEVNULL,
                stdout=None if step.shows_output else output,
                stderr=None if step.shows_output else subprocess.STDOUT,
                check=False,
            )
    except FileNotFoundError:
        raise Stuck(f"{step.says}: the program `{command[0]}` is not there.") from None
    if result.returncode == 0:
        return
    said = f"{step.says}: `{' '.join(command)}` ended with {result.returncode}."
    if not step.shows_output:
        said += (
            f" It wrote ({log.relative_to(root)}):\n{shortened(log.read_text(errors='replace'))}"
        )
    raise Stuck(said)


def shortened(text: str) -> str:
    """The beginning and the end: some programs tell the reason first, others last."""
    lines = text.rstrip().splitlines()
    if len(lines) > FIRST_LINES + LAST_LINES:
        lines[FIRST_LINES:-LAST_LINES] = ["…"]
    return "\n".join(lines)
