"""Holds every file against the rules of tools/rules; prints each finding, ends with 1 when there is one."""

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from tools.rules import changelog, documents, effects, imports, locks, shape, words
from tools.rules.finding import Finding
from tools.rules.source import Source, sources

ROOT = Path(__file__).resolve().parent.parent.parent

FileRule: TypeAlias = Callable[[Source], Iterable[Finding]]

OF_CODE: tuple[FileRule, ...] = (shape.file_length,)
OF_PYTHON: tuple[FileRule, ...] = (
    shape.function_length,
    shape.positional_arguments,
    shape.opening_sentence,
    effects.reads_of_time,
    effects.makers_of_ids,
    effects.reads_of_environment,
    effects.loose_tasks,
    words.bare_exemptions,
    effects.waits_in_tests,
    effects.product_in_conformance,
    imports.foreign_parts,
    imports.file_rows,
)
OF_TEXT: tuple[FileRule, ...] = (
    words.unfinished,
    words.registry_hosts,
    words.machine_paths,
    words.praise,
    words.dead_script,
    words.private_marks,
    words.script_opening,
    documents.titles,
)


def findings(root: Path) -> Iterator[Finding]:
    """Everything that breaks a rule."""
    for source in sources(root):
        yield from of_file(source)
        yield from documents.links(root, source)
    yield from documents.settings(root)
    yield from documents.dependencies(root)
    yield from locks.python_locks(root)
    yield from locks.npm_locks(root)
    yield from changelog.fragments(root)


def of_file(source: Source) -> Iterator[Finding]:
    """What one file breaks by itself."""
    rules = list(OF_TEXT)
    if source.suffix in words.CODE:
        rules.extend(OF_CODE)
    if source.suffix == ".py":
        rules.extend(OF_PYTHON)
    for rule in rules:
        yield from rule(source)


def main() -> None:
    found = sorted(findings(ROOT))
    for one in found:
        print(one)
    if found:
        print(f"{len(found)} places break a rule. CONTRIBUTING.md says what each rule is for.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
