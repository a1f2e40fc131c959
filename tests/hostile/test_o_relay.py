"""O: clients of the relay who want to go elsewhere than to the engine, or too often.

The engine is a socket here that answers what it gets, under an address of its own.
"""

import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hostile.relay_breaches import build_relay
from support.deadlines import wait_for
from support.ports import free_ports
from support.turn import (
    ALLOCATE,
    BIND,
    BINDING,
    CONNECT,
    COOKIE,
    EVEN_PORT,
    NONCE,
    PERMIT,
    REALM,
    REFRESH,
    TCP,
    TurnClient,
    relayed_port,
)

from openrooms.http.certificates import CertificateFiles, Certificates, ensure_certificates
from openrooms.media.relay import RelaySettings
from openrooms.media.ways import CREDENTIAL_LIFE, Ways, relay_credential
from openrooms_engine import relay

ENGINE = "127.0.0.2"
SECRET = "s" * 64
INSIDE = (
    *("127.0.0.1", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.16.0.1"),
    *("192.168.0.1", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
)
INSIDE_SIX = (
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "fe80::1",
    "fd00::1",
    "2001:db8::1",
)
MOST_OF_CREDENTIAL, MOST_OF_HOLDER = 12, 48
METHODS = (ALLOCATE, REFRESH, PERMIT, BIND, CONNECT)
UNMAGNIFIED = pytest.mark.guards("relay/listening.go:magnifies")


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay, what it leads to, and its certificates."""

    ways: Ways
    certificates: Certificates
    folder: Path
    # What it shows, which may be changed.
    files: CertificateFiles
    clients: list[TurnClient] = field(default_factory=list)

    def client(
        self, holder: str = "holder", *, age: timedelta = timedelta(), tls: bool = False
    ) -> TurnClient:
        user, password = relay_credential(SECRET, holder, datetime.now(UTC) - age)
        return self.knowing(user, password, tls=tls)

    def knowing(self, user: str, password: str, *, tls: bool = False) -> TurnClient:
        """A client, who goes when the test ends, if not before."""
        port, trust = self.ways.turn_port, None
        if tls:
            port = self.ways.turn_tls_port
            trust = ssl.create_default_context(cafile=str(self.certificates.authority))
        self.clients.append(TurnClient(("127.0.0.1", port), user, password, trust))
        return self.clients[-1]

    def empty(self) -> None:
        """Have all clients go."""
        for client in self.clients:
            client.close()
        self.clients.clear()


def answers(sockets: list[socket.socket], heard: list[bytes]) -> None:
    """Send back what comes, until closed."""

    def answer(one: socket.socket) -> None:
        with suppress(OSError):
            while True:
                data, who = one.recvfrom(2048)
                if not data:
                    return
                heard.append(data)
                one.sendto(data.upper(), who)

    for one in sockets:
        threading.Thread(target=answer, args=(one,), daemon=True).start()


@pytest.fixture(scope="module")
def process(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Relay]:
    folder = tmp_path_factory.mktemp("relay")
    breach = request.config.getoption("--breach")
    binary = build_relay(breach, folder) if breach else relay()
    udp, tls = free_ports(socket.SOCK_DGRAM, socket.SOCK_STREAM)
    with ExitStack() as stack:
        engine = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        engine.bind((ENGINE, 0))
        answers([engine], [])
        ways = Ways(
            address=ENGINE, media_port=engine.getsockname()[1], turn_port=udp, turn_tls_port=tls
        )
        made = ensure_certificates(folder, None, datetime.now(UTC))
        files = CertificateFiles(folder / "shown.pem", folder / "shown.key")
        shutil.copy(made.files.chain, files.chain)
        shutil.copy(made.files.key, files.key)
        (folder / "renewed").mkdir()
        settings = RelaySettings(ways, SECRET, files.chain, files.key)
        file = folder / "relay.json"
        file.write_text(settings.render())
        process = stack.enter_context(subprocess.Popen([binary, file], stdout=subprocess.PIPE))
        stack.callback(process.kill)
        assert process.stdout is not None
        assert b"ready" in process.stdout.readline()
        yield Relay(ways, made, folder, files)


@pytest.fixture
def running(process: Relay) -> Iterator[Relay]:
    yield process
    process.empty()


@pytest.fixture(params=[False, True], ids=["udp", "tls"])
def tls(request: pytest.FixtureRequest) -> bool:
    told: bool = request.param
    return told


def test_whoever_has_a_credential_reaches_the_engine(running: Relay, *, tls: bool) -> None:
    client = running.client(tls=tls)

    assert client.allocate().code == 0
    assert client.permit(ENGINE).code == 0
    client.send(ENGINE, running.ways.media_port, b"to the engine")

    assert client.hear(within=5) == b"TO THE ENGINE"


def test_o01_without_a_credential_there_is_nothing(running: Relay, *, tls: bool) -> None:
    client = running.knowing("", "", tls=tls)

    assert client.allocate().code == 401


@pytest.mark.guards("relay/credentials.go:secret")
def test_o01_what_was_made_of_another_secret_is_worth_nothing(running: Relay, *, tls: bool) -> None:
    user, password = relay_credential("known", "holder", datetime.now(UTC))
    client = running.knowing(user, password, tls=tls)

    assert client.allocate().code == 401


@pytest.mark.guards("relay/credentials.go:expiry")
def test_o01_an_old_credential_is_worth_nothing(running: Relay, *, tls: bool) -> None:
    client = running.client(age=CREDENTIAL_LIFE + timedelta(seconds=1), tls=tls)

    assert client.allocate().code == 401


def test_o01_nobody_changes_a_credential(running: Relay, *, tls: bool) -> None:
    user, password = relay_credential(SECRET, "holder", datetime.now(UTC))
    later = str(int(user.partition(":")[0]) + 1)
    tries = {
        "a longer life": running.knowing(f"{later}:{user.partition(':')[2]}", password, tls=tls),
        "no expiry": running.knowing(user.partition(":")[2], password, tls=tls),
        "no holder": running.knowing(user.partition(":")[0] + ":", password, tls=tls),
        "a huge name": running.knowing(f"{later}:{'x' * 400}", password, tls=tls),
    }

    answers = {name: client.allocate() for name, client in tries.items()}

    assert {name: one.code for name, one in answers.items()} == dict.fromkeys(tries, 401)
    # Each hears what a better proof would have to be made of.
    assert all(one.attributes.keys() >= {REALM, NONCE} for one in answers.values())


@pytest.mark.guards("relay/way.go:admits")
def test_o02_no_peer_but_the_engine_is_let_in(running: Relay, *, tls: bool) -> None:
    client = running.client(tls=tls)
    client.allocate()

    permitted = {peer: client.permit(peer, running.ways.media_port).code for peer in INSIDE}
    bound = {peer: client.bind(peer, running.ways.media_port).code for peer in INSIDE}
    sixth = {peer: client.permit(peer, running.ways.media_port).code for peer in INSIDE_SIX}

    assert set(permitted.values()) == {403}, permitted
    assert set(bound.values()) == {403}, bound
    # Another family than that of the allocation (443), or forbidden.
    assert set(sixth.values()) <= {403, 443}, sixth


@pytest.mark.guards("relay/way.go:WriteTo")
def test_o02_nothing_is_sent_to_another_port_of_the_engines_address(
    running: Relay, *, tls: bool
) -> None:
    heard: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as database:
        database.bind((ENGINE, 0))
        answers([database], heard)
        port = database.getsockname()[1]
        client = running.client(tls=tls)
        client.allocate()
        client.permit(ENGINE)
        client.bind(ENGINE, port)
        client.send(ENGINE, port, b"let me in")
        client.line.send(b"\x40\x00\x00\x04hello" if not tls else b"\x40\x00\x00\x04open")

        assert client.hear() is None
    assert heard == []


@pytest.mark.guards("relay/way.go:ReadFrom")
def test_o02_nobody_else_reaches_a_client_through_his_relayed_address(running: Relay) -> None:
    client = running.client()
    port = relayed_port(client.allocate())
    client.permit(ENGINE)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind((ENGINE, 0))
        stranger.sendto(b"from a stranger", ("127.0.0.1", port))

        assert client.hear() is None


@pytest.mark.guards("relay/way.go:hasRoom")
def test_o03_a_credential_has_twelve_allocations_and_its_holder_four_times_as_many(
    running: Relay,
) -> None:
    user, password = relay_credential(SECRET, "greedy", datetime.now(UTC))
    same = [running.knowing(user, password) for _ in range(MOST_OF_CREDENTIAL + 1)]
    codes = [client.allocate().code for client in same]
    more = []
    for age in range(1, 6):
        again = relay_credential(SECRET, "greedy", datetime.now(UTC) - timedelta(seconds=age))
        more += [running.knowing(*again) for _ in range(MOST_OF_CREDENTIAL)]
    further = [client.allocate().code for client in more]
    other = running.client("modest")

    assert codes == [0] * MOST_OF_CREDENTIAL + [486]
    assert further.count(0) == MOST_OF_HOLDER - MOST_OF_CREDENTIAL
    assert set(further) == {0, 486}
    assert other.allocate().code == 0


def test_o03_what_is_given_back_may_be_had_again(running: Relay) -> None:
    user, password = relay_credential(SECRET, "tidy", datetime.now(UTC))
    clients = [running.knowing(user, password, tls=True) for _ in range(MOST_OF_CREDENTIAL)]
    assert [client.allocate().code for client in clients] == [0] * MOST_OF_CREDENTIAL
    for client in clients:
        client.close()

    def is_let_in() -> bool:
        client = running.knowing(user, password, tls=True)
        code = client.allocate().code
        client.close()
        return code == 0

    wait_for("an allocation after others ended", is_let_in, within=5)


@pytest.mark.guards("relay/way.go:AllocatePacketConn")
def test_o04_ports_are_nobodys_to_choose(running: Relay, *, tls: bool) -> None:
    client = running.client("even", tls=tls)

    assert client.allocate(more={EVEN_PORT: b"\x80"}).code == 508


@pytest.mark.guards("relay/way.go:AllocateListener")
def test_o04_peers_over_tcp_are_not_to_be_had(running: Relay, *, tls: bool) -> None:
    client = running.client("tcp", tls=tls)

    assert client.allocate(transport=TCP).code in {442, 508}
    assert client.allocate().code == 0
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as inner:
        inner.bind((ENGINE, 0))
        inner.listen()
        inner.settimeout(0.3)
        with suppress(TimeoutError):
            assert client.connect(ENGINE, inner.getsockname()[1]).code != 0
        with pytest.raises(TimeoutError):
            inner.accept()


@pytest.mark.guards("relay/way.go:admits")
def test_o05_a_relayed_address_is_no_peer(running: Relay, *, tls: bool) -> None:
    client, other = running.client(tls=tls), running.client("other", tls=tls)
    client.allocate()
    port = relayed_port(other.allocate())

    assert client.permit("127.0.0.1", port).code == 403
    assert client.bind("127.0.0.1", port).code == 403


def test_x27_a_new_certificate_is_shown_and_allocations_go_on(running: Relay) -> None:
    client = running.client("x27", tls=True)
    client.allocate()
    client.permit(ENGINE)
    before = running.files.leaf
    renewed = ensure_certificates(running.folder / "renewed", "rooms.example", datetime.now(UTC))
    # As tools that renew do it: one file after the other, each whole.
    for fresh, shown in (
        (renewed.files.key, running.files.key),
        (renewed.chain, running.files.chain),
    ):
        shutil.copy(fresh, shown.with_suffix(".new"))
        shown.with_suffix(".new").replace(shown)

    def is_new() -> bool:
        told = ssl.get_server_certificate(("127.0.0.1", running.ways.turn_tls_port))
        shown = x509.load_pem_x509_certificate(told.encode())
        return running.files.leaf == shown != before

    wait_for("the new certificate", is_new, within=5, every=0.2)
    client.send(ENGINE, running.ways.media_port, b"still here")

    assert client.hear(within=5) == b"STILL HERE"


@pytest.mark.parametrize(
    ("method", "body"),
    [
        *[pytest.param(method, b"", marks=UNMAGNIFIED) for method in METHODS],
        *[(method, bytes([0, 0x19, 0, 4, 17, 0, 0, 0])) for method in (BINDING, *METHODS)],
        (BINDING, b""),
    ],
)
def test_a_forged_sender_is_sent_at_most_three_times_what_was_sent_for_him(
    running: Relay, method: int, body: bytes
) -> None:
    asked = struct.pack("!HHI12s", method, len(body), COOKIE, b"twelve bytes") + body
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as anybody:
        anybody.connect(("127.0.0.1", running.ways.turn_port))
        anybody.settimeout(0.2)
        anybody.send(asked)
        answered = b""
        with suppress(TimeoutError):
            answered = anybody.recv(2048)

    assert len(answered) <= 3 * len(asked)
