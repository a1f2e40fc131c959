"""Crowds: those who dawdle are cut in time, those who flood are held back, and others are served."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psutil
import pytest
from support.crowd import CREATE, Tenant, ask_for, dawdling, flooding
from support.databases import KINDS, store_of
from support.report import figure
from support.server import Server, openrooms
from support.signed import Key

HALF_A_HEAD = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Half: "
SLOW_BODY = b"POST /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
MEASURED_SECONDS = 2.0
# What a busy machine adds to anything, whoever is the cause.
NOISE = 0.1
# What is fast stays fast: below this, twice as slow is nothing that anybody sees.
UNSEEN = 0.1
MEGABYTE = 1_000_000


class Town:
    """A server with two tenants, each under a host name of its own."""

    def __init__(self, server: Server) -> None:
        self.server = server
        first = server.ready.connection_string
        command = ("resource", "create", "other", "--host", "other.localhost", "--json")
        made = json.loads(subprocess.check_output(openrooms(*command, "--data", str(server.data))))
        port = server.ports.https
        self.greedy = Tenant(Key(first.partition("accesskey=")[2]), f"localhost:{port}")
        second = made["connectionString"].partition("accesskey=")[2]
        self.modest = Tenant(Key(second), f"other.localhost:{port}")
        server.secrets.add("second access key", second)

    @property
    def port(self) -> int:
        return self.server.ports.http

    @property
    def memory(self) -> int:
        return psutil.Process(self.server.pid).memory_info().rss


@pytest.fixture(scope="module", params=KINDS)
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    with store_of(request) as url:
        yield from _serving(tmp_path_factory.mktemp("town"), url)


@pytest.fixture(scope="module", params=KINDS)
def limited(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    """The same, with quotas."""
    folder = tmp_path_factory.mktemp("limited")
    settings = folder / "limits.toml"
    settings.write_text(
        "limit_requests = true\nroom_writes_per_second = 20\nroom_reads_per_second = 10000\n"
    )
    with store_of(request) as url:
        yield from _serving(folder / "server", url, "--config", str(settings))


def _serving(folder: Path, url: str | None, *options: str) -> Iterator[Town]:
    server = Server(folder, *(() if url is None else ("--database", url)), *options)
    with server.running():
        yield Town(server)


async def _dawdle(town: Town, beginning: bytes, count: int, *, drip: bytes) -> tuple[float, ...]:
    """The good client's p99 before and meanwhile, and how long the last dawdler was borne with."""
    request = town.modest.request("GET", CREATE)
    before = await ask_for(town.port, request, MEASURED_SECONDS)
    async with dawdling(town.port, beginning, count, drip=lambda: drip) as borne:
        meanwhile = await ask_for(town.port, request, MEASURED_SECONDS)
    assert set(before.statuses) == set(meanwhile.statuses) == {200}
    assert len(borne) == count
    return before.p99, meanwhile.p99, max(borne)


def test_those_who_dawdle_over_a_head_are_cut_and_hurt_nobody(town: Town) -> None:
    before, meanwhile, longest = asyncio.run(_dawdle(town, HALF_A_HEAD, 900, drip=b""))

    assert longest <= 10
    assert meanwhile <= 2 * before + NOISE


def test_those_who_drip_a_body_are_cut_and_hurt_nobody(town: Town) -> None:
    before, meanwhile, longest = asyncio.run(_dawdle(town, SLOW_BODY, 500, drip=b"x"))

    assert longest <= 30
    assert meanwhile <= 2 * before + NOISE


@pytest.mark.line("R02")
def test_a_flood_of_one_tenant_leaves_the_others_served_and_memory_bounded(town: Town) -> None:
    async def flood() -> tuple[float, float, set[int], set[int]]:
        modest = town.modest.request("POST", CREATE, b"{}")
        before = await ask_for(town.port, modest, MEASURED_SECONDS)
        async with flooding(town.port, town.greedy.request("POST", CREATE, b"{}"), 100) as greedy:
            meanwhile = await ask_for(town.port, modest, MEASURED_SECONDS)
        return before.p99, meanwhile.p99, set(meanwhile.statuses), set(greedy.statuses)

    memory = town.memory
    before, meanwhile, modest, greedy = asyncio.run(flood())

    assert modest == {201}
    assert greedy <= {201, 429}
    figure("R02, p99 of others in a flood", meanwhile, at_most=max(2 * before, UNSEEN), unit="s")
    assert town.memory - memory < 64 * MEGABYTE


def test_a_tenant_over_its_quota_is_told_when_to_come_back_and_another_is_not(
    limited: Town,
) -> None:
    async def flood() -> tuple[dict[int, int], int, set[int]]:
        create = limited.greedy.request("POST", CREATE, b"{}")
        async with flooding(limited.port, create, 10) as greedy:
            modest = await ask_for(
                limited.port, limited.modest.request("GET", CREATE), MEASURED_SECONDS / 2
            )
        return dict(greedy.statuses), greedy.told_to_wait, set(modest.statuses)

    greedy, told_to_wait, modest = asyncio.run(flood())

    assert modest == {200}
    assert set(greedy) == {201, 429}
    # The burst of five seconds, and what is refilled meanwhile.
    assert 100 <= greedy[201] <= 200
    assert told_to_wait == greedy[429]


def test_who_reads_no_answer_is_dropped(town: Town) -> None:
    async def pour() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", town.port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10_000)
        with closing(writer), suppress(ConnectionResetError):
            async with asyncio.timeout(40):
                return await reader.read()
        return b""

    memory = town.memory
    answers = asyncio.run(pour())

    assert answers.count(b"HTTP/1.1 200") < 10_000
    assert town.memory - memory < 16 * MEGABYTE
