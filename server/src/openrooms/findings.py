"""What was looked at on a machine, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How serious a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what to do about it when it is not well."""

    state: State
    thing: str
    said: str
    advice: str = ""

    def __str__(self) -> str:
        advice = f" Next: {self.advice}" if self.advice else ""
        return f"{self.state:<4}  {self.thing}: {self.said}.{advice}"


def split(error: Exception) -> tuple[str, str]:
    """What is wrong, and what to do, of a message that says both."""
    said, _, advice = str(error).partition(". ")
    return said.rstrip("."), advice.rstrip(".")
