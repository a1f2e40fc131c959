"""People in Firefox: each a process of his own, with Firefox's made-up camera and a tone as his voice."""

import base64
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from support.bidi import Bidi, Refused
from support.browser import PROBE
from support.deadlines import wait_for
from support.likeness import Likeness

NAMES = ("firefox-esr", "firefox")
STARTS_WITHIN = 90.0
ENDS_WITHIN = 15.0
# Where Firefox notes, in its profile, on which port it listens.
NOTE = "WebDriverBiDiServer.json"

Preference = bool | int | str
# Besides what Firefox sets by itself when it is driven: no devices of this machine, and no traffic.
PREFERENCES: dict[str, Preference] = {
    "media.navigator.streams.fake": True,
    # Loopback is a way for media only for whoever has allowed the devices (1).
    "media.peerconnection.ice.loopback": True,
    "permissions.default.camera": 1,
    "permissions.default.microphone": 1,
    "media.gmp-manager.url": "",
    "media.gmp-manager.updateEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.normandy.enabled": False,
    "browser.region.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "toolkit.telemetry.server": "",
}


class NoFirefox(AssertionError):
    """There is no Firefox. That fails a run: it never skips it."""


def find_firefox() -> str:
    """The system's Firefox on PATH."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise NoFirefox("No Firefox found. Install the package firefox-esr (Debian, Ubuntu: firefox).")


class FirefoxPerson:
    """Someone in front of Firefox."""

    def __init__(self, likeness: Likeness, folder: Path) -> None:
        self.likeness = likeness
        self.console: list[str] = []
        self._folder = folder
        _write_preferences(folder, likeness)
        with (folder / "output.txt").open("wb") as output:
            self._process = subprocess.Popen(
                [
                    *(find_firefox(), "--headless", "--no-remote", "--profile", str(folder)),
                    *("--remote-debugging-port", "0", "about:blank"),
                ],
                env=os.environ | {"MOZ_CRASHREPORTER_DISABLE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._session: Bidi | None = None

    def _open(self) -> Bidi:
        if self._session is None:
            port, _ = wait_for("Firefox listens", self._port, within=STARTS_WITHIN)
            self._session = Bidi(f"ws://127.0.0.1:{port}/session", self.console.append)
            self._session.prepare(PROBE)
        return self._session

    def _port(self) -> int | None:
        assert self._process.poll() is None, (self._folder / "output.txt").read_text()
        with suppress(FileNotFoundError, json.JSONDecodeError):
            return int(json.loads((self._folder / NOTE).read_text())["ws_port"])
        return None

    def visit(self, address: str) -> None:
        self._open().visit(address)

    def reload(self) -> None:
        self._open().reload()

    def evaluate(self, expression: str, argument: object = None) -> Any:  # noqa: ANN401 (untyped JSON enters)
        return self._open().evaluate(expression, argument)

    def save_evidence(self, file: Path) -> None:
        """Screen and console."""
        file.with_suffix(".txt").write_text("\n".join(self.console))
        with suppress(Refused, TimeoutError):
            file.with_suffix(".png").write_bytes(base64.b64decode(self._open().picture()))

    def close(self) -> None:
        """End it, with all its processes."""
        with suppress(Exception):
            if self._session is not None:
                self._session.close()
        try:
            self._process.wait(ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def _write_preferences(folder: Path, likeness: Likeness) -> None:
    chosen = PREFERENCES | {"media.navigator.audio.fake_frequency": likeness.hertz}
    lines = [
        f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in chosen.items()
    ]
    (folder / "user.js").write_text("\n".join(lines) + "\n")


@contextmanager
def firefox(likeness: Likeness, folder: Path) -> Iterator[FirefoxPerson]:
    """Someone new, for as long as the block lasts."""
    person = FirefoxPerson(likeness, folder)
    try:
        yield person
    finally:
        person.close()
