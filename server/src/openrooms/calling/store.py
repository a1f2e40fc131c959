"""SQL of calls and legs, nothing else. Every function takes the connection of a transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    ScalarSelect,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from openrooms.calling.capabilities import CallKind, Capabilities
from openrooms.calling.model import Call, EndReason, LastStay, Leg, LegState, Member, Place
from openrooms.rooms.model import Role
from openrooms.storage import schema
from openrooms.storage.locks import lock_call

_call = schema.call
_leg = schema.leg
_member = schema.member
_RUNNING = _call.c.ended_at.is_(None)
# A live leg has joined; one that rings is open, too, and holds a seat.
_OPEN = _leg.c.ended_at.is_(None)
_LIVE = _OPEN & (_leg.c.state == LegState.JOINED.value)
# The same table under another name, for statements that write to it; one of them for good, since making one is dear.
_earlier = _leg.alias()
_NO_ROLE = "Unknown"
# Both databases say this in the same words; SQLAlchemy has them for each apart only.
_OPEN_GROUP = text(
    "INSERT INTO call"
    " (id, resource_id, kind, room_id, group_id, server_call_id, started_at, two_party,"
    " started_by, started_role)"
    " VALUES (:id, :resource_id, :kind, :room_id, :group_id, :server_call_id, :started_at,"
    " :two_party, :started_by, :started_role) ON CONFLICT DO NOTHING"
).bindparams(
    bindparam("started_at", type_=_call.c.started_at.type),
    bindparam("two_party", type_=_call.c.two_party.type),
    bindparam("room_id", type_=_call.c.room_id.type),
)


def _to_call(row: Row[Any]) -> Call:
    return Call(
        id=row.id,
        resource_id=row.resource_id,
        kind=CallKind(row.kind),
        server_call_id=row.server_call_id,
        started_at=row.started_at,
        room_id=row.room_id,
        group_id=row.group_id,
        two_party=row.two_party,
        attendees_audio=row.attendees_audio,
        attendees_video=row.attendees_video,
        started_by=row.started_by,
        started_role=None if row.started_role is None else Role(row.started_role),
        custom_context=row.custom_context,
    )


def leg_of_row(row: Row[Any]) -> Leg:
    end = None
    if row.ended_at is not None:
        end = EndReason(row.end_code, row.end_sub_code, row.end_message)
    return Leg(
        id=row.id,
        call_id=row.call_id,
        resource_id=row.resource_id,
        raw_id=row.raw_id,
        generation=row.generation,
        display_name=row.display_name,
        role=None if row.role == _NO_ROLE else Role(row.role),
        agent_id=row.agent_id,
        version=row.version,
        connected=row.connected,
        joined_at=row.joined_at,
        capabilities=Capabilities(row.capabilities),
        state=LegState(row.state),
        on_hold=row.on_hold,
        invited_by=row.invited_by,
        end=end,
        user_agent=row.user_agent,
    )


def live_call_of_room(connection: Connection, room_id: int) -> Call | None:
    found = select(_call).where(_call.c.room_id == room_id, _RUNNING)
    row = connection.execute(found).one_or_none()
    return None if row is None else _to_call(row)


def hold_group(connection: Connection, new: Call) -> tuple[Call, bool]:
    """The live call of a group id, locked; `new` when there is none. The flag: it was there before."""
    while True:
        found = select(_call).where(
            _call.c.resource_id == new.resource_id, _call.c.group_id == new.group_id, _RUNNING
        )
        row = connection.execute(found.with_for_update()).one_or_none()
        if row is not None:
            return _to_call(row), row.id != new.id
        # Another process may open it at the same moment, or have just ended the one it waited for.
        connection.execute(_OPEN_GROUP, _row_of_call(new))


def hold(connection: Connection, call_id: str) -> None:
    """Hold a group or direct call until the transaction ends."""
    lock_call(connection, call_id)


def call(connection: Connection, call_id: str) -> Call | None:
    row = connection.execute(select(_call).where(_call.c.id == call_id)).one_or_none()
    return None if row is None else _to_call(row)


def is_live(connection: Connection, call_id: str) -> bool:
    found = select(_call.c.id).where(_call.c.id == call_id, _RUNNING)
    return connection.execute(found).first() is not None


def live_calls(connection: Connection) -> list[Call]:
    rows = connection.execute(select(_call).where(_RUNNING))
    return [_to_call(row) for row in rows]


def add_call(connection: Connection, new: Call) -> None:
    values = _row_of_call(new) | {"custom_context": new.custom_context}
    connection.execute(insert(_call).values(values))


def _row_of_call(new: Call) -> dict[str, object]:
    return {
        "id": new.id,
        "resource_id": new.resource_id,
        "kind": new.kind.value,
        "room_id": new.room_id,
        "group_id": new.group_id,
        "server_call_id": new.server_call_id,
        "started_at": new.started_at,
        "two_party": new.two_party,
        "started_by": new.started_by,
        "started_role": None if new.started_role is None else new.started_role.value,
    }


def end_call(connection: Connection, call_id: str, reason: EndReason, *, at: datetime) -> bool:
    """End a live call; False when it was over already."""
    ended = connection.execute(
        update(_call)
        .where(_call.c.id == call_id, _RUNNING)
        .values(
            ended_at=at,
            end_code=reason.code,
            end_sub_code=reason.sub_code,
            end_message=reason.message,
            custom_context=None,
        )
    )
    return ended.rowcount > 0


def drop_call(connection: Connection, call_id: str) -> None:
    """Take back a call that nobody came into."""
    connection.execute(delete(_call).where(_call.c.id == call_id))


def add_leg(connection: Connection, new: Leg, *, join_id: str, ticket_hash: bytes) -> None:
    connection.execute(
        insert(_leg).values(
            id=new.id,
            call_id=new.call_id,
            resource_id=new.resource_id,
            raw_id=new.raw_id,
            generation=new.generation,
            display_name=new.display_name,
            role=role_text(new.role),
            agent_id=new.agent_id,
            join_id=join_id,
            ticket_hash=ticket_hash,
            version=new.version,
            connected=new.connected,
            joined_at=new.joined_at,
            state=new.state.value,
            capabilities=new.capabilities.letters,
            invited_by=new.invited_by,
            position=next_position(new.call_id),
            user_agent=new.user_agent,
        )
    )


def next_position(call_id: str) -> ScalarSelect[int]:
    """The place behind all who are in the call now. Whoever joins holds the call's lock."""
    last = select(func.coalesce(func.max(_earlier.c.position), 0) + 1)
    return last.where(
        _earlier.c.call_id == call_id, _earlier.c.ended_at.is_(None)
    ).scalar_subquery()


