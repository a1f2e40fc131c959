"""The hidden room: where the server has a call with itself, to see whether people could.

It is in no database, so no list, record, event, quota or answer ever tells of it, and nobody's call
counts it. Its two legs live for one probe; the gate finds them here by their tickets, like all others
in the database, and nobody else gets any. The engine's room outlives them by seconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from openrooms.calling.capabilities import CallKind, Standing, decide
from openrooms.calling.joining import ticket_hash
from openrooms.calling.memory import Looks
from openrooms.calling.model import Leg
from openrooms.kernel import ids

PREFIX = "probe-"
# What is said of nobody's join.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tickets(NamedTuple):
    """What opens the gate for one probe."""

    speaker: str
    listener: str


@dataclass(slots=True)
class HiddenRoom:
    """Knows its own legs, and asks for all others where they are. `room` names it at the engine."""

    calls: Looks
    room: str
    _by_ticket: dict[bytes, Leg]

    def open(self) -> Tickets:
        """Two legs that may come in from now on. Those of before may not."""
        tickets = Tickets(ids.new_secret(), ids.new_secret())
        self._by_ticket = {ticket_hash(one): self._leg() for one in tickets}
        return tickets

    def close(self) -> None:
        """Nobody may come in any more."""
        self._by_ticket = {}

    @property
    def database_is_away(self) -> bool:
        return self.calls.database_is_away

    async def leg_of_ticket(self, ticket: str) -> Leg:
        leg = self._by_ticket.get(ticket_hash(ticket))
        return await self.calls.leg_of_ticket(ticket) if leg is None else leg

    async def leg(self, leg_id: str) -> Leg | None:
        for leg in self._by_ticket.values():
            if leg.id == leg_id:
                return leg
        return await self.calls.leg(leg_id)

    def _leg(self) -> Leg:
        return Leg(
            id=ids.new_guid(),
            call_id=self.room,
            resource_id="",
            # Always the same: of users much is remembered.
            raw_id=self.room,
            generation=0,
            display_name="",
            role=None,
            agent_id="",
            version=1,
            connected=False,
            joined_at=_EPOCH,
            capabilities=decide(Standing(CallKind.GROUP)),
        )


def hidden_room(calls: Looks) -> HiddenRoom:
    """The one of this process."""
    return HiddenRoom(calls, f"{PREFIX}{ids.new_guid()}", {})
