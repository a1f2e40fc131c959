"""The control socket: for its owner alone, bounded, and there only while a server is."""

import asyncio
import json
import os
import socket
import stat
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from openrooms.control.address import ROOM, PathTooLong, socket_path
from openrooms.control.client import NobodyThere, ask
from openrooms.control.messages import LONGEST_LINE, Facts, Order, Refused
from openrooms.control.server import FAILED, Desk, taking_commands

pytestmark = pytest.mark.anyio

SECRET = "the key is k3y"


async def echo(arguments: Facts) -> Facts:
    return {"said": arguments}


async def refuse(_arguments: Facts) -> Facts:
    raise Refused("Not today.")


async def fail(_arguments: Facts) -> Facts:
    raise RuntimeError(SECRET)


COMMANDS = {"echo": echo, "refuse": refuse, "fail": fail}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data directory with a short path."""
    with tempfile.TemporaryDirectory(prefix="or-") as made:
        yield Path(made)


@pytest.fixture
async def path(folder: Path) -> AsyncIterator[Path]:
    async with taking_commands(folder, COMMANDS):
        yield socket_path(folder)


async def exchange(path: Path, sent: bytes) -> list[dict[str, object]]:
    """What comes back until the server closes."""
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(sent)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
    return [json.loads(line) for line in answer.splitlines()]


async def test_a_command_is_carried_out(path: Path) -> None:
    assert await ask(path, Order("echo", {"a": ["b"]})) == {"said": {"a": ["b"]}}


async def test_the_socket_is_for_its_owner_alone(path: Path) -> None:
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600  # noqa: PTH116 - one look


@pytest.mark.parametrize(
    ("command", "told"),
    [("refuse", "Not today."), ("fail", FAILED), ("x" * 200, "the server does not know it")],
)
async def test_what_is_not_done_is_told(path: Path, command: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        await ask(path, Order(command, {}))

    assert told in str(refused.value)
    assert SECRET not in str(refused.value)


async def test_commands_are_taken_one_after_the_other(path: Path) -> None:
    order = b'{"version": 1, "command": "echo"}\n'

    assert await exchange(path, order * 3) == [{"version": 1, "result": {"said": {}}}] * 3


@pytest.mark.parametrize("line", [b"x\n", b"\xff\xfe\n", b"[" * 30_000 + b"\n"])
async def test_what_is_no_command_gets_an_error(path: Path, line: bytes) -> None:
    (answer,) = await exchange(path, line)

    assert "one JSON object on a line" in str(answer["error"])


async def test_a_line_that_is_too_long_gets_an_error(path: Path) -> None:
    (answer,) = await exchange(path, b'{"version": 1' + b" " * (2 * LONGEST_LINE))

    assert str(LONGEST_LINE) in str(answer["error"])


async def test_half_a_line_is_no_command(path: Path) -> None:
    assert await exchange(path, b'{"version": 1, "command": "echo"}') == []


@asynccontextmanager
async def served(folder: Path, desk: Desk) -> AsyncIterator[Path]:
    path = socket_path(folder)
    server = await asyncio.start_unix_server(desk.serve, path=str(path))
    async with server:
        yield path


async def test_whoever_says_nothing_is_cut_off(folder: Path) -> None:
    async with served(folder, Desk(COMMANDS, line_seconds=0.05)) as path, asyncio.timeout(5):
        reader, writer = await asyncio.open_unix_connection(str(path))

        assert await reader.read() == b""
        writer.close()


async def test_connections_are_bounded(folder: Path) -> None:
    async with served(folder, Desk(COMMANDS, most=1)) as path, asyncio.timeout(5):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(b'{"version": 1, "command": "echo"}\n')
        await reader.readline()

        with pytest.raises(Refused, match="Too many commands"):
            await ask(path, Order("echo", {}))

        writer.close()
        await writer.wait_closed()


async def test_the_socket_goes_with_the_server(folder: Path) -> None:
    async with taking_commands(folder, COMMANDS):
        pass

    assert not socket_path(folder).exists()
    with pytest.raises(NobodyThere):
        await ask(socket_path(folder), Order("echo", {}))


async def test_what_a_killed_server_left_behind_is_nobody_and_is_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
        killed.bind(str(socket_path(folder)))
        killed.listen()

    with pytest.raises(NobodyThere):
        await ask(socket_path(folder), Order("echo", {}))
    async with taking_commands(folder, COMMANDS):
        assert await ask(socket_path(folder), Order("echo", {})) == {"said": {}}


async def test_a_server_that_says_nonsense_is_told_of(folder: Path) -> None:
    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\n")
        writer.close()

    async with await asyncio.start_unix_server(nonsense, path=str(socket_path(folder))):
        with pytest.raises(Refused, match="did not answer"):
            await ask(socket_path(folder), Order("echo", {}))


async def test_a_server_that_never_answers_is_given_up(folder: Path) -> None:
    silence = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence.wait()
        writer.close()

    async with await asyncio.start_unix_server(silent, path=str(socket_path(folder))):
        with pytest.raises(Refused, match="did not answer"):
            await ask(socket_path(folder), Order("echo", {}), within=0.05)
        silence.set()


async def test_a_socket_that_may_not_be_opened_is_told_of(folder: Path) -> None:
    socket_path(folder).mkdir()

    with pytest.raises((Refused, NobodyThere)):
        await ask(socket_path(folder), Order("echo", {}))


async def test_a_path_that_is_too_long_is_told_and_serving_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * ROOM)
    folder.mkdir()

    with pytest.raises(PathTooLong, match=r"allows [0-9]+\. Choose a data directory"):
        socket_path(folder)
    async with taking_commands(folder, COMMANDS):
        assert not any(folder.iterdir())


def test_the_longest_path_that_fits_is_taken() -> None:
    longest = Path("/" + "x" * (ROOM - 1 - len("//control.sock")))

    assert len(os.fsencode(socket_path(longest))) == ROOM - 1
