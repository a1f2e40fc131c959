"""What the tools say to a person: progress in words, and one clear line when they cannot go on."""

import sys
from typing import NoReturn


class Stuck(Exception):
    """A tool cannot go on; its text names the thing, the reason and the next step."""


def say(text: str) -> None:
    """A line for the person who waits."""
    print(text, flush=True)


def give_up(reason: Exception) -> NoReturn:
    """Say why, and end with 1."""
    sys.stdout.flush()
    print(f"error: {reason}", file=sys.stderr, flush=True)
    raise SystemExit(1)
