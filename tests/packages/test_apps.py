"""Apps of each style install the served packages in the vendor's place, are built, and join a call."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.browser import Town
from support.office import Office
from support.packages import install_app, run, serve_folder
from support.report import figure
from support.scenes import DOCTORS_NAME, MET_WITHIN, call_in, consult
from support.server import Server

pytestmark = [pytest.mark.apps, pytest.mark.toolchain]

HERE = Path(__file__).parent
# The page of the first of them, which another suite serves from source; all wear the same marks.
PLAIN = HERE.parent / "e2e" / "outside_app"
SOURCES = {
    "vite, import": PLAIN,
    "webpack 5, require": HERE / "apps" / "webpack",
    "tsc, strict": HERE / "apps" / "typescript",
}
BUILDS = {"vite, import": ("npx", "--no-install", "vite", "build")}


@pytest.fixture(scope="module", params=SOURCES)
def style(request: pytest.FixtureRequest) -> str:
    named: str = request.param
    return named


@pytest.fixture(scope="module")
def app_folder(style: str, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The app, whose manifest alone knows of us, installed and built."""
    folder = tmp_path_factory.mktemp("elsewhere") / "app"
    shutil.copytree(SOURCES[style], folder)
    shutil.copy(PLAIN / "index.html", folder / "index.html")
    install_app(folder, server)
    run(*BUILDS.get(style, ("npm", "run", "build")), folder=folder)
    # webpack makes no page; the others have theirs in place.
    if not (folder / "dist" / "index.html").is_file():
        shutil.copy(PLAIN / "index.html", folder / "dist" / "index.html")
    return folder


@pytest.fixture(scope="module")
def app(app_folder: Path) -> Iterator[str]:
    """The address of the built app, on an origin of its own."""
    with serve_folder(app_folder / "dist") as address:
        yield address


def test_the_app_and_the_sample_page_see_and_hear_each_other(
    style: str, server: Server, office: Office, people: Town, app: str
) -> None:
    made = consult(server, office, call_in(people), app=app)

    figure(
        f"app with {style}: both see and hear each other",
        made.meet(),
        at_most=MET_WITHIN,
        unit="s",
    )
    assert [tile["name"] for tile in made.patient.tiles()] == [DOCTORS_NAME]
    assert [line for line in made.patient.person.console if "error" in line.lower()] == []
