"""Holds our descriptions, and the table of facts in specs/published/, against the published ones.

The published files stay where they are (`make specs SPECS=FOLDER`: folders `rooms` and `identity`
with a Swagger file for each version). What they say stands in our table as flat facts, and every
point in which we differ stands in differences.toml with its reason. So the chain is closed without
them: published = table (here), table = ours but for the differences (a unit test, too).
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from openrooms.http.description import Description
from openrooms.identity.description import description as identity_description
from openrooms.rooms.description import description as rooms_description
from tools.description_facts import Node, facts_of
from tools.terminal import say

FOLDER = Path(__file__).parent.parent / "specs" / "published"
# What the published files call common errors; they name the file by a path of their own repository.
COMMON = "rooms/common-2023-11-15.json"


@dataclass(frozen=True, slots=True)
class Difference:
    """Facts that only one side states, on purpose. `side` is `ours` or `theirs`."""

    api: str
    side: str
    fact: re.Pattern[str]
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found in one version: facts that nothing explains, and which differences were met."""

    api: str
    version: str
    agreed: int
    explained: int
    unexplained: Sequence[str]
    met: frozenset[Difference]


def apis() -> Sequence[Description]:
    return (rooms_description(), identity_description())


def differences() -> Sequence[Difference]:
    """Every intended difference."""
    table = tomllib.loads((FOLDER / "differences.toml").read_text())
    return [
        Difference(one["api"], side, re.compile(fact), one["reason"])
        for one in table["difference"]
        for side in ("ours", "theirs")
        for fact in one.get(side, [])
    ]


def read_table(api: str) -> Mapping[str, frozenset[str]]:
    """The published facts of each version, from our table: each version changes the one before."""
    facts: set[str] = set()
    versions: dict[str, frozenset[str]] = {}
    version = ""
    for line in (FOLDER / f"{api}.txt").read_text().splitlines():
        sign, _, said = line.partition(" ")
        if sign == "=":
            version = said
        elif sign == "+":
            facts.add(said)
        elif sign == "-":
            facts.remove(said)
        if version:
            versions[version] = frozenset(facts)
    return versions


def write_table(published: Mapping[str, frozenset[str]]) -> str:
    """The table that `read_table` reads."""
    lines: list[str] = []
    before: frozenset[str] = frozenset()
    for version, facts in published.items():
        lines += [f"= {version}"]
        lines += [f"- {fact}" for fact in sorted(before - facts)]
        lines += [f"+ {fact}" for fact in sorted(facts - before)]
        before = facts
    return "\n".join(lines) + "\n"


def compare(api: Description, version: str, theirs: frozenset[str]) -> Comparison:
    """Our description of a version against the published facts."""
    ours = facts_of(api.document(version))
    listed = [one for one in differences() if one.api == api.name]
    met: set[Difference] = set()
    unexplained: list[str] = []
    apart = [("ours", fact) for fact in ours - theirs] + [("theirs", f) for f in theirs - ours]
    for side, fact in sorted(apart):
        fitting = {one for one in listed if one.side == side and one.fact.fullmatch(fact)}
        met |= fitting
        if not fitting:
            unexplained.append(f"{side} only: {fact}")
    explained = len(apart) - len(unexplained)
    return Comparison(api.name, version, len(ours & theirs), explained, unexplained, frozenset(met))


def stale(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Differences that are listed and nowhere met."""
    met = {one for comparison in comparisons for one in comparison.met}
    for one in differences():
        if one not in met:
            yield f"{one.api}: nobody differs in this any more: {one.side} {one.fact.pattern}"


def read_published(folder: Path, api: Description) -> Mapping[str, frozenset[str]]:
    """The facts of the published files, for the versions that we serve."""

    def foreign(file: str) -> Node:
        here = folder / api.name / file
        # Any: JSON of others.
        document: Node = json.loads((here if here.is_file() else folder / COMMON).read_text())
        return document

    return {
        version: facts_of(json.loads((folder / api.name / f"{version}.json").read_text()), foreign)
        for version in api.versions.supported
    }


def check(folder: Path) -> int:
    """Say for each version how it compares; the number of faults."""
    faults: list[str] = []
    comparisons: list[Comparison] = []
    for api in apis():
        published, table = read_published(folder, api), read_table(api.name)
        if published != table:
            faults.append(f"{api.name}: specs/published/{api.name}.txt is not what is published")
        for version, theirs in published.items():
            one = compare(api, version, theirs)
            comparisons.append(one)
            faults += one.unexplained
            say(
                f"{api.name} {version}: {one.agreed} facts agree, {one.explained} differ on purpose,"
                f" {len(one.unexplained)} unexplained"
            )
    faults += stale(comparisons)
    for fault in faults:
        say(fault)
    say(f"specs: {len(comparisons)} versions, {len(faults)} faults (bar: <= 0)")
    return len(faults)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or not (Path(arguments[0]) / COMMON).is_file():
        say(f"usage: make specs SPECS=FOLDER, with the published files: {COMMON} and others")
        return 2
    return 1 if check(Path(arguments[0])) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
