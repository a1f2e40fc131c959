"""Rules about the docs: links lead somewhere, settings and dependencies are all described."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from tools.rules.finding import Finding
from tools.rules.source import Source

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^\s*(```|~~~)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*\s*$")
REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*")
CONFIG = "server/src/openrooms/config.py"
SETTINGS = "docs/settings.md"
DEPENDENCIES = "docs/dependencies.md"
# name, what it saves, what it costs, who keeps it
DEPENDENCY_COLUMNS = 4


def links(root: Path, source: Source) -> Iterator[Finding]:
    """Every link to a file leads to one, and every anchor to a heading of it."""
    if source.suffix != ".md":
        return
    for number, line in prose(source.text):
        for target in LINK.findall(line):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            problem = broken(root, source.path, unquote(target))
            if problem:
                yield Finding(source.path, number, "link", problem)


def broken(root: Path, path: str, target: str) -> str:
    """What is wrong with a link, or nothing."""
    name, _, anchor = target.partition("#")
    page = (root / path).parent / name if name else root / path
    if not page.exists():
        return f"the link {target} leads nowhere"
    if anchor and page.suffix == ".md" and anchor not in anchors(page.read_text()):
        return f"{name or path} has no heading #{anchor}"
    return ""


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as code hosts make them."""
    found = set()
    for _, line in prose(text):
        heading = HEADING.match(line)
        if heading is not None:
            plain = re.sub(r"[^\w\- ]", "", heading[1].lower())
            found.add(plain.replace(" ", "-"))
    return found


def prose(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside code blocks, numbered."""
    fenced = False
    for number, line in enumerate(text.splitlines(), start=1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def settings(root: Path) -> Iterator[Finding]:
    """Every setting is described, by its name in code marks."""
    config = root / CONFIG
    if not config.is_file():
        return
    page = root / SETTINGS
    described = page.read_text() if page.is_file() else ""
    for name, line in config_keys(ast.parse(config.read_text())):
        if f"`{name}`" not in described:
            what = f"the setting {name} is not described in {SETTINGS}"
            yield Finding(CONFIG, line, "settings", what)


def config_keys(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The fields of the class `Config`."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Config":
            for one in node.body:
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                    yield one.target.id, one.lineno


def dependencies(root: Path) -> Iterator[Finding]:
    """Every runtime dependency is described: what it saves, what it costs, who keeps it."""
    page = root / DEPENDENCIES
    rows = described(page.read_text() if page.is_file() else "")
    for manifest, name in runtime_dependencies(root):
        cells = rows.get(name.lower())
        if cells is None:
            what = f"the dependency {name} is not described in {DEPENDENCIES}"
            yield Finding(manifest, 1, "dependencies", what)
        elif len(cells) < DEPENDENCY_COLUMNS or not all(cells[:DEPENDENCY_COLUMNS]):
            what = f"{DEPENDENCIES} does not say for {name}: saves, costs, keeper"
            yield Finding(manifest, 1, "dependencies", what)


def described(text: str) -> dict[str, list[str]]:
    """The rows of the tables of a page, by the name in code marks in their first cell."""
    rows = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        name = re.fullmatch(r"`([^`]+)`", cells[0])
        if name is not None:
            rows[name[1].lower()] = cells
    return rows


def runtime_dependencies(root: Path) -> Iterator[tuple[str, str]]:
    """What a user gets with us: manifest and name. Our own packages are no dependencies."""
    for manifest in ("server/pyproject.toml", "engine/pyproject.toml"):
        if (root / manifest).is_file():
            project = tomllib.loads((root / manifest).read_text())["project"]
            for wanted in project.get("dependencies", []):
                name = REQUIREMENT.match(wanted)
                if name is not None and not name[0].startswith("openrooms"):
                    yield manifest, name[0]
    for manifest in (
        "sdk/calling/package.json",
        "sdk/calling-effects/package.json",
        "web/package.json",
    ):
        if (root / manifest).is_file():
            package = json.loads((root / manifest).read_text())
            bundled = package.get("dependencies", {}) | package.get("peerDependencies", {})
            # A folder of ours may stand under another's name.
            foreign = [name for name, wanted in bundled.items() if not wanted.startswith("file:")]
            yield from ((manifest, name) for name in foreign if not name.startswith("@openrooms/"))


def titles(source: Source) -> Iterator[Finding]:
    """A page starts with its one title."""
    if source.suffix != ".md" or PurePosixPath(source.path).parts[0] == "changelog.d":
        return
    if not source.text.startswith("# "):
        yield Finding(source.path, 1, "title", "the page does not start with its title")
