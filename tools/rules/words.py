"""Rules about single words and lines, in every text file."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.rules.finding import Finding
from tools.rules.source import Source

CODE = frozenset({".py", ".ts", ".tsx", ".js", ".mjs", ".css", ".html"})

# Written so that no pattern matches itself: this file is checked too.
UNFINISHED = re.compile(r"\b(T[O]DO|F[I]XME|X{3})\b")
REGISTRIES = re.compile(r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(proxy|sum)\.golang\.org")
# A folder of one machine has no place in a repository that many machines clone.
MACHINE_PATHS = re.compile(r"(?<![\w.$}~/-])/(work|root|home)/[\w.]+")
PRAISE = re.compile(
    r"\b(blazing|seamless|seamlessly|world-class|cutting-edge|revolutionary|effortless"
    r"|effortlessly|game-chang\w+|best-in-class|state-of-the-art|lightning-fast)\b",
    re.IGNORECASE,
)
# A line of a comment that would run if its marker went.
DEAD_SCRIPT = re.compile(
    r"^\s*//\s*(?:(?:const|let|var|return|await|import|export|if|for|while)\b.*[;{]|[\w.]+\(.*\);|\}.*)\s*$"
)
BARE_EXEMPTION = re.compile(r"#\s*noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?\s*$")
LICENCES = frozenset({"LICENSE", "NOTICE"})


def unfinished(source: Source) -> Iterator[Finding]:
    """What is not done is not marked in code: it is done, or said in the docs."""
    yield from _each(source, UNFINISHED, ("unfinished", "marks unfinished work"))


def registry_hosts(source: Source) -> Iterator[Finding]:
    """Locks, code and docs name packages, never a registry's host."""
    yield from _each(source, REGISTRIES, ("registry-host", "names a package registry's host"))


def machine_paths(source: Source) -> Iterator[Finding]:
    """No path of somebody's machine."""
    yield from _each(source, MACHINE_PATHS, ("machine-path", "names a folder of one machine"))


def praise(source: Source) -> Iterator[Finding]:
    """Docs say what is so; praise is for others."""
    if source.suffix == ".md":
        yield from _each(source, PRAISE, ("praise", "praises instead of telling"))


def dead_script(source: Source) -> Iterator[Finding]:
    """No commented-out TypeScript. Ruff's ERA001 does the same for Python."""
    if source.suffix in {".ts", ".tsx"}:
        yield from _each(source, DEAD_SCRIPT, ("dead-code", "commented-out code"))


def bare_exemptions(source: Source) -> Iterator[Finding]:
    """Who exempts a line from a linter's rule says why: behind the code, or in the line above."""
    explained = False
    for number, line in enumerate(source.lines, start=1):
        bare = BARE_EXEMPTION.search(line) is not None
        if bare and not explained:
            what = "an exemption without its reason"
            yield Finding(source.path, number, "exemption", what)
        # The reason stands for the whole block of exempted lines under it.
        explained = line.lstrip().startswith("#") or (bare and explained)


def private_marks(source: Source) -> Iterator[Finding]:
    """TypeScript's private state is `_name`: `#name` breaks on the Proxies of React UI libraries."""
    if source.suffix in {".ts", ".tsx"}:
        mark = re.compile(r"(?:\bthis\.|^\s*(?:static |readonly |async |get |set )*)#[A-Za-z_]\w*")
        yield from _each(source, mark, ("private-name", "a `#private` name; write `_name`"))


def script_opening(source: Source) -> Iterator[Finding]:
    """A TypeScript file, too, starts by saying what it is for. Its tests say it in their names."""
    if source.suffix not in {".ts", ".tsx"} or source.is_test:
        return
    if not source.text.lstrip().startswith(("/**", "//")):
        what = "the file does not start with a comment that says what it is for"
        yield Finding(source.path, 1, "opening-sentence", what)


def _each(source: Source, wanted: re.Pattern[str], told: tuple[str, str]) -> Iterator[Finding]:
    rule, what = told
    if PurePosixPath(source.path).name in LICENCES:
        return
    for number, line in enumerate(source.lines, start=1):
        found = wanted.search(line)
        if found is not None:
            yield Finding(source.path, number, rule, f"{what}: {found[0].strip()}")
