"""What else ends when a leg ends: who is alone, and for whom nobody rings any more. No I/O."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import (
    CANCELLED,
    NEVER_CONNECTED,
    OTHER_LEFT,
    OTHER_NEVER_CAME,
    VANISHED,
    Call,
    EndReason,
    Leg,
    LegState,
)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a call after a leg has ended for the reason `last`.

    `legs`: those that have not ended. `were_in`: raw ids of all who ever were in the call.
    """

    call: Call
    legs: Sequence[Leg]
    were_in: AbstractSet[str]
    last: EndReason


def fallout(rest: Rest) -> list[tuple[Leg, EndReason]]:
    """The legs that have to end, too, each with its reason."""
    joined = [leg for leg in rest.legs if leg.state is LegState.JOINED]
    if not joined:
        return [(leg, CANCELLED) for leg in rest.legs]
    users = {leg.raw_id for leg in rest.legs}
    if rest.call.kind is not CallKind.DIRECT or len(users) > 1:
        return []
    if rest.call.two_party:
        return [(leg, _from_other_side(rest.last)) for leg in joined]
    # One of many: he stays, unless nobody ever answered him.
    return [] if rest.were_in - users else [(leg, rest.last) for leg in joined]


def _from_other_side(reason: EndReason) -> EndReason:
    """How a call of two ends for one when it ended for the other."""
    if reason == NEVER_CONNECTED:
        return OTHER_NEVER_CAME
    if reason.code in _NOT_ANSWERED or reason == VANISHED:
        return reason
    return VANISHED if reason.code == _LOST else OTHER_LEFT


_NOT_ANSWERED = frozenset({480, 487, 603})
_LOST = 410
