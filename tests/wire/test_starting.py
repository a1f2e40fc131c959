"""A server that cannot start says so in one clear line, exits 1 or 2, and leaves nothing half made."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.server import Refused, Server, openrooms, refuse

# Where nobody may make a folder, not even root.
UNWRITABLE = Path("/proc/openrooms")


@pytest.fixture
def spare(tmp_path: Path) -> Server:
    """A server that was never started."""
    return Server(tmp_path / "spare")


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that someone else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        yield holder.getsockname()[1]


@pytest.fixture
def taken_datagrams() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def _told(refused: Refused, *, status: int, names: str) -> None:
    """One line for a person: no trace of code, and the thing that is wrong by its name."""
    lines = [line for line in refused.text.splitlines() if line.strip()]
    assert refused.status == status, refused.text
    assert "Traceback" not in refused.text
    assert len(lines) == 1, refused.text
    assert re.search(names, lines[0]), lines[0]


def test_a_second_server_on_one_data_directory_says_so_and_exits_1(
    server: Server, spare: Server
) -> None:
    spare.data = server.data
    before = _files(server.data)

    refused = refuse(spare.command())

    _told(refused, status=1, names=re.escape(str(server.data)))
    assert refused.took < 10
    assert _files(server.data) == before
    assert server.engine() is not None


@pytest.mark.parametrize("option", ["--https-port", "--http-port"])
def test_a_busy_port_is_named_and_exits_1(spare: Server, taken: int, option: str) -> None:
    refused = refuse([*spare.command(), option, str(taken)])

    _told(refused, status=1, names=rf"\b{taken}\b")
    _nothing_half_made(spare)


def test_a_busy_media_port_is_named_and_exits_1(spare: Server, taken_datagrams: int) -> None:
    refused = refuse([*spare.command(), "--media-port", str(taken_datagrams)])

    _told(refused, status=1, names=rf"\b{taken_datagrams}\b")
    _nothing_half_made(spare)


@pytest.mark.parametrize(
    ("option", "value", "names"),
    [
        ("--https-port", "70000", "https-port|70000"),
        ("--http-port", "eighty", "http-port|eighty"),
        ("--media-port", "-1", "media-port|-1"),
        ("--public-host", "not a name", "public-host|not a name"),
    ],
)
def test_a_bad_setting_is_named_and_exits_2(
    spare: Server, option: str, value: str, names: str
) -> None:
    refused = refuse([*spare.command(), option, value])

    assert refused.status == 2, refused.text
    assert "Traceback" not in refused.text
    assert re.search(names, refused.text.splitlines()[-1])
    assert not spare.data.exists()


def test_an_unknown_option_exits_2(spare: Server) -> None:
    refused = refuse([*spare.command(), "--https-prot", "8443"])

    assert refused.status == 2
    assert "--https-prot" in refused.text
    assert not spare.data.exists()


def test_a_folder_below_a_file_is_named_and_exits_1(spare: Server) -> None:
    file = spare.folder / "file"
    file.write_text("not a folder")
    spare.data = file / "data"

    refused = refuse(spare.command())

    _told(refused, status=1, names=re.escape(str(file)))
    assert file.read_text() == "not a folder"


def test_a_folder_where_nobody_may_write_is_named_and_exits_1(spare: Server) -> None:
    spare.data = UNWRITABLE

    refused = refuse(spare.command())

    _told(refused, status=1, names=re.escape(str(UNWRITABLE)))


def test_a_port_may_be_free_again_and_the_server_starts(spare: Server) -> None:
    with socket.create_server(("127.0.0.1", spare.ports.https)):
        assert refuse(spare.command()).status == 1

    spare.start()

    spare.close()


def test_the_program_tells_its_commands() -> None:
    told = refuse(openrooms("--help"))

    assert told.status == 0
    assert {"serve", "doctor", "trust"} <= set(re.findall(r"\w+", told.text))


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _nothing_half_made(spare: Server) -> None:
    """The next start on that folder works: nothing of the failed one is in its way."""
    spare.start()
    spare.close()
