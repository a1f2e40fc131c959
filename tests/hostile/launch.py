"""Starts the server with some of its guards taken out: `python -m hostile.launch PROBE GUARDS serve ...`."""

import functools
import importlib
import inspect
import sys
import traceback
from pathlib import Path
from types import FunctionType
from typing import Any

# What a breach raises that does not fit what it stands for: then it shows nothing.
MISTAKES = (TypeError, AttributeError, NameError, ImportError, KeyError, IndexError)


def watched(breach: Any, broken: Path) -> Any:  # noqa: ANN401 (whatever stands in a guard's place)
    """The same, but whatever mistakes of its own it makes are written down."""
    if not isinstance(breach, FunctionType):
        return breach

    def note() -> None:
        with broken.open("a") as file:
            traceback.print_exc(file=file)

    if inspect.iscoroutinefunction(breach):

        @functools.wraps(breach)
        async def waited(*given: Any, **named: Any) -> Any:  # noqa: ANN401 (as the breach)
            try:
                return await breach(*given, **named)
            except MISTAKES:
                note()
                raise

        return waited

    @functools.wraps(breach)
    def called(*given: Any, **named: Any) -> Any:  # noqa: ANN401 (as the breach)
        try:
            return breach(*given, **named)
        except MISTAKES:
            note()
            raise

    return called


def take_out(guard: str, broken: Path) -> None:
    """Put a guard's breach in its place, wherever it was imported to."""
    from hostile.breaches import BREACHES  # noqa: PLC0415 (the guards' modules come first)

    module_name, _, path = guard.partition(":")
    owner: Any = importlib.import_module(module_name)
    *outer, name = path.split(".")
    for one in outer:
        owner = getattr(owner, one)
    old = getattr(owner, name)
    new = watched(BREACHES[guard](old), broken)
    setattr(owner, name, new)
    for module in [m for n, m in sys.modules.items() if n.startswith("openrooms.")]:
        if vars(module).get(name) is old:
            setattr(module, name, new)


def watch_connects(probe: Path) -> None:
    """Write down with what headers the engine is connected to; values without tokens."""
    dialing: Any = importlib.import_module("openrooms.media.livekit.dialing")
    connect = dialing.connect

    def noted(*given: Any, **named: Any) -> Any:  # noqa: ANN401 (a foreign function's own)
        headers = dict(named.get("additional_headers", {}))
        told = {name: "" if name == "Authorization" else value for name, value in headers.items()}
        with probe.open("a") as file:
            print(told, file=file)
        return connect(*given, **named)

    dialing.connect = noted


def main() -> None:
    _, probe, guards, *arguments = sys.argv
    for guard in filter(None, guards.split(",")):
        importlib.import_module(guard.partition(":")[0])
    watch_connects(Path(probe))
    for guard in filter(None, guards.split(",")):
        take_out(guard, Path(probe).with_name("broken"))
    sys.argv = ["openrooms", *arguments]
    cli: Any = importlib.import_module("openrooms.cli")
    cli.main()


if __name__ == "__main__":
    main()
