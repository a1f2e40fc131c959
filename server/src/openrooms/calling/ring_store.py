"""SQL of legs that ring, nothing else. Every function takes the connection of a transaction."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, update

from openrooms.calling.model import Leg, LegState
from openrooms.calling.store import leg_of_row, next_position, role_text
from openrooms.storage import schema

_leg = schema.leg
_ring = schema.ring
_call = schema.call
_OPEN = _leg.c.ended_at.is_(None)
_RINGING = _OPEN & (_leg.c.state == LegState.RINGING.value)


def open_legs(connection: Connection, call_id: str) -> list[Leg]:
    """Every leg of a call that has not ended: those that have joined, and those that ring."""
    found = select(_leg).where(_leg.c.call_id == call_id, _OPEN)
    rows = connection.execute(found.order_by(_leg.c.position))
    return [leg_of_row(row) for row in rows]


def were_in(connection: Connection, call_id: str) -> set[str]:
    """The raw ids of all who ever were in the call."""
    found = select(_leg.c.raw_id).where(
        _leg.c.call_id == call_id, _leg.c.state == LegState.JOINED.value
    )
    return set(connection.execute(found.distinct()).scalars())


def ringing_legs_of_user(connection: Connection, raw_id: str) -> list[Leg]:
    found = select(_leg).where(_leg.c.raw_id == raw_id, _RINGING)
    return [leg_of_row(row) for row in connection.execute(found.order_by(_leg.c.id))]


def add_rings(connection: Connection, leg_id: str, agent_ids: Iterable[str]) -> None:
    """Note that the leg rings at these agents."""
    known = set(agents_of(connection, leg_id))
    new = [
        {"leg_id": leg_id, "agent_id": agent_id, "declined": False}
        for agent_id in agent_ids
        if agent_id not in known
    ]
    if new:
        connection.execute(insert(_ring), new)


def agents_of(connection: Connection, leg_id: str) -> dict[str, bool]:
    """The agents at which the leg rings, and whether each has declined."""
    rows = connection.execute(select(_ring).where(_ring.c.leg_id == leg_id))
    return {row.agent_id: row.declined for row in rows}


def decline(connection: Connection, leg_id: str, agent_id: str) -> None:
    add_rings(connection, leg_id, [agent_id])
    connection.execute(
        update(_ring)
        .where(_ring.c.leg_id == leg_id, _ring.c.agent_id == agent_id)
        .values(declined=True)
    )


def withdraw(connection: Connection, leg_id: str, agent_id: str) -> None:
    """The leg no longer rings at this agent."""
    connection.execute(delete(_ring).where(_ring.c.leg_id == leg_id, _ring.c.agent_id == agent_id))


def forget(connection: Connection, leg_id: str) -> None:
    """The leg rings no more."""
    connection.execute(delete(_ring).where(_ring.c.leg_id == leg_id))


def take(connection: Connection, taken: Leg, *, join_id: str, ticket_hash: bytes) -> None:
    """A ringing leg is an agent's from now on, and has joined."""
    connection.execute(
        update(_leg)
        .where(_leg.c.id == taken.id, _RINGING)
        .values(
            agent_id=taken.agent_id,
            join_id=join_id,
            ticket_hash=ticket_hash,
            generation=taken.generation,
            display_name=taken.display_name,
            role=role_text(taken.role),
            capabilities=taken.capabilities.letters,
            state=LegState.JOINED.value,
            joined_at=taken.joined_at,
            user_agent=taken.user_agent,
            position=next_position(taken.call_id),
            version=_leg.c.version + 1,
        )
    )


def set_many_party(connection: Connection, call_id: str) -> None:
    """Somebody was added: the call is one of two no more, for good."""
    connection.execute(update(_call).where(_call.c.id == call_id).values(two_party=False))
