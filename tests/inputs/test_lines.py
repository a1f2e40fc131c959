"""No number is left out: every line of every section has a row, or a test that is marked with it."""

import re
from pathlib import Path

from inputs.rows import l_user_tokens
from inputs.test_rows import SECTIONS

HERE = Path(__file__).parent
# How many lines each section has; B goes on from B30 with what must be let in.
COUNTS = dict(zip("ABCDEFGHIJKL", (21, 21, 15, 15, 16, 17, 19, 9, 10, 5, 11, 12), strict=True))
# Of what stands under S there are webhooks; of a console with passwords and an audit log there is nothing.
OF_WEBHOOKS = {"S01", "S02"}
LET_IN = {"B30", "B31", "B32", "B33", "B34"}


def test_every_line_is_tried() -> None:
    wanted = {f"{name}{n:02}" for name, count in COUNTS.items() for n in range(1, count + 1)}
    wanted |= LET_IN | OF_WEBHOOKS | {f"R{n:02}" for n in range(1, 6)}
    rows = {row.id for section in (*SECTIONS, l_user_tokens) for row in section.ROWS}

    assert wanted - rows - _marked() == set()


def test_rows_stand_in_the_file_of_their_section() -> None:
    strays = [
        row.name
        for section in SECTIONS
        for row in section.ROWS
        if row.id[0].lower() != section.__name__.rpartition(".")[2][0]
    ]

    assert strays == []


def _marked() -> set[str]:
    """The lines that the marks of tests name; a kill in mid-request is a fault."""
    files = (*HERE.glob("test_*.py"), *HERE.parent.glob("fault/test_*.py"))
    marks = [re.findall(r"mark\.line\(([^)]*)\)", file.read_text()) for file in files]
    return {name for found in marks for text in found for name in re.findall(r"[A-Z]\d\d", text)}
