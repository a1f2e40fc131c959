"""An app outside this repository installs the SDK by URL in the vendor's place, and works."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from support.browser import Town
from support.callpage import Caller
from support.deadlines import wait_for
from support.likeness import STRANGER
from support.office import Office
from support.ports import free_ports
from support.report import figure
from support.scenes import MET_WITHIN, PATIENTS_NAME, call_in, consult
from support.server import Server

SOURCE = Path(__file__).parent / "outside_app"
pytestmark = pytest.mark.toolchain

VENDORS_NAME = "@azure/communication-calling"


@pytest.fixture(scope="module")
def app_folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, installed by plain `npm install` from the URL in the ready line."""
    folder = tmp_path_factory.mktemp("elsewhere") / "app"
    shutil.copytree(SOURCE, folder)
    manifest = json.loads((folder / "package.json").read_text())
    manifest["dependencies"][VENDORS_NAME] = server.ready.calling_sdk
    (folder / "package.json").write_text(json.dumps(manifest))
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund"],
        cwd=folder,
        env=_environ(server),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def app(server: Server, app_folder: Path) -> Iterator[str]:
    """The address that Vite serves the app on: another origin than the server's."""
    (port,) = free_ports(socket.SOCK_STREAM)
    address = f"http://localhost:{port}/"
    log = (app_folder / "vite.log").open("wb")
    vite = subprocess.Popen(
        [app_folder / "node_modules/.bin/vite", "--strictPort", "--port", str(port)],
        cwd=app_folder,
        env=_environ(server),
        stdout=log,
        stderr=log,
    )
    try:
        wait_for("Vite", lambda: vite.poll() is None and _answers(address), within=60)
        yield address
    finally:
        vite.terminate()
        vite.wait(10)
        log.close()


def _environ(server: Server) -> dict[str, str]:
    return os.environ | {"NODE_EXTRA_CA_CERTS": str(server.ready.ca)}


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except URLError:
        return False


def test_the_package_stands_in_the_vendors_place(app_folder: Path) -> None:
    manifest = app_folder / "node_modules" / VENDORS_NAME / "package.json"

    installed = json.loads(manifest.read_text())

    assert installed["name"] == "@openrooms/calling"
    assert tuple(map(int, installed["version"].split("."))) >= (1, 40, 1)
    assert installed["version"].startswith("1.")


def test_the_app_and_the_call_page_see_and_hear_each_other(
    server: Server, office: Office, people: Town, app: str
) -> None:
    made = consult(server, office, call_in(people), app=app)

    figure(
        "outside app: both see and hear each other",
        made.meet(),
        at_most=MET_WITHIN,
        unit="s",
    )
    assert [tile["name"] for tile in made.doctor.tiles()] == [PATIENTS_NAME]


def test_the_app_is_told_that_its_user_is_not_invited(
    server: Server, office: Office, people: Town, app: str
) -> None:
    stranger = Caller(
        people.call(STRANGER), server, user=office.user(), name="Eve Unasked", address=app
    )

    told = stranger.try_to_join(office.room({}))

    assert told.numbers == "403/5828"
