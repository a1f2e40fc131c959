"""The npm packages as somebody gets them: their tarballs, and apps that install them by URL."""

import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Any

from support.server import Server
from support.serving import serving

ROOT = Path(__file__).resolve().parent.parent.parent
SHOP = ROOT / "server/src/openrooms/static/sdk"
CALLING = "@azure/communication-calling"
EFFECTS = "@azure/communication-calling-effects"
LEADS_TO = re.compile(r'from "(\.[^"]+)\.js"')


@dataclass(frozen=True, slots=True)
class Tarball:
    """What is in a packed package: the bytes of each file by its name."""

    path: Path
    files: Mapping[str, bytes]

    @property
    def manifest(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.files["package.json"])
        return read

    def text(self, name: str) -> str:
        return self.files[name].decode()

    def declarations(self, folder: str) -> set[str]:
        """The type declarations that the public ones of a folder lead to, and they themselves."""
        reached, waiting = set[str](), [f"{folder}/index.d.ts"]
        while waiting:
            name = waiting.pop()
            reached.add(name)
            for path in LEADS_TO.findall(self.text(name)):
                other = normpath(join(dirname(name), f"{path}.d.ts"))
                if other not in reached:
                    waiting.append(other)
        return reached


def open_tarball(path: Path) -> Tarball:
    """Read a tarball of npm, in which everything lies in the folder `package`."""
    with tarfile.open(path) as tar:
        files = {
            member.name.removeprefix("package/"): content.read()
            for member in tar
            if (content := tar.extractfile(member)) is not None
        }
    return Tarball(path, files)


def handed_out(workspace: str) -> Tarball:
    """The tarball of a workspace that the server hands out."""
    version = json.loads((ROOT / "sdk" / workspace / "package.json").read_text())["version"]
    return open_tarball(SHOP / f"openrooms-{workspace}-{version}.tgz")


def run(*command: str | Path, folder: Path, server: Server | None = None) -> str:
    """Run a program of Node's world to its good end; gives what it printed."""
    trust = {} if server is None else {"NODE_EXTRA_CA_CERTS": str(server.ready.ca)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | trust,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def install(folder: Path, server: Server, *wanted: str) -> None:
    """`npm install`, of what a folder's manifest names and of what is wanted beside that."""
    folder.mkdir(parents=True, exist_ok=True)
    run("npm", "install", "--no-audit", "--no-fund", *wanted, folder=folder, server=server)


def install_app(folder: Path, server: Server) -> None:
    """`npm install` of an app whose manifest alone knows of us: both packages in the vendor's place."""
    manifest = folder / "package.json"
    wanted = json.loads(manifest.read_text())
    wanted["dependencies"] |= {
        CALLING: server.ready.calling_sdk,
        EFFECTS: server.ready.effects_sdk,
    }
    manifest.write_text(json.dumps(wanted))
    install(folder, server)


def in_the_vendors_place(server: Server) -> tuple[str, str]:
    """What to install to have both packages under the names that apps import."""
    ready = server.ready
    return f"{CALLING}@{ready.calling_sdk}", f"{EFFECTS}@{ready.effects_sdk}"


class _Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path != "/favicon.ico":
            return super().do_GET()
        # Browsers ask for one unasked, and complain of a 404.
        self.send_response(204)
        return self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """The address of a folder of files, on another origin than any server's of ours."""
    with serving(partial(_Quiet, directory=str(folder))) as address:
        yield address
