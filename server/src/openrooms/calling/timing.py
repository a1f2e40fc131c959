"""What happens to calls and legs by time alone, and when. Values and rules, no I/O.

Two sorts of time. A moment is one of the clock, such as the end of a room's window: it comes when
the clock says so, however it came to say so. An interval counts seconds in which calls were served
(`served`): neither a clock that is set nor a time in which nobody served brings its end nearer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from openrooms.rooms.settings.model import AtExpiry, RoomSettings

RINGING = timedelta(seconds=120)
# How long a leg is kept whose token has ended, for a newer one to come.
TOKEN_GRACE = timedelta(seconds=60)
# How long before the end of the window everyone is warned, where calls end with it.
NOTICE = timedelta(minutes=5)


class What(StrEnum):
    """A timer, by what happens when it is due; or what one has to remember, which is never due."""

    # Of a leg: it has rung for long enough; its token ends; a newer one has not come.
    RING = "ring"
    EXPIRY = "token"
    LAPSE = "lapse"
    # Of a call: the end of its room's window is near; the window ends; the grace ends; 30 hours.
    WARNING = "warning"
    OVER = "over"
    GRACE = "grace"
    LONGEST = "longest"
    # Remembered of a leg: when the token ended. Of a call: since when the grace runs, and the end
    # that everyone was told. Of all: how long calls were served.
    LAPSED = "lapsed"
    SINCE = "since"
    ENDING = "ending"
    SERVED = "served"


MOMENTS = frozenset({What.EXPIRY, What.WARNING, What.OVER})
INTERVALS = frozenset({What.RING, What.LAPSE, What.GRACE, What.LONGEST})
OF_A_LEG = frozenset({What.RING, What.EXPIRY, What.LAPSE, What.LAPSED})
OF_AN_END = frozenset({What.WARNING, What.OVER, What.GRACE, What.SINCE, What.ENDING})
OF_A_CALL = OF_AN_END | {What.LONGEST}


class Ending(NamedTuple):
    """What becomes of a call when its room's window ends. `grace`: how long it goes on."""

    at_expiry: AtExpiry = AtExpiry.STAY
    grace: timedelta = timedelta()

    def of_room(self, settings: RoomSettings) -> "Ending":
        """The same for a room for which something may be set."""
        own = settings.grace_minutes
        return Ending(
            settings.at_expiry or self.at_expiry,
            self.grace if own is None else timedelta(minutes=own),
        )


class Terms(NamedTuple):
    """What the operator of a server has set. `longest`: how long a call may last."""

    longest: timedelta = timedelta(hours=30)
    ending: Ending = Ending()


DEFAULT_TERMS = Terms()


class Now(NamedTuple):
    """The time: of the clock, and of what was served."""

    clock: datetime
    served: datetime


def plan_end(
    ending: Ending, valid_until: datetime, *, armed: Mapping[What, datetime], now: Now
) -> dict[What, datetime]:
    """The timers that the end of its room's window gives a call, when it has those of `armed`.

    The call is over when its `GRACE` is not later than what was served (`is_over`).
    """
    if ending.at_expiry is AtExpiry.STAY:
        return {}
    if now.clock < valid_until - NOTICE:
        return {What.WARNING: valid_until - NOTICE, What.OVER: valid_until}
    if now.clock < valid_until:
        return {What.OVER: valid_until, What.ENDING: valid_until + ending.grace}
    since = armed.get(What.SINCE, now.served)
    due = since + ending.grace
    # What was told holds for as long as nothing is changed.
    known = armed.get(What.ENDING) if armed.get(What.GRACE) == due else None
    end = known or now.clock + (due - now.served)
    return {What.SINCE: since, What.GRACE: due, What.ENDING: end}


def is_over(timers: Mapping[What, datetime], served: datetime) -> bool:
    """Whether a call with these timers has to end now."""
    grace = timers.get(What.GRACE)
    return grace is not None and grace <= served
