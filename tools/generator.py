"""Builds the load generator of `make load` with the Go that builds the engine, and with its flags.

So what the two have in common is compiled once.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

from tools.terminal import Stuck, give_up

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "bench" / "generator"
PROGRAM = ROOT / ".build" / "generator" / "generator"


def engine_hook() -> ModuleType:
    """The build hook of the engine, which knows where Go is, and how it is run."""
    spec = importlib.util.spec_from_file_location("build_hook", ROOT / "engine" / "build_hook.py")
    if spec is None or spec.loader is None:
        raise Stuck("engine/build_hook.py is not there.")
    hook = importlib.util.module_from_spec(spec)
    # Its dataclasses ask for the module by its name.
    sys.modules[spec.name] = hook
    spec.loader.exec_module(hook)
    return hook


def build() -> None:
    """Compile it."""
    PROGRAM.parent.mkdir(parents=True, exist_ok=True)
    hook = engine_hook()
    try:
        go = hook.find_toolchain().go or hook.fetch_go(hook.cache_folder())
    except hook.BuildFailed as error:
        raise Stuck(f"The load generator: {error}") from None
    built = subprocess.run(
        (go, "build", *hook.FLAGS, "-o", PROGRAM, "."),
        cwd=SOURCES,
        env=hook.environment(go),
        check=False,
    )
    if built.returncode != 0:
        raise Stuck("The load generator could not be compiled.")


if __name__ == "__main__":
    try:
        build()
    except Stuck as reason:
        give_up(reason)
