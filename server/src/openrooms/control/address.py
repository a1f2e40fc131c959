"""Where the control socket of a data directory is, and whether it can be there at all."""

import sys
from pathlib import Path

FILE_NAME = "control.sock"
# What the systems keep for the path of a socket, its closing zero included.
ROOM = 104 if sys.platform == "darwin" else 108


class PathTooLong(Exception):
    """The socket's path is longer than the system allows."""


def socket_path(folder: Path) -> Path:
    """The path of the socket. Raises `PathTooLong`."""
    path = folder / FILE_NAME
    length = len(bytes(path))
    if length >= ROOM:
        raise PathTooLong(
            f"Control socket {path}: its path has {length} bytes, and the system allows "
            f"{ROOM - 1}. Choose a data directory with a shorter path."
        )
    return path
