"""What the engine counts, and only that, is passed on; what cannot be had is left out."""

import asyncio
import json
import socket
from base64 import b64encode
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from support.ports import free_ports

from openrooms.media.figures import figures

pytestmark = pytest.mark.anyio

PASSWORD = "known to two"
KNOWN = b64encode(f"openrooms:{PASSWORD}".encode())

PAGE = b"""# HELP go_threads Threads.
# TYPE go_threads gauge
go_threads 8
# HELP livekit_room_total Rooms.
# TYPE livekit_room_total gauge
livekit_room_total{node_id="a"} 1
process_cpu_seconds_total 2
"""
KEPT = b"""# HELP livekit_room_total Rooms.
# TYPE livekit_room_total gauge
livekit_room_total{node_id="a"} 1
"""


def settings_of(folder: Path, port: int) -> Path:
    """The file of an engine that tells at this port what it counts."""
    file = folder / "engine.yaml"
    file.write_text(json.dumps({"prometheus": {"port": port, "password": PASSWORD}}))
    return file


async def told(folder: Path, status: bytes, page: bytes) -> bytes:
    """What is made of an engine that answers so."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        given = status if KNOWN in asked else b"401 Unauthorized"
        writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (given, len(page)) + page)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        return await figures(settings_of(folder, server.sockets[0].getsockname()[1]))


async def test_what_the_engine_counts_is_passed_on_without_what_its_process_is(
    tmp_path: Path,
) -> None:
    assert await told(tmp_path, b"200 OK", PAGE) == KEPT


async def test_a_page_that_it_does_not_give_is_left_out_and_logged(tmp_path: Path) -> None:
    with capture_logs() as logs:
        assert await told(tmp_path, b"500 Internal Server Error", PAGE) == b""

    assert [line["event"] for line in logs] == ["engine_metrics_refused"]


async def test_an_engine_that_is_away_or_never_was_there_is_left_out(tmp_path: Path) -> None:
    (nobody,) = free_ports(socket.SOCK_STREAM)

    assert await figures(settings_of(tmp_path, nobody)) == b""
    assert await figures(tmp_path / "none") == b""
