"""No line of the list is left out, and no guard is named that nobody can take out."""

import re
from pathlib import Path

from hostile.breaches import BREACHES
from hostile.relay_breaches import RELAY_BREACHES

HERE = Path(__file__).parent
# How many lines each part of the list has.
COUNTS = {"h": 16, "l": 12, "m": 15, "n": 8, "o": 5}
GUARDED = re.compile(r"@pytest\.mark\.guards\(")


def test_every_line_has_a_test_of_its_name() -> None:
    wanted = {f"{part}{n:02}" for part, count in COUNTS.items() for n in range(1, count + 1)}
    named = "\n".join(re.findall(r"def (test_\w+)|^    \"(l\d\d )", _source(), re.MULTILINE)[0])
    found = set(re.findall(r"(?:test|_)_?([hlmno]\d\d)", _source()))
    found |= set(re.findall(r"\"(l\d\d) ", _source()))

    assert named
    assert wanted - found == set()


def test_every_guard_that_a_test_names_can_be_taken_out_and_the_reverse() -> None:
    source = _source() + (HERE / "conftest.py").read_text()
    constants = dict(re.findall(r"^([A-Z]+) = \"(openrooms[\w.:]+)\"", source, re.MULTILINE))
    text = re.sub(r"\{([A-Z]+)\}", lambda one: constants.get(one[1], one[0]), source)
    named = set(re.findall(r"\"((?:openrooms[\w.]+|relay/\w+\.go):[\w.]+)\"", text))

    assert {*BREACHES, *RELAY_BREACHES} == named


def _source() -> str:
    files = sorted(HERE.glob("test_*.py"))
    return "\n".join(file.read_text() for file in files if file.name != Path(__file__).name)
