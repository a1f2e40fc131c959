"""Rules about the lock files: each wanted package is pinned by hash, and no address stands in them."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.rules.finding import Finding

PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;]+)", re.MULTILINE)
WANTED = re.compile(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([^;]*)")
ADDRESS = re.compile(r"\b(?:https?|git\+\w+|file)://|^-(?:i|f|-index|-find)", re.MULTILINE)
NPM_LOCK = "package-lock.json"
# Tests bring packages of their own, so that nobody else has to install them.
NPM_FOLDERS = ("tests/postgresql", "tests/conformance/javascript")


def python_locks(root: Path) -> Iterator[Finding]:
    """What pyproject.toml wants is in the lock; `make lock` puts it there."""
    server = tomllib.loads((root / "server/pyproject.toml").read_text())["project"]["dependencies"]
    groups = tomllib.loads((root / "pyproject.toml").read_text())["dependency-groups"]
    wanted = {
        "locks/run.txt": [*server, *groups["build"]],
        "locks/dev.txt": [*server, *groups["build"], *groups["dev"]],
    }
    # The official SDKs of the conformance suite have environments of their own.
    for manifest in sorted((root / "locks").glob("sdks-*.in")):
        wanted[f"locks/{manifest.stem}.txt"] = manifest.read_text().splitlines()
    for lock, requirements in wanted.items():
        yield from python_lock(root / lock, lock, requirements)


def python_lock(path: Path, name: str, requirements: list[str]) -> Iterator[Finding]:
    """One lock against what it must hold."""
    text = path.read_text() if path.is_file() else ""
    pins = {found[1].lower(): found[2] for found in PIN.finditer(text)}
    if ADDRESS.search(text):
        yield Finding(name, 1, "locks", "the lock names an address")
    for requirement in requirements:
        found = WANTED.match(requirement)
        if found is None or found[1].startswith("openrooms"):
            continue
        pin = pins.get(found[1].lower())
        if pin is None:
            yield Finding(name, 1, "locks", f"{found[1]} is not locked; run `make lock`")
        elif not satisfies(pin, found[2].strip()):
            what = f"{found[1]} {pin} is locked, {found[2].strip()} is wanted; run `make lock`"
            yield Finding(name, 1, "locks", what)


def satisfies(pin: str, wanted: str) -> bool:
    """Whether a version fits; our manifests use `==`, `>=` and `<` alone."""
    for clause in filter(None, (one.strip() for one in wanted.split(","))):
        sign, version = re.match(r"(==|>=|<)\s*(.+)", clause).groups()  # type: ignore[union-attr]
        left, right = numbers(pin), numbers(version)
        if not {"==": left == right, ">=": left >= right, "<": left < right}[sign]:
            return False
    return True


def numbers(version: str) -> tuple[int, ...]:
    """A version as numbers, trailing zeros left out."""
    parts = [int(one) for one in re.findall(r"\d+", version)]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def npm_locks(root: Path) -> Iterator[Finding]:
    """The lock of the workspace and those of tests."""
    yield from npm_lock(root)
    for folder in NPM_FOLDERS:
        for one in npm_lock(root / folder):
            yield Finding(f"{folder}/{one.path}", one.line, one.rule, one.what)


def npm_lock(root: Path) -> Iterator[Finding]:
    """Each foreign package has its integrity, none an address, and the manifests agree."""
    path = root / NPM_LOCK
    if not path.is_file():
        yield Finding(NPM_LOCK, 1, "locks", "there is no lock; run `make lock`")
        return
    packages: dict[str, Any] = json.loads(path.read_text())["packages"]
    for name, package in packages.items():
        if package.get("link") or "node_modules/" not in name:
            yield from workspace(root, name, package)
        elif "resolved" in package:
            yield Finding(NPM_LOCK, 1, "locks", f"{name} names an address; see .npmrc")
        elif "integrity" not in package and not package.get("inBundle"):
            yield Finding(NPM_LOCK, 1, "locks", f"{name} has no integrity")
        # npm silently leaves out what its registry does not serve, and `npm ci` then refuses the lock.
        for other in package.get("optionalDependencies", {}):
            if not {f"node_modules/{other}", f"{name}/node_modules/{other}"} & packages.keys():
                yield Finding(NPM_LOCK, 1, "locks", f"{name} is locked without {other}")


def workspace(root: Path, name: str, locked: dict[str, Any]) -> Iterator[Finding]:
    """What the lock says of one of our own packages is what its manifest says."""
    if locked.get("link"):
        return
    manifest = json.loads((root / name / "package.json").read_text())
    for kind in ("dependencies", "devDependencies", "peerDependencies"):
        if manifest.get(kind, {}) != locked.get(kind, {}):
            what = f"{kind} of {name or 'the root'} changed since the lock; run `make lock`"
            yield Finding(NPM_LOCK, 1, "locks", what)
