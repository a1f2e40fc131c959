"""An app on the official React UI library, without its looks, joins a call with the served packages."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Town
from support.deadlines import wait_for
from support.office import Office
from support.packages import CALLING, EFFECTS, install_app, run, serve_folder
from support.report import figure
from support.scenes import DOCTORS_NAME, MET_WITHIN, call_in, consult
from support.server import Server

pytestmark = [pytest.mark.apps, pytest.mark.toolchain]

HERE = Path(__file__).parent
PAGE = HERE.parent / "e2e" / "outside_app" / "index.html"
LIBRARY = "@azure/communication-react"


@pytest.fixture(scope="module")
def app_folder(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, with the library as it is published, installed without any force, and built."""
    folder = tmp_path_factory.mktemp("elsewhere") / "app"
    shutil.copytree(HERE / "apps" / "headless", folder)
    shutil.copy(PAGE, folder / "index.html")
    install_app(folder, server)
    run("npm", "run", "build", folder=folder)
    return folder


@pytest.fixture(scope="module")
def app(app_folder: Path) -> Iterator[str]:
    """The address of the built app, on an origin of its own."""
    with serve_folder(app_folder / "dist") as address:
        yield address


def test_what_the_library_asks_for_beside_it_is_there(app_folder: Path) -> None:
    # It ends badly when something that a package asks for is missing, or is another version.
    run("npm", "ls", LIBRARY, CALLING, EFFECTS, folder=app_folder)

    peers = json.loads((app_folder / "node_modules" / LIBRARY / "package.json").read_text())[
        "peerDependencies"
    ]
    assert {CALLING, EFFECTS} <= peers.keys()


def test_every_type_that_the_librarys_own_types_import_is_there(app_folder: Path) -> None:
    library = (app_folder / "node_modules" / LIBRARY / "dist/communication-react.d.ts").read_text()
    names = {
        name.strip().split(" as ")[0]
        for listed in re.findall(rf"import (?:type )?{{([^}}]*)}} from '{CALLING}'", library)
        for name in listed.split(",")
    }
    (app_folder / "names.ts").write_text(
        f'export type {{ {", ".join(sorted(names))} }} from "{CALLING}";'
    )

    assert len(names) > 60
    run("npx", "--no-install", "tsc", folder=app_folder)


@pytest.mark.parametrize("way", ["stateful", "adapter"])
def test_the_librarys_state_of_a_call_is_enough_to_see_and_hear_the_other(
    way: str, server: Server, office: Office, people: Town, app: str
) -> None:
    made = consult(server, office, call_in(people), app=f"{app}?way={way}")

    figure(
        f"UI library by its {way}: both see and hear each other",
        made.meet(),
        at_most=MET_WITHIN,
        unit="s",
    )
    assert [tile["name"] for tile in made.patient.tiles()] == [DOCTORS_NAME]
    assert [line for line in made.patient.person.console if "error" in line.lower()] == []
    made.patient.press("leave")
    wait_for("the patient gone", lambda: not made.doctor.tiles(), within=5)
