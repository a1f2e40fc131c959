"""One server for the whole suite, with the guards in it that a run takes out, and people who misbehave."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.agents import Agent, Joined, agent
from support.gates import Line, line
from support.inputs.hooks import ADDRESS
from support.inputs.house import WEBHOOK_SECONDS
from support.office import ATTENDEE, CONSUMER, PRESENTER, Office, User
from support.server import Server

HERE = Path(__file__).parent
# Few enough seats that a test fills them before the first, without media, is given to another.
SEATS, ALL_SEATS = 12, 60
# Of so many open microphones the next is one too many.
OPEN_MICROPHONES = 2


class BreachedServer(Server):
    """A server in which some guards were taken out, by name; none of them, usually."""

    def __init__(self, folder: Path, guards: tuple[str, ...], *options: str) -> None:
        path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
        super().__init__(folder, *options, environment={"PYTHONPATH": path})
        self._guards = guards

    def mistakes(self) -> str:
        """What went wrong in the breaches themselves; nothing, or they show nothing."""
        broken = self.probe.with_name("broken")
        return broken.read_text() if broken.exists() else ""

    @property
    def probe(self) -> Path:
        """Where the names of what is sent to the engine with each connect are written."""
        return self.folder / "connects"

    def command(self) -> list[str]:
        command = super().command()
        arguments = command[command.index("serve") :]
        start = [sys.executable, "-m", "hostile.launch", str(self.probe), ",".join(self._guards)]
        return [*start, *arguments]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("hostile")
    group.addoption("--breach", default="", help="Guards that are taken out of the server.")
    group.addoption("--whole", action="store_true", help="Crowds as large as they can be.")
    group.addoption("--show-guards", default="", help="A file to write the guards of all tests to.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With a breach, the tests that it must break, alone."""
    if config.getoption("--show-guards"):
        lines = sorted({",".join(guards_of(item)) for item in items} - {""})
        Path(config.getoption("--show-guards")).write_text("\n".join(lines))
    breach = config.getoption("--breach")
    if breach:
        kept = [item for item in items if ",".join(guards_of(item)) == breach]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


def guards_of(item: pytest.Item) -> tuple[str, ...]:
    """What has to be taken out for a test to fail."""
    mark = item.get_closest_marker("guards")
    return () if mark is None else tuple(mark.args)


@pytest.fixture(scope="session")
def seats(request: pytest.FixtureRequest) -> int:
    """How many places a room has."""
    return ALL_SEATS if request.config.getoption("--whole") else SEATS


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, seats: int
) -> Iterator[BreachedServer]:
    folder = tmp_path_factory.mktemp("hostile")
    settings = folder / "few.toml"
    settings.write_text(
        f"participant_limit = {seats}\nopen_microphones = {OPEN_MICROPHONES}\n"
        f'webhook_networks = "{ADDRESS}/32"\nwebhook_seconds = {WEBHOOK_SECONDS}\n'
    )
    guards = tuple(filter(None, request.config.getoption("--breach").split(",")))
    made = BreachedServer(folder, guards, "--config", str(settings))
    with made.running():
        yield made
    assert made.mistakes() == ""


@dataclass(frozen=True, slots=True)
class Intruder:
    """An invited user who speaks the wire by hand: his socket, his leg, who he is."""

    user: User
    agent: Agent
    leg: Joined
    room: str


class Guests:
    """Lets people into calls by hand, for as long as a test lasts."""

    def __init__(self, server: Server, office: Office) -> None:
        self._server = server
        self._office = office
        self._open = ExitStack()

    def socket(self, user: User) -> Agent:
        """A signed-in agent socket."""
        ready = self._server.ready
        made = self._open.enter_context(agent(ready.browser_url, self._server.secrets))
        made.hello(user.token)
        return made

    def join(self, role: str, room: str | None = None) -> Intruder:
        """A new user in the call of a room, his own unless one is named."""
        user = self._office.user()
        if room is None:
            room = self._office.room({user: role})
        else:
            self._office.invite(room, user, role)
        socket = self.socket(user)
        return Intruder(user, socket, socket.join(room), room)

    def again(self, who: Intruder) -> Intruder:
        """The same user from one more device."""
        socket = self.socket(who.user)
        return Intruder(who.user, socket, socket.join(who.room), who.room)

    @contextmanager
    def line(self, who: Intruder, **asked: str) -> Iterator[Line]:
        """His media connection, once he is in."""
        with line(self._server.ready.browser_url, who.leg.ticket, **asked) as connection:
            connection.hear("join")
            yield connection

    def close(self) -> None:
        self._open.close()


@pytest.fixture
def guests(server: Server, office: Office) -> Iterator[Guests]:
    made = Guests(server, office)
    yield made
    made.close()


@pytest.fixture
def attendee(guests: Guests) -> Intruder:
    return guests.join(str(ATTENDEE.value))


@pytest.fixture
def consumer(guests: Guests) -> Intruder:
    return guests.join(str(CONSUMER.value))


@pytest.fixture
def doctor(guests: Guests, attendee: Intruder) -> Intruder:
    """A Presenter in the attendee's call."""
    return guests.join(str(PRESENTER.value), attendee.room)


@pytest.fixture
def witness(guests: Guests, doctor: Intruder) -> Iterator[Line]:
    """The other side: hears all that the engine tells the doctor."""
    with guests.line(doctor) as connection:
        yield connection
