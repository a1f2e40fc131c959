"""The official SDKs, unchanged, in many versions: which there are, and how to drive one.

Each runs in a process of its own and knows a connection string and whom to trust, as an app does. It is told
what to call by a line of JSON and tells what came of it by another; all speak the same lines.
"""

import json
import os
import select
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support.deadlines import TooLate
from support.server import Ready

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "tests" / "conformance"
RESULT_WITHIN = 30.0


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """What an SDK tells of an answer that is an error."""

    kind: str
    status: int
    code: str | None
    message: str | None
    target: str | None
    details: list[list[str | None]]


@dataclass(frozen=True, slots=True)
class Sdk:
    """One pair of clients, for rooms and for identities, in one version each."""

    name: str
    command: tuple[str, ...]
    # Where its HTTP client reads whom to trust.
    trust: Mapping[str, str]
    # What not every version can do.
    can: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.name


def _python(way: str, versions: str, environment: str, *, can: frozenset[str]) -> Sdk:
    python = ROOT / ".build" / "sdks" / environment / "bin" / "python"
    trust = {"sync": "REQUESTS_CA_BUNDLE", "async": "SSL_CERT_FILE"}[way]
    driver = str(FOLDER / "python" / "driver.py")
    return Sdk(f"Python {way} {versions}", (str(python), driver, way), {trust: "{ca}"}, can)


def _javascript(rooms: str, identity: str, can: frozenset[str]) -> Sdk:
    driver = str(FOLDER / "javascript" / "driver.js")
    command = ("node", driver, f"rooms-{rooms}", f"identity-{identity}")
    name = f"JavaScript rooms {rooms} identity {identity}"
    return Sdk(name, command, {"NODE_EXTRA_CA_CERTS": "{ca}"}, can)


NEW = frozenset({"dial-out", "one date", "lifetime", "teams"})
NEWEST = NEW | {"collaborator"}
# The JavaScript clients know the roles, and refuse others themselves.
ANY_ROLE = frozenset({"any role"})
SDKS = (
    *(
        _python(way, "rooms 1.0.0 identity 1.0.1", "python-1.0", can=ANY_ROLE)
        for way in ("sync", "async")
    ),
    *(
        _python(way, "rooms 1.1.0 identity 1.3.1", "python-1.1", can=NEW | ANY_ROLE)
        for way in ("sync", "async")
    ),
    *(
        _python(way, "rooms 1.2.0 identity 1.5.0", "python-1.2", can=NEWEST | ANY_ROLE)
        for way in ("sync", "async")
    ),
    _javascript("1.0", "1.0", frozenset({"one date"})),
    _javascript("1.1", "1.2", NEW),
    _javascript("1.2", "1.3", NEWEST),
)


def able(what: str) -> tuple[Sdk, ...]:
    """The SDKs that can do something."""
    return tuple(sdk for sdk in SDKS if what in sdk.can)


class Driver:
    """A running SDK with a connection string."""

    def __init__(
        self, sdk: Sdk, ready: Ready, folder: Path, *, connection_string: str = ""
    ) -> None:
        self.sdk = sdk
        trust = {name: text.format(ca=ready.ca) for name, text in sdk.trust.items()}
        self._ready = ready
        self._errors = folder / "stderr"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                sdk.command,
                env=os.environ | trust,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        self.call("connect", connectionString=ready.connection_string)

    @contextmanager
    def connected(self, connection_string: str) -> Iterator[None]:
        """Give it another connection string for a while."""
        self.call("connect", connectionString=connection_string)
        try:
            yield
        finally:
            self.call("connect", connectionString=self._ready.connection_string)

    def close(self) -> None:
        """End it by the end of its input; it must go well."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            status = self._process.wait(RESULT_WITHIN)
        finally:
            self._process.kill()
            self._process.stdout.close()
        assert status == 0, self._errors.read_text()

    def call(self, name: str, **given: object) -> Any:  # noqa: ANN401 (what the call gives)
        """Let the SDK do one call. Raises the `Refusal` that it tells of."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": name, "with": given}).encode() + b"\n")
        self._process.stdin.flush()
        said = json.loads(self._line(name))
        if "error" in said:
            raise Refusal(**said["error"])
        return said["ok"]

    def _line(self, name: str) -> bytes:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], RESULT_WITHIN)[0]:
            raise TooLate(f"{self.sdk}: no result of {name} within {RESULT_WITHIN} s")
        line = self._process.stdout.readline()
        assert line, f"{self.sdk} ended at {name}:\n{self._errors.read_text()}"
        return line
