"""What one client knows of its own legs, and what it has yet to hear of them.

A leg is expected from the commit of its join (or from the read of a resume), and open once the
client is given it. Whatever happens to it in between is remembered, so that the client is never
given a leg that is over, nor a role that is no more.
"""

from dataclasses import dataclass, replace

from openrooms.calling.model import EndReason, Leg

# Ends that arrived before their legs; a client has a handful of legs.
MOST_EARLY_ENDS = 64


@dataclass(slots=True)
class Own:
    """One leg. `end`: it ended before the client was given it."""

    leg: Leg
    is_open: bool = False
    end: EndReason | None = None


class OwnLegs:
    """The legs of one agent's connection."""

    def __init__(self) -> None:
        self._legs: dict[str, Own] = {}
        self._early: dict[str, EndReason] = {}

    def is_in(self, call_id: str) -> bool:
        return any(own.is_open and own.leg.call_id == call_id for own in self._legs.values())

    def leg_in(self, call_id: str) -> Leg | None:
        """The client's leg in a call, as it last heard of it."""
        mine = (own.leg for own in self._legs.values() if own.is_open)
        return next((leg for leg in mine if leg.call_id == call_id), None)

    def told(self, leg_id: str) -> Leg | None:
        """The leg as the client last heard of it."""
        own = self._legs.get(leg_id)
        return None if own is None else own.leg

    def ids(self) -> list[str]:
        return list(self._legs)

    def expect(self, leg: Leg) -> None:
        """A leg that the client will be given; the newer version of it counts."""
        own = self._legs.get(leg.id)
        if own is None:
            self._legs[leg.id] = Own(leg, end=self._early.pop(leg.id, None))
        elif own.leg.version < leg.version:
            own.leg = leg

    def open(self, leg_id: str) -> Own:
        """Give the leg to the client, as it is now; one with an `end` is forgotten instead."""
        own = self._legs[leg_id]
        own.is_open = own.end is None
        if own.end is not None:
            del self._legs[leg_id]
        return own

    def change_role(self, leg: Leg) -> Leg | None:
        """Note a newer role. The leg as it was when the client knows it, and has to be told."""
        own = self._legs.get(leg.id)
        if own is None or own.leg.version >= leg.version:
            return None
        before = own.leg
        own.leg = replace(leg, connected=before.connected)
        same = (before.role, before.capabilities) == (leg.role, leg.capabilities)
        return before if own.is_open and not same else None

    def end(self, leg_id: str, reason: EndReason) -> bool:
        """Note an end. True when the client knows the leg, and has to be told."""
        own = self._legs.get(leg_id)
        if own is None:
            if len(self._early) < MOST_EARLY_ENDS:
                self._early[leg_id] = reason
            return False
        if not own.is_open:
            own.end = reason
            return False
        del self._legs[leg_id]
        return True

    def forget(self, leg_id: str) -> None:
        self._legs.pop(leg_id, None)
