"""The two access keys of a resource, by name: one signs while the other is replaced."""

from enum import StrEnum


class WhichKey(StrEnum):
    """One of the two access keys of a resource."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
