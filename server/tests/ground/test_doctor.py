"""Each thing that the service needs is looked at, and told with a next step."""

import resource
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.postgres import Postgres

from openrooms import engine_part
from openrooms.config import Config
from openrooms.doctor import (
    check_buffer,
    check_data,
    check_database,
    check_engine,
    check_files,
    check_pages,
    check_ports,
    examine,
)
from openrooms.findings import Finding, State
from openrooms.kernel.clock import system_clock
from openrooms.storage.folder import hold_folder
from openrooms_engine import EngineUnusable


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(data=tmp_path / "data", https_port=0, http_port=0, media_port=0)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that someone else listens on, for both kinds of messages."""
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(type=socket.SOCK_DGRAM) as udp,
    ):
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        yield port


def test_everything_is_looked_at_and_nothing_is_made(config: Config) -> None:
    findings = examine(config, system_clock)

    assert [finding.thing for finding in findings] == [
        "data directory",
        "port 0",
        "port 0",
        "UDP port 0",
        "media engine",
        "pages",
        "net.core.rmem_max",
        "net.core.wmem_max",
        "open files",
        "certificate",
        "public name",
        "clock",
    ]
    assert not config.data.exists()


def test_a_finding_is_one_line_with_its_next_step() -> None:
    assert str(Finding(State.OK, "clock", "fine")) == "ok    clock: fine."
    assert str(Finding(State.FAIL, "port 1", "in use", "choose another")) == (
        "fail  port 1: in use. Next: choose another"
    )


def test_a_data_directory_can_be_used_or_made(tmp_path: Path) -> None:
    assert check_data(tmp_path).said.endswith("can be used")
    assert check_data(tmp_path / "new").said.endswith("can be made")


def test_a_data_directory_that_cannot_be_made_fails() -> None:
    finding = check_data(Path("/proc/data"))

    assert finding.state is State.FAIL
    assert "--data" in finding.advice


def test_a_running_server_is_no_fault(tmp_path: Path) -> None:
    with hold_folder(tmp_path):
        finding = check_data(tmp_path)

    assert finding.state is State.WARN
    assert "running server" in finding.said


@pytest.mark.parametrize(("is_running", "state"), [(False, State.FAIL), (True, State.WARN)])
def test_a_busy_port_is_named(
    config: Config, taken: int, *, is_running: bool, state: State
) -> None:
    busy = Config(data=config.data, https_port=taken, http_port=0, media_port=taken)

    https, http, media = check_ports(busy, is_running=is_running)

    assert (https.state, http.state, media.state) == (state, State.OK, state)
    assert str(taken) in https.thing
    assert "in use" in https.said


def test_the_media_port_of_an_engine_that_runs_apart_is_its_own(config: Config, taken: int) -> None:
    apart = Config(
        data=config.data,
        https_port=0,
        http_port=0,
        media_port=taken,
        engine_url="http://127.0.0.1:7880",
    )

    *_, media = check_ports(apart, is_running=False)

    assert media.state is State.WARN


def test_a_public_name_looks_at_every_interface(config: Config) -> None:
    public = replace(config, public_host="x.y", ice_tcp_port=0, turn_port=0, turn_tls_port=0)

    assert [finding.state for finding in check_ports(public, is_running=False)] == [State.OK] * 3


def test_the_further_ways_to_media_are_looked_at_with_their_settings(
    config: Config, taken: int
) -> None:
    public = replace(
        config, public_host="x.y", ice_tcp_port=taken, turn_port=taken, turn_tls_port=taken
    )

    tcp, turn, tls = list(check_ports(public, is_running=False))[3:]

    assert {one.state for one in (tcp, turn, tls)} == {State.FAIL}
    assert tcp.thing == f"TCP port {taken}"
    assert turn.thing == f"UDP port {taken}"
    assert [one.advice.split("setting ")[1] for one in (tcp, turn, tls)] == [
        "ice_tcp_port (0: none)",
        "turn_port (0: none)",
        "turn_tls_port (0: none)",
    ]


def engine(tmp_path: Path, text: str) -> Config:
    program = tmp_path / "engine"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    return Config(data=tmp_path, engine_binary=program)


def test_an_engine_tells_its_version(tmp_path: Path) -> None:
    finding = check_engine(engine(tmp_path, "echo livekit-server version 1.13.5"))

    assert (finding.state, finding.said) == (State.OK, "livekit-server version 1.13.5")


def test_an_engine_that_does_not_run_fails(tmp_path: Path) -> None:
    assert check_engine(engine(tmp_path, "exit 1")).state is State.FAIL
    assert check_engine(Config(data=tmp_path, engine_binary=Path("/nowhere"))).state is State.FAIL


def test_an_engine_that_is_not_whole_fails(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable() -> Path:
        raise EngineUnusable("not the program that was built: build it again")

    monkeypatch.setattr(engine_part, "binary", unusable)

    finding = check_engine(config)

    assert finding.state is State.FAIL
    assert "not the program" in finding.said


def test_pages_that_are_not_built_are_a_warning(tmp_path: Path) -> None:
    assert check_pages(tmp_path).advice == "make build"
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "call.html").touch()
    assert check_pages(tmp_path).state is State.OK


@pytest.mark.parametrize(
    ("text", "state"),
    [("212992\n", State.WARN), ("16777216\n", State.OK), ("?", State.OK), (None, State.OK)],
)
def test_a_small_socket_buffer_is_a_warning(tmp_path: Path, text: str | None, state: State) -> None:
    if text is not None:
        (tmp_path / "rmem_max").write_text(text)

    finding = check_buffer("rmem_max", tmp_path)

    assert finding.state is state
    assert ("sysctl" in finding.advice) is (state is State.WARN)


@pytest.mark.parametrize(
    ("most", "state"),
    [(1024, State.WARN), (65_535, State.OK), (resource.RLIM_INFINITY, State.OK)],
)
def test_few_open_files_are_a_warning(most: int, state: State) -> None:
    assert check_files(most).state is state


def test_a_postgresql_that_lets_us_in_is_fine_and_one_that_does_not_is_told(
    config: Config, postgres: Postgres
) -> None:
    with postgres.empty() as url:
        [good] = check_database(replace(config, database=url))
    [bad] = check_database(replace(config, database=postgres.url("nowhere")))

    assert good.state is State.OK
    assert bad.state is State.FAIL
    assert "does not exist" in bad.said
    assert "CREATE DATABASE" in bad.advice
    assert list(check_database(config)) == []
