"""The media engine as a Python package: where its programs are, and what they are.

EngineUnusable    the package lacks a program, or has not the one that was built
"""

import hashlib
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent / "bin"
_AGAIN = "build it with `python engine/build_hook.py`, or install the package again"


class EngineUnusable(Exception):
    """The package lacks a program, or has not the one that was built."""


def binary() -> Path:
    """The path of the LiveKit server. Its digest is checked: a damaged or changed one is refused."""
    return _checked("livekit-server")


def relay() -> Path:
    """The path of the relay that leads browsers to it which cannot reach it, checked in the same way."""
    return _checked("openrooms-relay")


def probe() -> Path:
    """The path of the program that has a call with itself, checked in the same way."""
    return _checked("openrooms-probe")


def _checked(name: str) -> Path:
    program = _FOLDER / name
    digests = _facts().get("sha256")
    try:
        with program.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EngineUnusable(f"cannot read {program} ({error.strerror}): {_AGAIN}") from None
    if not isinstance(digests, dict) or digest != digests.get(name):
        raise EngineUnusable(f"{program} is not the program that was built: {_AGAIN}")
    return program


def version() -> str:
    """The version of the LiveKit server inside."""
    return str(_facts().get("livekit", ""))


def notices() -> Path:
    """A text file with the licences and notices of everything inside."""
    return _FOLDER / "NOTICES.txt"


def _facts() -> dict[str, Any]:  # a JSON object of our own making
    try:
        facts: dict[str, Any] = json.loads((_FOLDER / "build.json").read_bytes())
    except (OSError, ValueError):
        raise EngineUnusable(f"the media engine has not been built here: {_AGAIN}") from None
    return facts