def leg(connection: Connection, leg_id: str) -> Leg | None:
    row = connection.execute(select(_leg).where(_leg.c.id == leg_id)).one_or_none()
    return None if row is None else leg_of_row(row)


def leg_of_ticket(connection: Connection, ticket_hash: bytes) -> Leg | None:
    row = connection.execute(select(_leg).where(_leg.c.ticket_hash == ticket_hash)).one_or_none()
    return None if row is None else leg_of_row(row)


def leg_of_join(connection: Connection, raw_id: str, *, agent_id: str, join_id: str) -> Leg | None:
    found = select(_leg).where(
        _leg.c.raw_id == raw_id, _leg.c.agent_id == agent_id, _leg.c.join_id == join_id
    )
    row = connection.execute(found).one_or_none()
    return None if row is None else leg_of_row(row)


def live_legs(connection: Connection, call_id: str) -> list[Leg]:
    """Every live leg of a call, in the order of joining."""
    found = select(_leg).where(_leg.c.call_id == call_id, _LIVE).order_by(_leg.c.position)
    return [leg_of_row(row) for row in connection.execute(found)]


def places(connection: Connection, call_id: str) -> list[Place]:
    """Where those are reached who are connected in a call: whose media has been up."""
    found = select(_leg.c.id, _leg.c.raw_id, _leg.c.agent_id).where(
        _leg.c.call_id == call_id, _LIVE, _leg.c.connected
    )
    return [Place(*row) for row in connection.execute(found)]


def count_live_legs(connection: Connection, call_id: str) -> int:
    counted = select(func.count()).select_from(_leg).where(_leg.c.call_id == call_id, _LIVE)
    return int(connection.execute(counted).scalar_one())


def count_seats(connection: Connection, call_id: str) -> int:
    """How many seats are taken: by live legs, and by those that ring."""
    counted = select(func.count()).select_from(_leg).where(_leg.c.call_id == call_id, _OPEN)
    return int(connection.execute(counted).scalar_one())


def all_live_legs(connection: Connection) -> list[Leg]:
    return [leg_of_row(row) for row in connection.execute(select(_leg).where(_LIVE))]


