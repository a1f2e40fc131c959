"""A media engine alone: the one that our server runs, with the same settings, without server and gate."""

import json
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from support.deadlines import wait_for
from support.engine import EngineEye, config
from support.ports import free_ports

from openrooms_engine import binary
from tools.terminal import Stuck


class BareEngine(EngineEye):
    """A look at it, and the tokens that it takes."""

    def __init__(self, data: Path, process: psutil.Process) -> None:
        super().__init__(data)
        self.process = process

    @property
    def signalling(self) -> str:
        """Where livekit-client connects to."""
        return self.url.replace("http://", "ws://")

    def seat(self, room: str, identity: str) -> str:
        """A token for a place in a room."""
        return self.token(room=room, identity=identity, roomJoin=True)


@contextmanager
def bare_engine(folder: Path, *, like: Path) -> Iterator[BareEngine]:
    """An engine with the settings of the one in the data directory `like`."""
    settings = config(like)
    http, tcp, media = free_ports(socket.SOCK_STREAM, socket.SOCK_STREAM, socket.SOCK_DGRAM)
    settings["port"] = http
    settings["rtc"] |= {"udp_port": media, "tcp_port": tcp if settings["rtc"]["tcp_port"] else 0}
    # Nobody is there to be told.
    del settings["webhook"]
    folder.mkdir(parents=True)
    file = folder / "engine.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(settings))
    log = folder / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            (binary(), "--config", file), stdout=output, stderr=subprocess.STDOUT
        )

    def listens() -> bool:
        if process.poll() is not None:
            raise Stuck(f"the bare engine ended at once: {log.read_text()[-2000:]}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", http)) == 0

    try:
        wait_for("the bare engine", listens, within=30)
        yield BareEngine(folder, psutil.Process(process.pid))
    finally:
        process.kill()
        process.wait()
