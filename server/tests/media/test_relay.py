"""The relay's keeper: it is there, it comes back, and what keeps it away is told without secrets."""

import asyncio
import json
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from structlog.testing import capture_logs
from support.ports import free_ports
from tests.http.raw import until

from openrooms.media.address import claim_relay_port, claim_tcp_port, local_address
from openrooms.media.errors import EngineFailed
from openrooms.media.relay import RelaySettings, relayed
from openrooms.media.ways import Ways
from openrooms_engine import relay

BINDING = bytes.fromhex("000100002112a442") + bytes(12)


def settings(folder: Path, port: int) -> RelaySettings:
    ways = Ways(address="127.0.0.1", media_port=9, turn_port=port)
    return RelaySettings(ways, "s" * 40, folder / "server.pem", folder / "server.key")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answers(port: int) -> None:
    """Wait until somebody answers there as STUN has it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setblocking(False)  # noqa: FBT003 - named so by the standard library
        probe.connect(("127.0.0.1", port))
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(10):
            while True:
                with suppress(TimeoutError, OSError):
                    await loop.sock_sendall(probe, BINDING)
                    async with asyncio.timeout(0.1):
                        assert (await loop.sock_recv(probe, 100))[:2] == b"\x01\x01"
                        return


def relays() -> list[psutil.Process]:
    found = psutil.Process().children(recursive=True)
    return [one for one in found if one.is_running() and "openrooms-relay" in one.name()]


@pytest.mark.anyio
async def test_a_relay_is_there_comes_back_and_ends_with_us(tmp_path: Path) -> None:
    port = free_port()

    async def told() -> RelaySettings:
        return settings(tmp_path, port)

    async with relayed(told, binary=relay(), folder=tmp_path):
        await answers(port)
        (first,) = relays()
        first.kill()
        await asyncio.to_thread(first.wait, 5)
        await answers(port)
        (second,) = relays()

    assert first.pid != second.pid
    assert not second.is_running()
    assert (tmp_path / "relay.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.anyio
async def test_what_keeps_it_from_running_is_told_and_it_is_tried_again(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, capture_logs() as logs:
        taken.bind(("0.0.0.0", 0))
        port = taken.getsockname()[1]

        async def told() -> RelaySettings:
            return settings(tmp_path, port)

        async with relayed(told, binary=relay(), folder=tmp_path):
            await until(lambda: any(entry["event"] == "relay_lost" for entry in logs))
            taken.close()
            await answers(port)

    assert any("address already in use" in entry.get("text", "") for entry in logs)
    assert "s" * 40 not in str(logs)


@pytest.mark.anyio
async def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    async def told() -> RelaySettings:
        return settings(tmp_path / "nowhere", 1)

    with capture_logs() as logs:
        async with relayed(told, binary=relay(), folder=tmp_path / "nowhere"):
            await until(lambda: bool(logs))

    assert logs[0]["event"] == "relay_failed"


def test_the_relay_is_told_where_to_listen_and_where_to_lead(tmp_path: Path) -> None:
    made = settings(tmp_path, 3478)
    whole = replace(made, ways=replace(made.ways, turn_port=0, turn_tls_port=5349))

    assert json.loads(made.render()) == {
        "secret": "s" * 40,
        "udp": "0.0.0.0:3478",
        "tls": "",
        "certificate": str(tmp_path / "server.pem"),
        "key": str(tmp_path / "server.key"),
        "peer": "127.0.0.1:9",
        "engine": "127.0.0.1:9",
    }
    assert json.loads(whole.render())["udp"] == ""
    assert json.loads(whole.render())["tls"] == "0.0.0.0:5349"
    assert "s" * 40 not in repr(made)


def test_behind_a_router_the_engine_is_reached_under_an_address_of_this_machine() -> None:
    assert local_address("127.0.0.2") == "127.0.0.2"
    with suppress(EngineFailed):
        # A machine without any network has none.
        assert local_address("192.0.2.1") != "192.0.2.1"
    with pytest.raises(EngineFailed, match="nothing leads from here to"):
        # A sender that is none.
        local_address("ff02::1%nowhere")


def test_ports_that_are_taken_are_told_with_their_settings() -> None:
    with socket.create_server(("127.0.0.1", 0)) as tcp:
        port = tcp.getsockname()[1]
        with pytest.raises(EngineFailed, match=rf"TCP port {port} is used .* ice_tcp_port \(0"):
            claim_tcp_port(port, "ice_tcp_port")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        port = udp.getsockname()[1]
        with pytest.raises(EngineFailed, match=rf"UDP port {port} is used .* turn_port"):
            claim_relay_port(port, "turn_port")
    (free,) = free_ports(socket.SOCK_STREAM)
    claim_tcp_port(free, "x")
