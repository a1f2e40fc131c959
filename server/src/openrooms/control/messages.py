"""What is said over the control socket: one JSON object on a line up, one down. Pure.

Up:    {"version": 1, "command": "resource.create", "arguments": {...}}
Down:  {"version": 1, "result": {...}}   or   {"version": 1, "error": "..."}
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

VERSION = 1
LONGEST_LINE = 64 * 1024
# An answer may list many resources.
LONGEST_ANSWER = 4 * 1024 * 1024

# Any: JSON; each command looks into its own arguments, and its caller into the result.
Facts: TypeAlias = Mapping[str, Any]
Command: TypeAlias = Callable[[Facts], Awaitable[Facts]]
Commands: TypeAlias = Mapping[str, Command]


class Refused(Exception):
    """The server does not do what was asked. The message is for the operator."""


class Garbled(Exception):
    """A line that is not of this protocol."""


@dataclass(frozen=True, slots=True)
class Order:
    """A command with its arguments."""

    command: str
    arguments: Facts


def write_order(order: Order) -> bytes:
    return _line(command=order.command, arguments=order.arguments)


def read_order(line: bytes) -> Order:
    """Raises `Garbled`, or `Refused` when it comes from a program of another version."""
    said = _read(line)
    command, arguments = said.get("command"), said.get("arguments", {})
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise Garbled("no command")
    return Order(command, arguments)


def write_result(result: Facts) -> bytes:
    return _line(result=result)


def write_error(message: str) -> bytes:
    return _line(error=message)


def read_answer(line: bytes) -> Facts:
    """The result. Raises `Refused` when the answer is an error, `Garbled` when it is none."""
    said = _read(line)
    if isinstance(said.get("error"), str):
        raise Refused(said["error"])
    result = said.get("result")
    if not isinstance(result, dict):
        raise Garbled("no result")
    return result


def text(arguments: Facts, name: str) -> str:
    """An argument that must be text. Raises `Refused`."""
    value = arguments.get(name)
    if not isinstance(value, str):
        raise Refused(f"Argument {name}: missing, or no text.")
    return value


def optional_text(arguments: Facts, name: str) -> str | None:
    """An argument that may be left out."""
    return None if arguments.get(name) is None else text(arguments, name)


def texts(arguments: Facts, name: str) -> list[str]:
    """An argument that must be a list of texts; left out, it is empty. Raises `Refused`."""
    value = arguments.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refused(f"Argument {name}: no list of texts.")
    return value


def whole(arguments: Facts, name: str) -> int:
    """An argument that must be a whole number. Raises `Refused`."""
    value = arguments.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Refused(f"Argument {name}: missing, or no whole number.")
    return value


def flag(arguments: Facts, name: str) -> bool:
    """An argument that is on or off; left out, it is off. Raises `Refused`."""
    value = arguments.get(name, False)
    if not isinstance(value, bool):
        raise Refused(f"Argument {name}: neither true nor false.")
    return value


def _line(**facts: object) -> bytes:
    return json.dumps({"version": VERSION, **facts}).encode() + b"\n"


def _read(line: bytes) -> Facts:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        raise Garbled("no JSON") from None
    if not isinstance(said, dict):
        raise Garbled("no JSON object")
    if said.get("version") != VERSION:
        raise Refused(
            f"Control socket: version {str(said.get('version'))[:20]} is spoken, and {VERSION} "
            "expected. Use the `openrooms` command of the version that serves."
        )
    return said
