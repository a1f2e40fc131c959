"""What became of the promises that a server made before it was killed."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Verdict:
    """What became of the promises."""

    promised: int = 0
    lost: list[str] = field(default_factory=list)
    half_made: list[str] = field(default_factory=list)
    # Asked for without an answer, and asked for again.
    repeated: int = 0
    twice: list[str] = field(default_factory=list)