def live_legs_of_user(connection: Connection, raw_id: str) -> list[Leg]:
    found = select(_leg).where(_leg.c.raw_id == raw_id, _LIVE)
    return [leg_of_row(row) for row in connection.execute(found)]


def live_legs_of_user_in(connection: Connection, call_id: str, raw_id: str) -> list[Leg]:
    """The user's live legs in one call, the oldest first."""
    found = select(_leg).where(_leg.c.call_id == call_id, _leg.c.raw_id == raw_id, _LIVE)
    rows = connection.execute(found.order_by(_leg.c.position))
    return [leg_of_row(row) for row in rows]


def last_stay(connection: Connection, call_id: str, raw_id: str) -> LastStay | None:
    """How the user was last in the call; None when he never was."""
    found = (
        select(_leg.c.ended_at, _leg.c.end_code, _leg.c.end_sub_code)
        .where(
            _leg.c.call_id == call_id,
            _leg.c.raw_id == raw_id,
            _leg.c.state == LegState.JOINED.value,
        )
        .order_by(_leg.c.ended_at.is_(None).desc(), _leg.c.ended_at.desc())
        .limit(1)
    )
    row = connection.execute(found).one_or_none()
    return None if row is None else LastStay(*row)


def live_legs_of_agent(connection: Connection, agent_id: str, raw_id: str) -> list[Leg]:
    found = select(_leg).where(_leg.c.agent_id == agent_id, _leg.c.raw_id == raw_id, _LIVE)
    return [leg_of_row(row) for row in connection.execute(found)]


def legs_of_agent(
    connection: Connection, agent_id: str, raw_id: str, *, ended_since: datetime
) -> list[Leg]:
    """The agent's live legs, and those that ended lately."""
    found = select(_leg).where(
        _leg.c.agent_id == agent_id,
        _leg.c.raw_id == raw_id,
        or_(_LIVE, _leg.c.ended_at >= ended_since),
    )
    return [leg_of_row(row) for row in connection.execute(found)]


def change_ticket(connection: Connection, leg_id: str, ticket_hash: bytes) -> None:
    connection.execute(update(_leg).where(_leg.c.id == leg_id).values(ticket_hash=ticket_hash))


def change_standing(connection: Connection, changed: Leg) -> None:
    """Write the role and the capabilities of a live leg; its version rises."""
    connection.execute(
        update(_leg)
        .where(_leg.c.id == changed.id, _OPEN)
        .values(
            role=role_text(changed.role),
            capabilities=changed.capabilities.letters,
            version=_leg.c.version + 1,
        )
    )


def role_text(role: Role | None) -> str:
    return _NO_ROLE if role is None else role.value


def set_connected(connection: Connection, leg_id: str) -> None:
    connection.execute(update(_leg).where(_leg.c.id == leg_id, _LIVE).values(connected=True))


def end_leg(connection: Connection, leg_id: str, reason: EndReason, *, at: datetime) -> bool:
    """End a leg; False when it had ended already."""
    ended = connection.execute(
        update(_leg)
        .where(_leg.c.id == leg_id, _OPEN)
        .values(
            ended_at=at,
            end_code=reason.code,
            end_sub_code=reason.sub_code,
            end_message=reason.message,
            version=_leg.c.version + 1,
        )
    )
    return ended.rowcount > 0


def last_to_leave(connection: Connection, call_id: str) -> Leg | None:
    """The leg that left the call last; of several at one moment, one that hung up."""
    found = select(_leg).where(
        _leg.c.call_id == call_id,
        _leg.c.ended_at.is_not(None),
        _leg.c.state == LegState.JOINED.value,
    )
    of_one_moment = (_leg.c.end_sub_code, _leg.c.end_code, _leg.c.id)
    found = found.order_by(_leg.c.ended_at.desc(), *of_one_moment).limit(1)
    row = connection.execute(found).one_or_none()
    return None if row is None else leg_of_row(row)


def members(connection: Connection, call_id: str) -> dict[str, Member]:
    """What users have done or were allowed in the call, by raw id; most have done nothing."""
    rows = connection.execute(select(_member).where(_member.c.call_id == call_id))
    return {
        row.raw_id: Member(row.raw_id, row.hand, row.spotlight, row.audio, row.video)
        for row in rows
    }


def forget_members(connection: Connection, call_id: str) -> None:
    connection.execute(delete(_member).where(_member.c.call_id == call_id))
