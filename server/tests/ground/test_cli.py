"""The commands: their exit codes, and one clear line for what went wrong."""

import gc
import json
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from openrooms import __version__, cli
from openrooms.__main__ import main as program
from openrooms.app import Site
from openrooms.config import Config
from openrooms.engine_part import Unit
from openrooms.http.certificates import CertificatesUnusable, ensure_certificates
from openrooms.http.listening import PortUnusable
from openrooms.http.pages import Tarballs
from openrooms.kernel.clock import system_clock
from openrooms.logs import WriteLine
from openrooms.media.errors import EngineFailed
from openrooms.storage.errors import DataDirectoryInUse
from openrooms.trust import NotInstalled

SITE = Site(
    "https://e/", "http://b/", "endpoint=https://e/;accesskey=k", Path("/ca"), Tarballs(), None
)


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def run(*arguments: str) -> Result:
    return CliRunner(env={"XDG_DATA_HOME": "/nowhere"}).invoke(cli.main, arguments)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Config]:
    """The settings with which a service was run that is ready, and ends, at once."""
    seen: list[Config] = []

    async def serve(
        config: Config, ready: Callable[[Site], None], json_lines: WriteLine | None
    ) -> None:
        seen.append(config)
        ready(SITE)

    monkeypatch.setattr(cli, "serve", serve)
    return seen


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    async def serve(
        config: Config, ready: Callable[[Site], None], json_lines: WriteLine | None
    ) -> None:
        raise error

    monkeypatch.setattr(cli, "serve", serve)


def test_the_version_is_told() -> None:
    assert run("--version").output == f"openrooms, version {__version__}\n"


def test_the_commands_are_told() -> None:
    told = run("--help")

    assert told.exit_code == 0
    assert all(command in told.output for command in ("serve", "doctor", "trust"))


def test_flags_become_settings(served: list[Config], tmp_path: Path) -> None:
    arguments = (
        *("--data", str(tmp_path), "--https-port", "1", "--http-port", "2", "--media-port", "3"),
        *("--public-host", "x.y", "--demo", "--clock-offset", "/offset"),
    )

    assert run("serve", *arguments).exit_code == 0
    assert served == [
        Config(
            data=tmp_path,
            https_port=1,
            http_port=2,
            media_port=3,
            public_host="x.y",
            demo=True,
            clock_offset=Path("/offset"),
        )
    ]


def test_with_json_nothing_but_json_is_printed(served: list[Config]) -> None:
    told = run("serve", "--json")

    assert [json.loads(line)["event"] for line in told.stdout.splitlines()] == ["ready"]


def test_without_json_a_person_is_told(served: list[Config]) -> None:
    assert "is ready" in run("serve").stdout


def test_the_engine_alone_tells_where_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def serve_engine(config: Config, ready: Callable[[Unit], None]) -> None:
        ready(Unit(str(config.engine_url), config.media_port))

    monkeypatch.setattr(cli, "serve_engine", serve_engine)
    arguments = ("engine", "--data", str(tmp_path), "--engine-url", "http://localhost:7880")

    told, read = run(*arguments), run(*arguments, "--json")

    assert "UDP port 7882" in told.stdout
    assert json.loads(read.stdout) == {
        "event": "ready",
        "engineUrl": "http://127.0.0.1:7880",
        "mediaPort": 7882,
        "version": __version__,
    }


def test_an_engine_alone_without_an_address_is_misuse(tmp_path: Path) -> None:
    told = run("engine", "--data", str(tmp_path))

    assert told.exit_code == 2
    assert "engine_url: not set" in told.stderr


@pytest.mark.parametrize(
    "error",
    [
        PortUnusable("Port 1: in use."),
        DataDirectoryInUse("Data directory x: in use."),
        CertificatesUnusable("Certificates in x: spoiled."),
        EngineFailed("Media engine: gone."),
        ExceptionGroup("tasks", [ExceptionGroup("more", [EngineFailed("Media engine: gone.")])]),
    ],
)
def test_what_keeps_it_from_starting_is_one_line(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    failing(monkeypatch, error)

    told = run("serve")

    assert told.exit_code == 1
    assert told.stdout == ""
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith("error: ")


def test_an_unforeseen_error_is_logged_and_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, RuntimeError("what"))

    told = run("serve", "--json")

    assert told.exit_code == 1
    assert '"event": "service_failed"' in told.stderr
    assert told.stderr.splitlines()[-1] == "error: The service failed; the log says where."


@pytest.mark.parametrize("command", ["serve", "doctor", "trust"])
def test_a_bad_setting_ends_with_2(tmp_path: Path, command: str) -> None:
    (tmp_path / "openrooms.toml").write_text("https_prot = 1\n")

    told = run(command, "--data", str(tmp_path))

    assert told.exit_code == 2
    assert len(told.stderr.splitlines()) == 1
    assert "https_port" in told.stderr


def test_an_unknown_option_ends_with_2() -> None:
    assert run("serve", "--https-prot", "1").exit_code == 2


@pytest.mark.parametrize(
    ("format_", "as_json", "expected"),
    [("auto", False, True), ("auto", True, True), ("json", False, True), ("console", True, False)],
)
def test_logs_have_the_form_that_was_asked_for(
    *, format_: str, as_json: bool, expected: bool
) -> None:
    config = Config(data=Path("/x"), log_format=format_)

    assert cli._logs_json(config, as_json=as_json) is expected


def test_the_doctor_tells_each_finding_and_fails_when_one_does(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text("nonsense")

    told = run("doctor", "--data", str(tmp_path))

    assert told.exit_code == 1
    assert any(line.startswith("fail  certificate") for line in told.output.splitlines())


def test_the_doctor_is_content_without_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "examine", lambda *_: [])

    assert run("doctor", "--data", str(tmp_path)).exit_code == 0


def test_trust_needs_a_certificate(tmp_path: Path) -> None:
    told = run("trust", "--data", str(tmp_path))

    assert told.exit_code == 1
    assert "Start the server once" in told.stderr


def test_trust_tells_every_client(tmp_path: Path) -> None:
    ensure_certificates(tmp_path, None, system_clock())

    told = run("trust", "--data", str(tmp_path))

    assert f"export NODE_EXTRA_CA_CERTS={tmp_path}/ca.pem" in told.stdout


def test_trust_installs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_certificates(tmp_path, None, system_clock())
    monkeypatch.setattr(cli, "install", lambda _: Path("/store/openrooms-local.crt"))

    told = run("trust", "--data", str(tmp_path), "--install")

    assert told.stdout == "Installed as /store/openrooms-local.crt.\n"


def test_trust_says_why_it_could_not_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> Path:
        raise NotInstalled("System store: not writable.")

    ensure_certificates(tmp_path, None, system_clock())
    monkeypatch.setattr(cli, "install", refuse)

    told = run("trust", "--data", str(tmp_path), "--install")

    assert (told.exit_code, told.stderr) == (1, "error: System store: not writable.\n")


def test_the_program_loads_its_commands_and_carries_them_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["openrooms", "--version"])

    with pytest.raises(SystemExit):
        program()

    gc.unfreeze()
    assert __version__ in capsys.readouterr().out
