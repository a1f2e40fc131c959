"""What the suites share: one server a module, people for a test, and evidence when one fails."""

import re
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright
from support import report as figures
from support.browser import Person, Town, stage
from support.databases import KINDS, database_url, postgres
from support.engine import EngineEye
from support.firefox import FirefoxPerson
from support.office import Office
from support.scenes import call_in
from support.sdkpage import serve_page
from support.server import Server

__all__ = ["database_url", "postgres"]

RESULTS = Path(__file__).parent.parent / "test-results"
LONGEST_NAME = 200


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of what takes as long as it is told; a little, unless told otherwise."""
    group = parser.getgroup("doses")
    group.addoption(
        "--kills", type=int, default=3, help="How often servers and engines are killed."
    )
    group.addoption("--rounds", type=int, default=60, help="How often a race is run.")
    group.addoption("--lock-seconds", type=float, default=3, help="How long a lock is held.")
    group.addoption("--longest-wait", type=float, default=8, help="What lasts longer is left out.")
    group.addoption("--joins", type=int, default=300, help="How often one page joins a call.")
    group.addoption("--minutes", type=float, default=60, help="How long a server is lived on.")
    group.addoption("--store", choices=KINDS, default=KINDS[0], help="The database it lives on.")
    group.addoption("--sleep-seconds", type=float, default=0, help="How long a laptop sleeps.")
    group.addoption("--seconds", type=float, default=20, help="How long inputs are generated.")
    group.addoption("--specs", default="", help="A folder of API descriptions beside ours.")
    group.addoption("--seed", type=int, default=1, help="What chance goes by.")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with stage() as running:
        yield running


@pytest.fixture(scope="session")
def likenesses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("likenesses")


@pytest.fixture
def people(playwright: Playwright, likenesses: Path) -> Iterator[Town]:
    """Where a test calls people from; all go home when it ends."""
    town = Town(playwright, likenesses)
    yield town
    town.empty()


@pytest.fixture(scope="module")
def neighbours(playwright: Playwright, likenesses: Path) -> Iterator[Town]:
    """The same for people who stay for a whole module."""
    town = Town(playwright, likenesses)
    yield town
    town.empty()


@pytest.fixture(scope="session")
def sdk_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served that hands the SDK to tests."""
    with serve_page(tmp_path_factory.mktemp("page")) as address:
        yield address


@pytest.fixture(scope="session")
def town(playwright: Playwright, likenesses: Path) -> Iterator[Town]:
    """The same for people who stay for the whole run."""
    town = Town(playwright, likenesses)
    yield town
    town.empty()


@pytest.fixture(scope="session")
def couple(town: Town) -> tuple[Person, Person]:
    """A doctor and a patient who stay in front of their browsers. Between calls they are nowhere."""
    return call_in(town)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One started server for a module."""
    made = Server(tmp_path_factory.mktemp("server"))
    made.start()
    try:
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def office(server: Server) -> Iterator[Office]:
    """The customer's own server, for that server."""
    made = Office(server)
    yield made
    made.close()


@pytest.fixture
def eye(server: Server) -> EngineEye:
    """The engine's own view."""
    return EngineEye(server.data)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and isinstance(item, pytest.Function):
        _save_evidence(item, report)
    return report


def _save_evidence(item: pytest.Function, report: pytest.TestReport) -> None:
    """Put what was on the screens and what the server printed where CI picks it up."""
    # No file system has longer names.
    folder = RESULTS / re.sub(r"[^\w.-]+", "-", item.nodeid)[:LONGEST_NAME]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{report.when}.txt").write_text(report.longreprtext)
    for name, given in item.funcargs.items():
        if isinstance(given, Server):
            (folder / "server.log").write_text(given.output(with_ready_line=False))
        if isinstance(given, Town):
            given.save_evidence(folder)
        if isinstance(given, FirefoxPerson):
            given.save_evidence(folder / name)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if figures.lines:
        terminalreporter.section("figures")
        for line in figures.lines:
            terminalreporter.write_line(line)
