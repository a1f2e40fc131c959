"""Brings the live legs of a call in line with what they stand on, inside a transaction.

The caller has locked the room. What is read here is the same that the decision about a join reads.
"""

from dataclasses import dataclass, replace

from openrooms.calling import store
from openrooms.calling.consequences import CallEnded, Consequence, LegEnded, RoleChanged
from openrooms.calling.model import Call, EndReason, Ground, Leg, fall
from openrooms.identity.service import Identities
from openrooms.kernel.clock import Clock
from openrooms.kernel.identifiers import parse_user
from openrooms.rooms.model import Role
from openrooms.rooms.service import Rooms
from openrooms.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Settling:
    """Ends and changes legs."""

    clock: Clock
    rooms: Rooms
    identities: Identities

    def settle(self, connection: Connection, call: Call) -> list[Consequence]:
        """End every live leg that no longer stands, and give the others their role of now."""
        legs = store.live_legs(connection, call.id)
        grounds = self._grounds(connection, call, legs)
        settled = [self._settle(connection, leg, grounds[leg.id]) for leg in legs]
        changes = [change for change in settled if change is not None]
        return [*changes, *self.close_if_empty(connection, call.id)]

    def is_settled(self, connection: Connection, call: Call) -> bool:
        """Whether there is nothing to settle."""
        legs = store.live_legs(connection, call.id)
        grounds = self._grounds(connection, call, legs)
        return bool(legs) and all(
            fall(grounds[leg.id]) is None and grounds[leg.id].role is leg.role for leg in legs
        )

    def end(self, connection: Connection, leg: Leg, reason: EndReason) -> LegEnded:
        store.end_leg(connection, leg.id, reason, at=self.clock())
        return LegEnded(replace(leg, end=reason, version=leg.version + 1), reason)

    def close_if_empty(self, connection: Connection, call_id: str) -> list[Consequence]:
        """End the call when its last leg is gone."""
        if store.count_live_legs(connection, call_id):
            return []
        return [CallEnded(call_id)] if store.end_call(connection, call_id, self.clock()) else []

    def signed_in(self, connection: Connection, leg: Leg) -> bool:
        """Whether the tokens with which the leg came are still good."""
        user = parse_user(leg.raw_id)
        return user is not None and self.identities.stands(connection, user, leg.generation)

    def _settle(self, connection: Connection, leg: Leg, ground: Ground) -> Consequence | None:
        reason = fall(ground)
        if reason is not None:
            return self.end(connection, leg, reason)
        if ground.role is None or ground.role is leg.role:
            return None
        store.change_role(connection, leg.id, ground.role)
        return RoleChanged(replace(leg, role=ground.role, version=leg.version + 1))

    def _grounds(self, connection: Connection, call: Call, legs: list[Leg]) -> dict[str, Ground]:
        """What each leg stands on, in one query for each table."""
        if not legs or call.room_id is None:
            return {}
        exists = self.rooms.find(connection, call.room_id, call.resource_id) is not None
        roles: dict[str, Role] = self.rooms.roles(connection, call.room_id)
        users = {leg.id: user.user for leg in legs if (user := parse_user(leg.raw_id)) is not None}
        good = self.identities.generations(connection, call.resource_id, [*set(users.values())])
        return {
            leg.id: Ground(
                room_exists=exists,
                role=roles.get(leg.raw_id),
                signed_in=good.get(users.get(leg.id, "")) == leg.generation,
            )
            for leg in legs
        }
