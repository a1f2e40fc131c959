"""Writes the timers of calls and legs, in the transactions of what they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from openrooms.calling import timer_store
from openrooms.calling.served import Served
from openrooms.calling.timing import (
    OF_A_CALL,
    OF_A_LEG,
    OF_AN_END,
    RINGING,
    TOKEN_GRACE,
    Now,
    Terms,
    What,
    is_over,
    plan_end,
)
from openrooms.kernel.clock import Clock
from openrooms.rooms.model import Room
from openrooms.rooms.settings.model import RoomSettings
from openrooms.storage.database import Connection


class Plan(NamedTuple):
    """The timers by which a call ends with its room's window: as they are, and as they must be."""

    armed: Mapping[What, datetime]
    wanted: Mapping[What, datetime]
    is_over: bool

    @property
    def told(self) -> datetime | None:
        """The end that everyone has to know of, if there is one."""
        return self.wanted.get(What.ENDING)

    @property
    def is_carried_out(self) -> bool:
        """Whether there is nothing to do now."""
        return not self.is_over and self.armed == self.wanted

    @property
    def is_news(self) -> bool:
        """Whether the others have to be told of the end, or that there is none, now."""
        begins = What.SINCE in self.wanted and What.SINCE not in self.armed
        return begins or self.told != self.armed.get(What.ENDING)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Arms and disarms timers; the caller holds the call."""

    clock: Clock
    served: Served
    terms: Terms

    @property
    def now(self) -> Now:
        return Now(self.clock(), self.served())

    def begin_call(self, connection: Connection, call_id: str) -> None:
        """A call begins: it may last for so long."""
        due = self.served.after(connection, self.terms.longest)
        timer_store.arm(connection, What.LONGEST, call_id, due_at=due)

    def end_call(self, connection: Connection, call_id: str) -> None:
        timer_store.disarm(connection, OF_A_CALL, call_id)

    def has_begun(self, connection: Connection, call_id: str) -> bool:
        """Whether it is known how long the call may last."""
        return bool(timer_store.armed(connection, {What.LONGEST}, call_id))

    def begin_ringing(self, connection: Connection, leg_id: str) -> None:
        due = self.served.after(connection, RINGING)
        timer_store.arm(connection, What.RING, leg_id, due_at=due)

    def begin_leg(self, connection: Connection, leg_id: str, expires_on: datetime) -> None:
        """A leg joins with a token that ends then, or has such a token from now on."""
        timer_store.disarm(connection, {What.LAPSE, What.LAPSED}, leg_id)
        timer_store.arm(connection, What.EXPIRY, leg_id, due_at=expires_on)

    def end_leg(self, connection: Connection, leg_id: str) -> None:
        timer_store.disarm(connection, OF_A_LEG, leg_id)

    def note_lapse(self, connection: Connection, leg_id: str) -> None:
        """The leg's token has ended, if it has: a newer one may come for a while."""
        armed = timer_store.armed(connection, {What.EXPIRY}, leg_id)
        expires_on = armed.get(What.EXPIRY)
        if expires_on is None or expires_on > self.clock():
            return
        due = self.served.after(connection, TOKEN_GRACE)
        timer_store.disarm(connection, {What.EXPIRY}, leg_id)
        timer_store.arm(connection, What.LAPSED, leg_id, due_at=expires_on)
        timer_store.arm(connection, What.LAPSE, leg_id, due_at=due)

    def has_lapsed(self, connection: Connection, leg_id: str) -> bool:
        """Whether the leg has to end for its token. One that is good by the clock is taken back."""
        armed = timer_store.armed(connection, {What.LAPSE, What.LAPSED}, leg_id)
        due, expires_on = armed.get(What.LAPSE), armed.get(What.LAPSED)
        if due is None or expires_on is None or due > self.served():
            return False
        if expires_on > self.clock():
            self.begin_leg(connection, leg_id, expires_on)
            return False
        return True

    def plan(
        self, connection: Connection, call_id: str, *, room: Room, settings: RoomSettings
    ) -> Plan:
        """How the call ends with its room's window."""
        now, armed = self.now, timer_store.armed(connection, OF_AN_END, call_id)
        ending = self.terms.ending.of_room(settings)
        wanted = plan_end(ending, room.window.valid_until, armed=armed, now=now)
        return Plan(armed, wanted, is_over(wanted, now.served))

    def carry_out(self, connection: Connection, call_id: str, plan: Plan) -> None:
        """Make the timers what the plan wants."""
        if What.SINCE in plan.wanted and What.SINCE not in plan.armed:
            self.served.after(connection, self.terms.ending.grace)
        if gone := plan.armed.keys() - plan.wanted.keys():
            timer_store.disarm(connection, gone, call_id)
        for what, due_at in plan.wanted.items():
            if plan.armed.get(what) != due_at:
                timer_store.arm(connection, what, call_id, due_at=due_at)
