"""What a server asked of the system, call by call, as strace saw it."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = "pwrite64,write,writev,sendto,sendmsg,fsync,fdatasync,ftruncate"
# Longer than a page of the database, shorter than whatever else is written.
LONGEST = 8192
_LINE = re.compile(
    r"(?P<thread>\d+) +(?:(?P<call>\w+)\((?P<rest>.*)|<\.\.\. \w+ resumed>(?P<end>.*))$"
)
_FILE = re.compile(r"\d+<(?P<path>[^>]*)>")
_WRITE = re.compile(r'\d+<[^>]*>, "(?P<content>(?:\\x[0-9a-f]{2})*)", \d+, (?P<offset>\d+)')
_CUT = re.compile(r"\d+<[^>]*>, (?P<size>\d+)")
# The start of a good answer, and what no answer but ours has: the engine's are in the trace, too.
_GOOD, _OURS = (
    "".join(f"\\x{octet:02x}" for octet in said) for said in (b"HTTP/1.1 20", b"x-ms-request-id")
)


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes put into a file; not yet safe."""

    path: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file made as long as this."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What was written to the file before is safe."""

    path: str


@dataclass(frozen=True, slots=True)
class Promised:
    """A client was told that what he asked for is done."""


Event = Wrote | Cut | Synced | Promised


def under_strace(command: list[str], trace: Path) -> list[str]:
    """The same command, watched."""
    strace = shutil.which("strace")
    assert strace is not None, "strace is not there. Install the package strace."
    watched = (
        "-D",
        "-f",
        "--seccomp-bpf",
        "-qq",
        "-y",
        "-xx",
        "-s",
        str(LONGEST),
        "-e",
        f"trace={CALLS}",
    )
    return [strace, *watched, "-o", str(trace), *command]


def read_trace(trace: Path) -> Iterator[Event]:
    """What happened, in the order in which it counts: a write when it begins, a sync when it is done."""
    waiting: dict[str, str] = {}
    for line in trace.read_text(errors="replace").splitlines():
        met = _LINE.match(line)
        if met is None:
            continue
        if met["call"] is None:
            path = waiting.pop(met["thread"], None)
            if path is not None and met["end"].rstrip().endswith("= 0"):
                yield Synced(path)
            continue
        yield from _begun(met, waiting)


def _begun(met: re.Match[str], waiting: dict[str, str]) -> Iterator[Event]:
    call, rest = met["call"], met["rest"]
    file = _FILE.match(rest)
    path = (
        ""
        if file is None
        else bytes.fromhex(file["path"].replace("\\x", "")).decode()
        if file["path"].startswith("\\x")
        else file["path"]
    )
    if call in {"fsync", "fdatasync"}:
        if "<unfinished" in rest:
            waiting[met["thread"]] = path
        elif rest.rstrip().endswith("= 0"):
            yield Synced(path)
    elif call == "pwrite64":
        wrote = _WRITE.match(rest)
        assert wrote is not None, f"a write that cannot be read: {rest[:200]}"
        yield Wrote(path, int(wrote["offset"]), bytes.fromhex(wrote["content"].replace("\\x", "")))
    elif call == "ftruncate":
        cut = _CUT.match(rest)
        assert cut is not None, rest
        yield Cut(path, int(cut["size"]))
    elif _GOOD in rest and _OURS in rest.lower():
        yield Promised()


class Disk:
    """What a disk holds of some files: what is safe, and what may get lost with the power."""

    def __init__(self) -> None:
        self.safe: dict[str, bytearray] = {}
        self.unsafe: list[Wrote | Cut] = []

    def take(self, event: Event) -> None:
        match event:
            case Wrote() | Cut():
                self.unsafe.append(event)
            case Synced(path):
                for one in [one for one in self.unsafe if one.path == path]:
                    _apply(self.safe, one)
                self.unsafe = [one for one in self.unsafe if one.path != path]
            case Promised():
                pass

    def after_the_cut(self, survivors: list[Wrote | Cut]) -> dict[str, bytes]:
        """The files when the power went, with those of the unsafe writes that made it."""
        files = {path: bytearray(content) for path, content in self.safe.items()}
        for one in survivors:
            _apply(files, one)
        return {path: bytes(content) for path, content in files.items()}


def _apply(files: dict[str, bytearray], change: Wrote | Cut) -> None:
    content = files.setdefault(change.path, bytearray())
    if isinstance(change, Cut):
        del content[change.size :]
        content.extend(bytes(change.size - len(content)))
        return
    end = change.offset + len(change.content)
    content.extend(bytes(max(0, end - len(content))))
    content[change.offset : end] = change.content
