"""The media engine as a Python package: where the program is, and what it is.

EngineUnusable    the package holds no program, or not the one that was built
"""

import hashlib
import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parent / "bin"
_AGAIN = "build it with `python engine/build_hook.py`, or install the package again"


class EngineUnusable(Exception):
    """The package holds no program, or not the one that was built."""


def binary() -> Path:
    """The path of the program. Its digest is checked: a damaged or changed one is refused."""
    program = _FOLDER / "livekit-server"
    facts = _facts()
    try:
        with program.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EngineUnusable(f"cannot read {program} ({error.strerror}): {_AGAIN}") from None
    if digest != facts.get("sha256"):
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
