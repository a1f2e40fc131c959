"""A media engine alone: the one that our server runs, with the same settings, without server and gate."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from support.deadlines import wait_for
from support.engine import EngineEye, config
from support.internet import Machine
from support.ports import free_ports

from openrooms_engine import binary
from tools.terminal import Stuck

PROBE = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 1)"


class BareEngine(EngineEye):
    """A look at it, and the tokens that it takes."""

    def __init__(self, data: Path, process: psutil.Process, *, on: Machine | None = None) -> None:
        super().__init__(data)
        self.process = process
        self.port: int = config(data)["port"]
        if on is not None:
            self._url = f"http://127.0.0.1:{on.door(self.port)}"

    @property
    def signalling(self) -> str:
        """Where livekit-client connects to."""
        return self.url.replace("http://", "ws://")

    def seat(self, room: str, identity: str) -> str:
        """A token for a place in a room."""
        return self.token(room=room, identity=identity, roomJoin=True)


@contextmanager
def bare_engine(folder: Path, *, like: Path, on: Machine | None = None) -> Iterator[BareEngine]:
    """An engine with the settings of the one in the data directory `like`; `on` another machine."""
    settings, there = config(like), on.enter if on else ()
    http, tcp, media = free_ports(socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    settings["port"] = http
    settings["rtc"] |= {"udp_port": media, "tcp_port": tcp if settings["rtc"]["tcp_port"] else 0}
    # Nobody is there to be told, or to be asked for what it counts: that port is the other engine's.
    del settings["webhook"], settings["prometheus"]
    folder.mkdir(parents=True)
    file = folder / "engine.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(settings))
    log = folder / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            (*there, binary(), "--config", file),
            stdout=output,
            stderr=subprocess.STDOUT,
        )

    def listens() -> bool:
        if process.poll() is not None:
            raise Stuck(f"the bare engine ended at once: {log.read_text()[-2000:]}")
        # Where it is, which may be another machine.
        probing = (*there, sys.executable, "-c", PROBE, str(http))
        return subprocess.run(probing, stderr=subprocess.DEVNULL, check=False).returncode == 0

    try:
        wait_for("the bare engine", listens, within=30, every=0.2)
        yield BareEngine(folder, psutil.Process(process.pid), on=on)
    finally:
        process.kill()
        process.wait()
