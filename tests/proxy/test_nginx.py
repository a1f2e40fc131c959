"""A server behind nginx, set as docs/network.md says: requests, calls, and whose address is seen."""

import json
import re
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.agents import agent
from support.deadlines import wait_for
from support.gates import open_line
from support.generator import Guest, at_server, generator
from support.office import ATTENDEE, Office
from support.ports import free_ports
from support.server import Server
from support.signed import Ask, Caller

from tools.nginx import find_nginx

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
CLIENT, STRANGER = "127.0.0.5", "127.0.0.6"
MADE_UP = {"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "203.0.113.9"}
ROOMS = "/rooms?api-version=2025-03-13"
WHOLE = """
daemon off;
error_log {folder}/error.log {level};
pid {folder}/nginx.pid;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {documented}
}}
"""


def documented(port: int, server: Server, folder: Path) -> str:
    """What the document says, with the names and ports of here."""
    text = (ROOT / "docs" / "network.md").read_text()
    (block,) = re.findall(r"```nginx\n(.*?)```", text, re.DOTALL)
    here = {
        "listen 443 ssl;": f"listen {HOST}:{port} ssl;",
        "rooms.example.org": HOST,
        "127.0.0.1:8443": f"{HOST}:{server.ports.https}",
        "/var/lib/openrooms/ca.pem": f"{server.data}/ca.pem",
        "/etc/ssl/rooms.pem": f"{server.data}/server.pem",
        "/etc/ssl/rooms.key": f"{server.data}/server.key",
        "/var/log/nginx": str(folder),
    }
    for what, with_what in here.items():
        assert what in block, f"the document no longer says {what}"
        block = block.replace(what, with_what)
    return str(block)


@contextmanager
def nginx(port: int, server: Server, folder: Path) -> Iterator[None]:
    """In front of the server, for as long as the block lasts."""
    folder.mkdir()
    program = find_nginx(ROOT)
    assert program is not None, "nginx is not here: make setup-proxy"
    settings = folder / "nginx.conf"
    settings.write_text(
        WHOLE.format(folder=folder, level="crit", documented=documented(port, server, folder))
    )
    started = subprocess.Popen([program, "-e", f"{folder}/error.log", "-c", settings])

    def listens() -> bool:
        assert started.poll() is None, (folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex((HOST, port)) == 0

    try:
        wait_for("nginx", listens, within=20)
        yield
    finally:
        started.terminate()
        started.wait(10)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where nginx writes."""
    return tmp_path_factory.mktemp("logs") / "nginx"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, logs: Path) -> Iterator[Server]:
    """A server with a public name that is reached through nginx."""
    (port,) = free_ports(socket.SOCK_STREAM)
    environment = {
        "OPENROOMS_PUBLIC_PORT": str(port),
        "OPENROOMS_TRUSTED_PROXIES": HOST,
        "OPENROOMS_LOG_ADDRESSES": "full",
        # Their usual ports may be somebody else's here.
        **dict.fromkeys(
            ("OPENROOMS_ICE_TCP_PORT", "OPENROOMS_TURN_PORT", "OPENROOMS_TURN_TLS_PORT"), "0"
        ),
    }
    folder = tmp_path_factory.mktemp("server")
    made = Server(folder, "--public-host", HOST, environment=environment)
    with made.running(), nginx(port, made, logs):
        yield made


@pytest.fixture(autouse=True)
def trusting(monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    """Sockets trust the server's authority, whose certificate nginx shows."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.ready.ca))


def seen_addresses(server: Server, operation: str) -> list[str]:
    """The callers' addresses in the access lines of an operation."""
    lines = [json.loads(line) for line in server.output().splitlines() if line.startswith("{")]
    return [one["client_address"] for one in lines if one.get("operation_name") == operation]


def make_room(server: Server, *, source: str, port: int, headers: Mapping[str, str]) -> None:
    """Ask for one from an address of this machine, at a port."""
    with closing(Caller(server.ready, source=source, port=port)) as caller:
        usual = {"Content-Type": "application/json", "Host": caller.host}
        answer = caller.call(Ask("POST", ROOMS, b"{}", {**usual, **headers}))
    assert answer.status == 201, answer


def public_port(server: Server) -> int:
    return int(server.ready.endpoint.rstrip("/").rpartition(":")[2])


def test_the_callers_address_is_his_own_whatever_he_says(server: Server) -> None:
    """Through nginx, and past it: there nobody is trusted to name another's."""
    make_room(server, source=CLIENT, port=public_port(server), headers={})
    make_room(server, source=CLIENT, port=public_port(server), headers=MADE_UP)
    make_room(server, source=STRANGER, port=server.ports.https, headers=MADE_UP)

    def told() -> list[str] | None:
        seen = seen_addresses(server, "CreateRoom")
        return seen if len(seen) >= 3 else None

    seen, _ = wait_for("the access lines", told, within=10)
    assert seen == [CLIENT, CLIENT, STRANGER]


def test_an_official_sdk_pages_through_rooms_by_links_that_lead_to_the_proxy(
    server: Server, office: Office
) -> None:
    made = {office.room({}) for _ in range(31)}

    assert made <= {room.id for room in office.rooms.list_rooms()}
    with closing(Caller(server.ready)) as caller:
        link = caller.call(Ask("GET", ROOMS)).json["nextLink"]
    assert link.startswith(server.ready.endpoint)


def test_a_call_goes_through_and_no_log_has_its_ticket(
    server: Server, office: Office, logs: Path
) -> None:
    ann = office.user()
    room = office.room({ann: ATTENDEE})
    with agent(server.ready.browser_url, server.secrets) as one:
        one.hello(ann.token)
        joined = one.join(room)
        line = open_line(server.ready.browser_url, joined.ticket)
        line.hear("join")
        office.expel(room, ann)
        ended = one.event("ended", within=10)
        line.closed_with()
        line.hang_up()

    assert (ended["code"], ended["subCode"]) == (0, 5317)
    written = "".join(file.read_text() for file in logs.glob("*.log"))
    assert "GET" in written
    assert joined.ticket not in written
    assert "access_token" not in written


def test_people_hear_each_other_whose_signalling_goes_through(
    server: Server, office: Office
) -> None:
    people = [office.user() for _ in range(3)]
    room = office.room(dict.fromkeys(people, ATTENDEE))
    with generator(*at_server(server.ready.endpoint, server.ready.ca)) as crowd:
        guests = [Guest(user.token, talks=True) for user in people]
        joined = crowd.join(guests, room=room, seconds=0, within=20)
        crowd.leave()

    assert joined.failed == {}
    assert joined.hearing == len(people)
