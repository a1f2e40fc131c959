"""The official SDKs, unchanged, in many versions: which there are, and how to drive one.

Each runs in a process of its own and knows a connection string and whom to trust, as an app does. It is told
what to call by a line of JSON and tells what came of it, and every answer it heard, by another; all speak the
same lines. Whatever the test, what was heard must be what the table says (`heard.py`).
"""

import json
import os
import select
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest
from _pytest.mark.structures import ParameterSet

from support.deadlines import TooLate
from support.heard import Result
from support.server import Ready

ROOT = Path(__file__).parent.parent.parent
WAYS = ("sync", "async")
FOLDER = ROOT / "tests" / "conformance"
RESULT_WITHIN = 30.0


@dataclass(slots=True)
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
    can: frozenset[str]
    # Marks of its tests.
    needs: tuple[str, ...] = ()

    def start(self, ready: Ready, folder: Path, errors: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start its driver, in an environment that trusts the server."""
        store = folder / "trust.p12"
        if "java" in self.needs:
            _make_store(ready.ca, store)
        trust = {name: text.format(ca=ready.ca) for name, text in self.trust.items()}
        return subprocess.Popen(
            [part.format(store=store) if "{store}" in part else part for part in self.command],
            env=os.environ | trust,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )


def _make_store(authority: Path, store: Path) -> None:
    words = ("-importcert", "-noprompt", "-alias", "openrooms", "-file", str(authority))
    where = ("-keystore", str(store), "-storetype", "PKCS12", "-storepass", "changeit")
    subprocess.run(("keytool", *words, *where), capture_output=True, check=True)


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


def _java(way: str, rooms: str, identity: str, *, can: frozenset[str]) -> Sdk:
    builds = ROOT / ".build" / "sdks"
    path = os.pathsep.join((str(builds / "java-driver"), f"{builds / f'java-{rooms}'}/*"))
    # One kind of compiler and garbage collector is enough for a small client: it starts sooner.
    fast = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    command = ("java", *fast, *(f"-D{one}" for one in TRUST_STORE), "-cp", path, "Driver", way)
    return Sdk(f"Java {way} rooms {rooms} identity {identity}", command, {}, can, needs=("java",))


# As `openrooms trust` says it.
TRUST_STORE = ("javax.net.ssl.trustStore={store}", "javax.net.ssl.trustStorePassword=changeit")
NEW = frozenset({"order", "dial-out", "one date", "lifetime", "teams"})
NEWEST = NEW | {"collaborator"}
# The JavaScript clients know the roles and refuse others themselves; the Java clients make attendees
# of others, and send a roster in the order of a hash table. Both want scopes before they send anything.
PYTHON = frozenset({"any role", "no scopes", "order"})
OLD_JAVA = frozenset({"one date", "teams"})
SDKS = (
    *(_python(way, "rooms 1.0.0 identity 1.0.1", "python-1.0", can=PYTHON) for way in WAYS),
    *(_python(way, "rooms 1.1.0 identity 1.3.1", "python-1.1", can=NEW | PYTHON) for way in WAYS),
    *(
        _python(way, "rooms 1.2.0 identity 1.5.0", "python-1.2", can=NEWEST | PYTHON)
        for way in WAYS
    ),
    _javascript("1.0", "1.0", frozenset({"order", "one date"})),
    _javascript("1.1", "1.2", NEW),
    _javascript("1.2", "1.3", NEWEST),
    *(_java(way, "1.0.3", "1.2.0", can=OLD_JAVA) for way in WAYS),
    *(_java(way, "1.0.4", "1.4.10", can=OLD_JAVA | {"lifetime"}) for way in WAYS),
)


def able(what: str) -> list[ParameterSet]:
    """The SDKs that can do something, for tests to run with."""
    return params(sdk for sdk in SDKS if what in sdk.can)


def params(sdks: Iterable[Sdk] = SDKS) -> list[ParameterSet]:
    """SDKs as parameters, each marked by what it needs beyond the usual."""
    return [
        pytest.param(sdk, id=sdk.name, marks=[getattr(pytest.mark, one) for one in sdk.needs])
        for sdk in sdks
    ]


class Driver:
    """A running SDK. It holds the server's connection string, or the one that `connected` gives it."""

    def __init__(self, sdk: Sdk, ready: Ready, folder: Path) -> None:
        self.sdk = sdk
        self._wanted: Mapping[str, object] = {"connectionString": ready.connection_string}
        self._held: Mapping[str, object] | None = None
        self._errors = folder / "stderr"
        with self._errors.open("wb") as errors:
            self._process = sdk.start(ready, folder, errors)

    @contextmanager
    def connected(self, **given: object) -> Iterator[None]:
        """Let its clients be made of something else for a while: what `connect` takes."""
        before, self._wanted = self._wanted, given
        try:
            yield
        finally:
            self._wanted = before

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
        # Clients are made when they are needed: tests in a row that want the same share theirs.
        if self._held != self._wanted:
            self._held = self._wanted
            self._ask("connect", self._wanted)
        return self._ask(name, given)

    def _ask(self, name: str, given: Mapping[str, object]) -> Any:  # noqa: ANN401 (what the call gives)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": name, "with": given}).encode() + b"\n")
        self._process.stdin.flush()
        said = json.loads(self._line(name))
        if name != "connect":
            found = Result(name, given, said).differences()
            assert not found, "\n".join([f"{self.sdk.name} heard:", *found])
        if "error" in said:
            # What is not told is left out by some.
            raise Refusal(**{"code": None, "message": None, "target": None, **said["error"]})
        return said.get("ok")

    def _line(self, name: str) -> bytes:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], RESULT_WITHIN)[0]:
            raise TooLate(f"{self.sdk}: no result of {name} within {RESULT_WITHIN} s")
        line = self._process.stdout.readline()
        assert line, f"{self.sdk} ended at {name}:\n{self._errors.read_text()}"
        return line
