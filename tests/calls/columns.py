"""The lists that this suite goes by: what a call of each kind can do, and what happens when.

`COLUMNS` has for each capability whether a call between people, a group call and a call in a room
have it: yes, no, by the role, or without meaning. `RULES` are the cases of calls in rooms.
"""

from collections.abc import Mapping
from enum import StrEnum


class Kind(StrEnum):
    """The kinds of calls, in the order of the columns."""

    DIRECT = "direct"
    GROUP = "group"
    ROOM = "room"


class Cell(StrEnum):
    """What a kind of call has of a capability."""

    YES = "Y"
    NO = "N"
    ROLE = "R"
    NOTHING = "-"


_TABLE = """
C-01 Y--  C-02 -Y-  C-03 Y-N  C-04 -YY  C-05 YYN  C-06 YYR  C-07 YYR  C-08 YYR  C-09 YYY  C-10 YYY
C-11 YYY  C-12 YYR  C-13 YYY  C-14 YYY  C-15 YYY  C-16 YYY  C-17 YYR  C-18 YYR  C-19 YYR  C-20 YYY
C-21 YYY  C-22 YYR  C-23 Y--  C-24 -YY  C-25 Y-N  C-26 -YR  C-27 Y--  C-28 YYR  C-29 YYR  C-30 YYR
C-31 YYR  C-32 YYR  C-33 YYR  C-34 YYR  C-35 YYY  C-36 YYY  C-37 YYY  C-38 YYY  C-39 YYY  C-40 YYY
C-41 YYY  C-42 YYY  C-43 YY-  C-67 YYY  C-68 YYR
"""
_words = _TABLE.split()
COLUMNS: Mapping[str, Mapping[Kind, Cell]] = {
    name: dict(zip(Kind, map(Cell, cells), strict=True))
    for name, cells in zip(_words[::2], _words[1::2], strict=True)
}
RULES = tuple(f"c-{number:02}" for number in range(1, 33))

TELEPHONE = "needs a telephone, and this version has none"
# What cannot be shown, and why.
NOT_HERE: Mapping[str, str] = {
    "C-23": TELEPHONE,
    "C-24": TELEPHONE,
    "C-25": TELEPHONE,
    "C-26": TELEPHONE,
    "C-27": "needs the echo service, a bot that this version does not have",
    "c-06": "needs somebody who is no user of ours, such as one of Teams; no token of ours is his",
    "c-11": "needs Call Automation, which this version does not have",
    "c-15": "is no call: `tests/conformance/test_life.py` follows a room to the end of its grace",
    "c-27": TELEPHONE,
    "c-28": TELEPHONE,
    "c-29": TELEPHONE,
}


def cells_to_show() -> set[tuple[str, Kind]]:
    """Every cell that has a meaning and can be shown."""
    return {
        (name, kind)
        for name, cells in COLUMNS.items()
        for kind, cell in cells.items()
        if cell is not Cell.NOTHING and name not in NOT_HERE
    }
