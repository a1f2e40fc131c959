"""The SQL of the record of calls. Every function takes the connection of a transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from openrooms.calling.capabilities import CallKind
from openrooms.calling.model import EndReason, LegState
from openrooms.calling.records.model import (
    MOST_REFUSALS,
    REFUSALS_IN,
    Anchor,
    KeptCall,
    KeptLeg,
    Page,
    Place,
    Refusal,
    known_reason,
)
from openrooms.rooms.model import Role
from openrooms.storage import numbered
from openrooms.storage.schema import call, leg, member, refusal, ring

CALLS_AT_ONCE, LEGS_AT_ONCE, REFUSALS_AT_ONCE = 50, 500, 500
_ROLES = {role.value: role for role in Role}


def add_refusal(connection: Connection, new: Refusal) -> bool:
    """Keep a refused join; one of too many of its user is counted with the newest that is kept.

    Whether it is kept for itself.
    """
    since = new.refused_at - REFUSALS_IN
    his = refusal.c.raw_id == new.raw_id
    known = numbered.newest_since(
        connection, his, refusal.c.refused_at, since=since, most=MOST_REFUSALS
    )
    if len(known) == MOST_REFUSALS:
        counted = update(refusal).where(refusal.c.number == known[0])
        connection.execute(counted.values(more=refusal.c.more + 1))
        return False
    connection.execute(
        insert(refusal).values(
            resource_id=new.resource_id,
            raw_id=new.raw_id,
            kind=new.place.kind.value,
            place=new.place.id,
            refused_at=new.refused_at,
            code=new.reason.code,
            sub_code=new.reason.sub_code,
            message=new.reason.message,
            more=0,
        )
    )
    return True


def list_calls(
    connection: Connection,
    resource_id: str,
    *,
    room_id: int | None,
    after: Anchor | None,
    size: int,
) -> Page[KeptCall, Anchor]:
    """A page of the calls of a resource, or of one of its rooms, newest first."""
    found = select(call).where(call.c.resource_id == resource_id)
    if room_id is not None:
        found = found.where(call.c.room_id == room_id)
    if after is not None:
        older = and_(call.c.started_at == after.at, call.c.id < after.id)
        found = found.where(call.c.started_at <= after.at)
        found = found.where(or_(call.c.started_at < after.at, older))
    found = found.order_by(call.c.started_at.desc(), call.c.id.desc()).limit(size + 1)
    rows = connection.execute(found).all()
    anchor = Anchor(rows[size - 1].started_at, rows[size - 1].id) if len(rows) > size else None
    return Page(tuple(map(_call, rows[:size])), anchor)


def find_call(connection: Connection, resource_id: str, call_id: str) -> KeptCall | None:
    found = select(call).where(call.c.id == call_id, call.c.resource_id == resource_id)
    row = connection.execute(found).one_or_none()
    return None if row is None else _call(row)


def list_legs(
    connection: Connection, call_id: str, *, after: Anchor | None, size: int
) -> Page[KeptLeg, Anchor]:
    """A page of everyone who was in the call, or rang, in the order of coming."""
    found = select(leg).where(leg.c.call_id == call_id)
    if after is not None:
        later = and_(leg.c.joined_at == after.at, leg.c.id > after.id)
        found = found.where(or_(leg.c.joined_at > after.at, later))
    rows = connection.execute(found.order_by(leg.c.joined_at, leg.c.id).limit(size + 1)).all()
    anchor = Anchor(rows[size - 1].joined_at, rows[size - 1].id) if len(rows) > size else None
    return Page(tuple(map(leg_of_row, rows[:size])), anchor)


def list_refusals(
    connection: Connection, resource_id: str, *, raw_id: str | None, after: int | None, size: int
) -> Page[Refusal, int]:
    """A page of the refused joins of a resource, or of one of its users, newest first."""
    found = select(refusal).where(refusal.c.resource_id == resource_id)
    if raw_id is not None:
        found = found.where(refusal.c.raw_id == raw_id)
    rows, end = numbered.page(connection, refusal, found, after=after, size=size)
    return Page(tuple(map(refusal_of_row, rows)), end)


def drop_refusals(connection: Connection, until: datetime, latest: datetime) -> bool:
    """Drop some refusals from before `until`; whether there may be more.

    The oldest come first; one from later than `latest` goes with them.
    """
    return numbered.drop_oldest(
        connection,
        refusal,
        refusal.c.refused_at,
        until=until,
        latest=latest,
        at_once=REFUSALS_AT_ONCE,
    )


def drop_calls(
    connection: Connection, until: datetime, *, legs_at_once: int = LEGS_AT_ONCE
) -> bool:
    """Drop some calls that ended before `until`, and who was in them; whether there may be more.

    A call with many legs loses them in parts, and goes when it has none: every step is a short one.
    """
    over = select(call.c.id).where(call.c.ended_at < until).order_by(call.c.ended_at)
    calls = list(connection.execute(over.limit(CALLS_AT_ONCE)).scalars())
    if not calls:
        return False
    some = select(leg.c.id).where(leg.c.call_id.in_(calls)).limit(legs_at_once)
    legs = list(connection.execute(some).scalars())
    connection.execute(delete(ring).where(ring.c.leg_id.in_(legs)))
    connection.execute(delete(leg).where(leg.c.id.in_(legs)))
    if len(legs) == legs_at_once:
        return True
    connection.execute(delete(member).where(member.c.call_id.in_(calls)))
    connection.execute(delete(call).where(call.c.id.in_(calls)))
    return len(calls) == CALLS_AT_ONCE


def _call(row: Row[Any]) -> KeptCall:
    return KeptCall(
        id=row.id,
        kind=CallKind(row.kind),
        room_id=row.room_id,
        group_id=row.group_id,
        server_call_id=row.server_call_id,
        started_at=row.started_at,
        ended_at=row.ended_at,
        end=known_reason(row.end_code, row.end_sub_code, row.end_message),
    )


def leg_of_row(row: Row[Any]) -> KeptLeg:
    return KeptLeg(
        id=row.id,
        raw_id=row.raw_id,
        display_name=row.display_name,
        role=_ROLES.get(row.role),
        invited_by=row.invited_by,
        answered=row.state == LegState.JOINED.value,
        connected=row.connected,
        joined_at=row.joined_at,
        ended_at=row.ended_at,
        end=known_reason(row.end_code, row.end_sub_code, row.end_message),
    )


def refusal_of_row(row: Row[Any]) -> Refusal:
    return Refusal(
        resource_id=row.resource_id,
        raw_id=row.raw_id,
        place=Place(CallKind(row.kind), row.place),
        refused_at=row.refused_at,
        reason=EndReason(row.code, row.sub_code, row.message),
        more=row.more,
    )
