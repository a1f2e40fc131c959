"""Looks at a machine: whether the service can run here, and what to do about what is in its way."""

import resource
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from openrooms.app import STATIC
from openrooms.config import Config
from openrooms.doctor_clock import check_clock
from openrooms.doctor_network import check_certificate, check_network
from openrooms.engine_part import find_engine
from openrooms.findings import Finding, State, split
from openrooms.http.listening import EVERYWHERE, LOOPBACK, PortUnusable, listening
from openrooms.kernel.clock import Clock
from openrooms.media.address import claim_relay_port, claim_tcp_port, claim_udp_port
from openrooms.media.errors import EngineFailed
from openrooms.storage.errors import DatabaseUnusable, DataDirectoryInUse, DataDirectoryUnusable
from openrooms.storage.folder import check_folder

KERNEL = Path("/proc/sys/net/core")
# What the engine asks for its one UDP socket; below the first it warns and may lose packets.
SMALLEST_BUFFER, ADVISED_BUFFER = 5_000_000, 16_777_216
ADVISED_FILES = 65_535
ENGINE_SECONDS = 20


def examine(config: Config, clock: Clock, kernel: Path = KERNEL) -> list[Finding]:
    """Look at everything that the service needs. Changes nothing, and makes nothing."""
    folder = check_data(config.data)
    return [
        folder,
        *check_database(config),
        *check_ports(config, is_running=folder.state is State.WARN),
        check_engine(config),
        check_pages(STATIC),
        check_buffer("rmem_max", kernel),
        check_buffer("wmem_max", kernel),
        check_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0]),
        *check_certificate(config, clock()),
        *check_network(config),
        *check_clock(config, clock),
    ]


def check_data(folder: Path) -> Finding:
    try:
        check_folder(folder)
    except DataDirectoryInUse:
        return Finding(State.WARN, "data directory", f"{folder} is in use by a running server")
    except DataDirectoryUnusable as error:
        return Finding(State.FAIL, "data directory", *split(error))
    kind = "can be used" if folder.exists() else "can be made"
    return Finding(State.OK, "data directory", f"{folder} {kind}")


def check_database(config: Config) -> Iterator[Finding]:
    """PostgreSQL lets us in, where the settings name one."""
    if config.database is None:
        return
    # Loaded only where it is used: it costs memory.
    from openrooms.storage.postgres.preparing import open_reading  # noqa: PLC0415

    try:
        _, name = open_reading(config.database)
    except DatabaseUnusable as error:
        yield Finding(State.FAIL, "database", *split(error))
    else:
        yield Finding(State.OK, "database", f"{name} answers")


def check_ports(config: Config, *, is_running: bool) -> Iterator[Finding]:
    """The ports are free, unless a server of ours runs: then they are probably its own.

    So is the media port where the engine runs apart, and may run now.
    """
    everywhere = EVERYWHERE if config.public_host else LOOPBACK
    media, apart = f"UDP port {config.media_port}", is_running or config.engine_url is not None
    tries: list[tuple[str, bool, Callable[[], object]]] = [
        (f"port {config.https_port}", is_running, lambda: _listen(config.https_port, everywhere)),
        (f"port {config.http_port}", is_running, lambda: _listen(config.http_port, LOOPBACK)),
        (media, apart, lambda: claim_udp_port("127.0.0.1", config.media_port)),
        *((thing, apart, attempt) for thing, attempt in _further_ports(config)),
    ]
    for thing, may_be_ours, attempt in tries:
        try:
            attempt()
        except (PortUnusable, EngineFailed) as error:
            state = State.WARN if may_be_ours else State.FAIL
            yield Finding(state, thing, *split(error))
        else:
            yield Finding(State.OK, thing, "free")


def _further_ports(config: Config) -> Iterator[tuple[str, Callable[[], object]]]:
    """Those of a server with a public name: media over TCP, and the relay."""
    if config.public_host is None:
        return
    tcp, udp = claim_tcp_port, claim_relay_port
    named: list[tuple[str, str, Callable[[int, str], None], int]] = [
        ("TCP", "ice_tcp_port", tcp, config.ice_tcp_port),
        ("UDP", "turn_port", udp, config.turn_port),
        ("TCP", "turn_tls_port", tcp, config.turn_tls_port),
    ]
    for kind, setting, claim, port in named:
        if port:
            yield f"{kind} port {port}", partial(claim, port, setting)


def check_engine(config: Config) -> Finding:
    """The engine is there, whole, and runs."""
    try:
        program = find_engine(config)
        told = subprocess.run(  # noqa: S603 - the engine itself, or what the operator named
            [program, "--version"],
            check=True,
            capture_output=True,
            text=True,
            timeout=ENGINE_SECONDS,
        )
    except EngineFailed as error:
        return Finding(State.FAIL, "media engine", *split(error))
    except (OSError, subprocess.SubprocessError) as error:
        return Finding(State.FAIL, "media engine", f"it does not run: {error}", "install it again")
    return Finding(State.OK, "media engine", told.stdout.strip())


def check_pages(folder: Path) -> Finding:
    if (folder / "pages" / "call.html").is_file():
        return Finding(State.OK, "pages", "built")
    return Finding(State.WARN, "pages", "not built: there is no call page", "make build")


def check_buffer(name: str, kernel: Path) -> Finding:
    """The kernel lets the engine have a socket buffer that holds a burst of media."""
    thing = f"net.core.{name}"
    try:
        size = int((kernel / name).read_text())
    except (OSError, ValueError):
        return Finding(State.OK, thing, "not known on this system")
    if size >= SMALLEST_BUFFER:
        return Finding(State.OK, thing, f"{size} bytes")
    advice = f"sysctl -w {thing}={ADVISED_BUFFER} (as root)"
    return Finding(State.WARN, thing, f"{size} bytes: large calls may lose packets", advice)


def check_files(most: int) -> Finding:
    if most == resource.RLIM_INFINITY or most >= ADVISED_FILES:
        return Finding(State.OK, "open files", f"{most} allowed" if most >= 0 else "no limit")
    advice = f"ulimit -n {ADVISED_FILES}"
    return Finding(State.WARN, "open files", f"{most} allowed: few for many callers", advice)


def _listen(port: int, hosts: tuple[str, str]) -> None:
    with listening(port, hosts, option="another setting"):
        pass
