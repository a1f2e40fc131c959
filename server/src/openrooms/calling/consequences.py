"""What follows from a change that is committed. Values, and who acts on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from openrooms.calling.model import Call, EndReason, Leg


@dataclass(frozen=True, slots=True)
class LegEnded:
    """A leg has ended: its client is told, the engine puts it out, its sockets are cut."""

    leg: Leg
    reason: EndReason


@dataclass(frozen=True, slots=True)
class RoleChanged:
    """A leg has a new role: its client is told, the engine has to allow just that."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class LegChanged:
    """A leg holds, goes on, or has another name: the engine and the others have to know."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class FeaturesChanged:
    """Hands, spotlights or media access of a call are others: everyone in it is told."""

    call_id: str


@dataclass(frozen=True, slots=True)
class LegRings:
    """A leg rings: every agent of its user is told who calls."""

    leg: Leg
    call: Call
    caller_name: str


@dataclass(frozen=True, slots=True)
class LegAccepted:
    """One agent has taken a leg that rang: the others are told that they need not."""

    leg: Leg


@dataclass(frozen=True, slots=True)
class CallEnding:
    """Everyone is told when the call will end; None: that it will not, as it looks now."""

    call_id: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The last leg is gone: the engine's room has to go, too."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TokensRevoked:
    """A user's tokens are void: his agents are signed out."""

    raw_id: str


Consequence: TypeAlias = (
    LegEnded
    | LegRings
    | LegAccepted
    | RoleChanged
    | LegChanged
    | FeaturesChanged
    | CallEnding
    | CallEnded
    | TokensRevoked
)


class Follower(Protocol):
    """Acts on what was decided. Called in the order of the commits; each may come twice."""

    def follow(self, consequences: Sequence[Consequence]) -> None: ...
