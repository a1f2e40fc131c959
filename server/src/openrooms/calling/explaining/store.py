"""The SQL of explanations: who was where at a moment that is past.

Whoever came or went at the very moment came or went behind it: a join then still saw him as before. A
roster that was changed at that moment was changed before.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from openrooms.calling.model import LastStay, LegState
from openrooms.calling.records.model import KeptLeg, Refusal
from openrooms.calling.records.store import leg_of_row, refusal_of_row
from openrooms.rooms.happenings import ROSTER_CHANGED, ordering_key
from openrooms.storage.schema import call, event, leg, refusal

MOST = 20


def call_at(connection: Connection, room_id: int, at: datetime) -> str | None:
    """The call that had begun in the room before `at`, and went on then."""
    found = select(call.c.id).where(
        call.c.room_id == room_id,
        call.c.started_at < at,
        or_(call.c.ended_at.is_(None), call.c.ended_at >= at),
    )
    found = found.order_by(call.c.started_at.desc()).limit(1)
    return connection.execute(found).scalar_one_or_none()


def count_legs(
    connection: Connection, call_id: str, at: datetime, *, raw_id: str | None = None
) -> int:
    """How many legs a call had then, of all or of one user."""
    found = select(func.count()).select_from(leg)
    found = found.where(leg.c.call_id == call_id, leg.c.joined_at < at)
    found = found.where(or_(leg.c.ended_at.is_(None), leg.c.ended_at >= at))
    if raw_id is not None:
        found = found.where(leg.c.raw_id == raw_id)
    return int(connection.execute(found).scalar_one())


def last_stay(
    connection: Connection, call_id: str, raw_id: str, *, at: datetime
) -> LastStay | None:
    """How the user had last been in the call by then; None when he never had."""
    found = select(leg.c.ended_at, leg.c.end_code, leg.c.end_sub_code).where(
        leg.c.call_id == call_id,
        leg.c.raw_id == raw_id,
        leg.c.state == LegState.JOINED.value,
        leg.c.joined_at < at,
    )
    stays = [LastStay(*row) for row in connection.execute(found)]
    if any(one.left_at is None or one.left_at >= at for one in stays):
        return LastStay(None, None, None)
    return max(stays, key=lambda one: one.left_at or at, default=None)


def roster_changes_since(
    connection: Connection, resource_id: str, room_id: int, *, at: datetime
) -> list[str]:
    """What was told of changes of the room's roster after a moment, in their order, as JSON."""
    found = select(event.c.data).where(
        event.c.resource_id == resource_id,
        event.c.ordering_key == ordering_key(room_id),
        event.c.type == ROSTER_CHANGED,
        event.c.happened_at > at,
    )
    return list(connection.execute(found.order_by(event.c.number)).scalars())


def refusals_near(
    connection: Connection, raw_id: str, place: str, *, at: datetime, within: timedelta
) -> list[Refusal]:
    """Joins of the user to the place that were refused around then, the oldest first."""
    found = select(refusal).where(
        refusal.c.raw_id == raw_id,
        refusal.c.place == place,
        refusal.c.refused_at >= at - within,
        refusal.c.refused_at <= at + within,
    )
    found = found.order_by(refusal.c.number.desc()).limit(MOST)
    return [refusal_of_row(row) for row in reversed(connection.execute(found).all())]


def stays_near(
    connection: Connection, raw_id: str, room_id: int, *, at: datetime, within: timedelta
) -> list[KeptLeg]:
    """The user's legs in the room's calls around then, in the order of coming."""
    found = select(leg).join(call, call.c.id == leg.c.call_id)
    found = found.where(leg.c.raw_id == raw_id, call.c.room_id == room_id)
    found = found.where(leg.c.joined_at <= at + within)
    found = found.where(or_(leg.c.ended_at.is_(None), leg.c.ended_at >= at - within))
    found = found.order_by(leg.c.joined_at.desc(), leg.c.id).limit(MOST)
    return [leg_of_row(row) for row in reversed(connection.execute(found).all())]
