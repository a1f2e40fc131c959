"""A crowd of people in one process, which does what it is told: the load generator, `bench/generator`, in Go."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil

PROGRAM = Path(__file__).parents[2] / ".build" / "generator" / "generator"


class Joined(msgspec.Struct, rename="camel", frozen=True):
    """How a crowd came in; times in seconds (`commands.go` says from when)."""

    failed: dict[str, int]
    tries: int
    hearing: int
    all_hear: float
    complete: int
    roster_after: float
    p50: float
    p95: float


class Measured(msgspec.Struct, rename="camel", frozen=True):
    """What a crowd heard in a while; delays in milliseconds."""

    seconds: float
    sent: int
    expected: int
    heard: int
    silent: int
    delay_p50: float
    delay_p95: float
    delay_p99: float
    delay_max: float
    late_slots: int
    wrong: int
    voices_least: int
    voices_most: int
    standing: int
    broken: dict[str, int]

    @property
    def delivered(self) -> float:
        """The share of what should have been heard, in percent."""
        return 100 * self.heard / self.expected if self.expected else 0.0


class Farewell(msgspec.Struct, frozen=True):
    """When somebody last heard something, in Unix nanoseconds, and why his call ended."""

    heard: int
    end: str


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who joins. Who is `exact` has each packet counted on its own, at a price."""

    token: str
    talks: bool = False
    exact: bool = False


class Generator:
    """A running one. Each command waits for its answer."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    def join(
        self, guests: Sequence[Guest], *, room: str = "", seconds: float, within: float
    ) -> Joined:
        """Let them join one after the other, in so many seconds; wait until all hear and know of all."""
        crowd = [{"token": one.token, "talks": one.talks, "exact": one.exact} for one in guests]
        asked = {"room": room, "crowd": crowd, "seconds": seconds, "within": within}
        return msgspec.convert(self._ask("join", asked), Joined)

    def measure(self, seconds: float) -> Measured:
        return msgspec.convert(self._ask("measure", {"seconds": seconds}), Measured)

    def unmute(self, people: Iterable[int], *, seconds: float) -> Measured:
        """Let these open their microphones at once; they say nothing. Count from then on."""
        asked = {"people": list(people), "seconds": seconds}
        return msgspec.convert(self._ask("unmute", asked), Measured)

    def last(self, people: Iterable[int]) -> list[Farewell]:
        return msgspec.convert(self._ask("last", {"people": list(people)}), list[Farewell])

    def try_to_join(self, guest: Guest, room: str) -> str:
        """How one more is answered: `joined`, or `code/subCode`."""
        told = self._ask("try", {"room": room, "crowd": [{"token": guest.token}]})
        return str(told["answer"])

    def leave(self) -> None:
        """All of them."""
        self._ask("leave", {})

    def _ask(self, command: str, fields: Mapping[str, object]) -> Any:  # noqa: ANN401 (untyped bytes enter)
        into, out = self._process.stdin, self._process.stdout
        if into is None or out is None:
            raise RuntimeError("the load generator was started without pipes")
        into.write(json.dumps({"do": command, **fields}) + "\n")
        into.flush()
        line = out.readline()
        if not line:
            raise RuntimeError(f"the load generator ended in `{command}`; what it wrote is above")
        return json.loads(line)


@contextmanager
def generator(*options: str) -> Iterator[Generator]:
    """One for as long as the block lasts; `make load` and `make test` build the program."""
    with subprocess.Popen(
        (PROGRAM, *options), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Generator(process)
        finally:
            process.kill()


def at_server(endpoint: str, authority: Path, *, decrypts: bool = False) -> tuple[str, ...]:
    """The options for a crowd that joins through the service, over TLS."""
    address = endpoint.replace("http", "ws", 1).rstrip("/")
    how = ("-decrypt",) if decrypts else ()
    return ("-server", address, "-ca", str(authority), *how)


def at_engine(signalling: str) -> tuple[str, ...]:
    """The options for a crowd at an engine alone."""
    return ("-engine", signalling)
