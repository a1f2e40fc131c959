"""Who gets a connection, who is turned away, and what the log says of those who came in wrongly."""

import asyncio
import os
import resource
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import structlog
from tests.http.conftest import QUICK, serve
from tests.http.raw import answer_to, exchange, status_of, until
from tests.http.running import Running

from openrooms.http.accepting import MOST_AT_ONCE
from openrooms.http.certificates import ensure_certificates
from openrooms.http.limits import Limits
from openrooms.kernel.clock import system_clock

pytestmark = pytest.mark.anyio

GOOD = b"GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(params=["plain", "tls"])
def tls(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "tls")


@asynccontextmanager
async def limited(folder: Path, *, tls: bool, limits: Limits) -> AsyncIterator[Running]:
    if not tls:
        async with serve(None, None, limits) as running:
            yield running
        return
    certificates = ensure_certificates(folder, None, system_clock())
    async with serve(certificates.authority, certificates.context, limits) as running:
        yield running


async def test_plain_http_on_the_tls_port_is_named_in_the_log(secure: Running) -> None:
    with structlog.testing.capture_logs() as logs:
        answers = [await exchange(secure.port, GOOD) for _ in range(5)]

    assert [status_of(answer) for answer in answers] == [0] * 5
    assert [entry["event"] for entry in logs] == ["plain_http_on_tls_port"]
    assert "https://" in logs[0]["advice"]


async def test_tls_on_the_plain_port_is_named_in_the_log(plain: Running) -> None:
    context = ssl.create_default_context()
    with structlog.testing.capture_logs() as logs:
        for _ in range(5):
            with pytest.raises(ssl.SSLError):
                await asyncio.open_connection("localhost", plain.port, ssl=context)

    assert [entry["event"] for entry in logs] == ["tls_on_plain_port"]
    assert "http://" in logs[0]["advice"]


def greet(port: int) -> None:
    """Begin TLS as a client that trusts nobody of ours, and says so."""
    context = ssl.create_default_context()
    refused = pytest.raises(ssl.SSLCertVerificationError)
    with socket.create_connection(("127.0.0.1", port)) as client, refused:
        context.wrap_socket(client, server_hostname="localhost")


async def test_a_client_that_does_not_trust_us_is_named_in_the_log(secure: Running) -> None:
    with structlog.testing.capture_logs() as logs:
        await asyncio.to_thread(greet, secure.port)
        await until(lambda: bool(logs))

    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("tls_handshake_failed", "TLSV1_ALERT_UNKNOWN_CA")
    ]


@pytest.mark.parametrize("beginning", [b"", b"\x16\x03\x01"], ids=["nothing", "half a hello"])
async def test_a_handshake_that_never_comes_is_not_waited_for(
    tmp_path: Path, beginning: bytes
) -> None:
    limits = replace(QUICK, handshake_seconds=0.3)
    async with limited(tmp_path, tls=True, limits=limits) as running:
        answer = await exchange(running.port, beginning, within=5)

        await until(lambda: running.server.connections == 0)
        assert answer == b""
        assert status_of(await answer_to(running.port, GOOD, tls=running.client_context)) == 200


async def test_no_more_connections_are_taken_than_the_limit_says(
    tmp_path: Path, *, tls: bool
) -> None:
    async with limited(tmp_path, tls=tls, limits=replace(QUICK, connections=1)) as running:
        with socket.create_connection(("127.0.0.1", running.port)):
            await until(lambda: running.server.places == 1)
            with structlog.testing.capture_logs() as logs:
                refused = await exchange(running.port, b"")
        await until(lambda: running.server.places == 0)

        assert status_of(refused) == (0 if tls else 503)
        assert [entry["event"] for entry in logs] == ["too_many_connections"]
        assert status_of(await answer_to(running.port, GOOD, tls=running.client_context)) == 200


async def test_one_address_is_given_only_so_many(tmp_path: Path) -> None:
    limits = replace(QUICK, connections_alike=1, free_networks=())
    async with limited(tmp_path, tls=False, limits=limits) as running:
        with socket.create_connection(("127.0.0.1", running.port)):
            await until(lambda: running.server.connections == 1)

            assert status_of(await exchange(running.port, b"")) == 503


async def test_a_websocket_keeps_its_place_until_it_ends(plain: Running) -> None:
    head = (
        b"GET /calling/talk HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", plain.port)) as client:
        client.sendall(head)
        await until(lambda: plain.server.busy == 1)
        taken = plain.server.places

    await until(lambda: plain.server.places == 0)
    assert taken == 1


@contextmanager
def no_file_left() -> Iterator[None]:
    """Keep this process from opening anything."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_when_the_system_has_no_file_left_it_is_asked_again_later(plain: Running) -> None:
    with socket.socket() as client, structlog.testing.capture_logs() as logs:
        client.settimeout(0)
        with no_file_left():
            client.connect_ex(("127.0.0.1", plain.port))
            await until(lambda: bool(logs))
        await until(lambda: plain.server.connections == 1)

    assert [entry["event"] for entry in logs] == ["connection_not_accepted"]


async def test_a_pause_does_not_outlive_the_listener(plain: Running) -> None:
    with socket.socket() as client, structlog.testing.capture_logs() as logs:
        client.settimeout(0)
        with no_file_left():
            client.connect_ex(("127.0.0.1", plain.port))
            await until(lambda: bool(logs))
            plain.server.stop_accepting()

    assert plain.server.connections == 0


async def test_the_end_waits_for_no_handshake(tmp_path: Path) -> None:
    async with limited(tmp_path, tls=True, limits=replace(QUICK, handshake_seconds=60)) as running:
        with socket.create_connection(("127.0.0.1", running.port)):
            await until(lambda: running.server.places == 1)

            async with asyncio.timeout(5):
                await running.server.drain(grace=1)
            await until(lambda: running.server.places == 0)


async def test_a_connection_that_fails_on_us_is_no_others_concern(tmp_path: Path) -> None:
    # No handshake can have so little time: the loop refuses to begin it.
    async with limited(tmp_path, tls=True, limits=replace(QUICK, handshake_seconds=0)) as running:
        with structlog.testing.capture_logs() as logs:
            await exchange(running.port, b"")
            await exchange(running.port, b"")

        assert running.server.places == 0

    assert [entry["event"] for entry in logs] == ["connection_failed"] * 2


async def test_many_that_come_at_once_are_all_let_in(plain: Running) -> None:
    address = ("127.0.0.1", plain.port)
    with ExitStack() as stack:
        for _ in range(MOST_AT_ONCE + 8):
            stack.enter_context(socket.create_connection(address))

        await until(lambda: plain.server.connections == MOST_AT_ONCE + 8)


async def test_one_that_is_turned_away_may_have_gone_by_itself() -> None:
    async with limited(Path(), tls=False, limits=replace(QUICK, connections=1)) as running:
        address = ("127.0.0.1", running.port)
        with socket.create_connection(address), structlog.testing.capture_logs() as logs:
            await until(lambda: running.server.places == 1)
            gone = socket.create_connection(address)
            # It ends with a reset, before we have looked at it.
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            gone.close()
            await until(lambda: bool(logs))

    assert [entry["event"] for entry in logs] == ["too_many_connections"]
