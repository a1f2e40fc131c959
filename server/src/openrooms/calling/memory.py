"""The live legs as the gate looks at them: in the database, or for a minute without it.

While the database is away, who is in a call may open his media again. What he may do is what was
seen of his leg last, by the gate or the reconciler, and that holds for a minute. Whatever this
process decides about a leg is known here right after its commit; a leg that was never seen, or that
has ended, opens nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from openrooms.calling.consequences import Consequence
from openrooms.calling.errors import LegOver
from openrooms.calling.joining import ticket_hash
from openrooms.calling.model import Leg
from openrooms.kernel.clock import Monotonic
from openrooms.storage.errors import DatabaseAway

REMEMBERED_SECONDS = 60.0


class Looks(Protocol):
    """How legs are looked at in the database."""

    @property
    def database_is_away(self) -> bool: ...
    async def leg_of_ticket(self, ticket: str) -> Leg: ...
    async def leg(self, leg_id: str) -> Leg | None: ...


@dataclass(slots=True)
class _Seen:
    """A leg as it was at a moment; `ticket` is the hash of the one that opened it last."""

    leg: Leg
    at: float
    ticket: bytes


class LegMemory:
    """Looks at legs, and remembers what it saw."""

    def __init__(self, calls: Looks, monotonic: Monotonic) -> None:
        self._calls = calls
        self._monotonic = monotonic
        self._seen: dict[str, _Seen] = {}
        self._by_ticket: dict[bytes, str] = {}

    async def of_ticket(self, ticket: str) -> Leg:
        """The live leg that a ticket opens. Raises `SignedOut`, `LegOver` or `DatabaseAway`."""
        opened = ticket_hash(ticket)
        try:
            leg = await self._calls.leg_of_ticket(ticket)
        except DatabaseAway:
            known = self._recall(self._by_ticket.get(opened, ""))
            if known is None or not self._calls.database_is_away:
                raise
            if known.end is not None:
                raise LegOver(known.end.code, known.end.sub_code, known.end.message) from None
            return known
        self._begin(leg, opened)
        return leg

    async def leg(self, leg_id: str) -> Leg | None:
        try:
            leg = await self._calls.leg(leg_id)
        except DatabaseAway:
            leg = self._recall(leg_id)
            if leg is None or not self._calls.database_is_away:
                raise
            return leg
        if leg is not None:
            self._see(leg)
        return leg

    def confirm(self, legs: Iterable[Leg]) -> None:
        """These legs were just read from the database; what is long unseen is forgotten."""
        for leg in legs:
            self._see(leg)
        for leg_id in [one for one in self._seen if self._recall(one) is None]:
            self._by_ticket.pop(self._seen.pop(leg_id).ticket, None)

    def follow(self, consequences: Sequence[Consequence]) -> None:
        """What was decided here, in the order of the commits."""
        for consequence in consequences:
            leg = getattr(consequence, "leg", None)
            if isinstance(leg, Leg):
                self._see(leg)

    def _begin(self, leg: Leg, ticket: bytes) -> None:
        seen = self._seen.get(leg.id)
        if seen is None:
            seen = self._seen[leg.id] = _Seen(leg, self._monotonic(), ticket)
        self._see(leg)
        # A leg has one ticket; an older one is worth nothing.
        self._by_ticket.pop(seen.ticket, None)
        seen.ticket = ticket
        self._by_ticket[ticket] = leg.id

    def _see(self, leg: Leg) -> None:
        seen = self._seen.get(leg.id)
        # A look that began before a change may come back after it.
        if seen is not None and leg.version >= seen.leg.version:
            seen.leg, seen.at = leg, self._monotonic()

    def _recall(self, leg_id: str) -> Leg | None:
        seen = self._seen.get(leg_id)
        if seen is None or self._monotonic() - seen.at > REMEMBERED_SECONDS:
            return None
        return seen.leg
