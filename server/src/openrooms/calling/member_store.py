"""SQL of what users do in a call, and of what its attendees may: hands, spotlights, media access."""

from sqlalchemy import Connection, exists, insert, or_, update

from openrooms.calling.model import LegState, MediaAccess, Member
from openrooms.storage import schema

_call = schema.call
_leg = schema.leg
_member = schema.member


def put(connection: Connection, call_id: str, changed: Member) -> None:
    """Write all of a member. The caller holds the call, so nobody else adds him meanwhile."""
    values = {
        "hand": changed.hand,
        "spotlight": changed.spotlight,
        "audio": changed.audio,
        "video": changed.video,
    }
    his = update(_member).where(_member.c.call_id == call_id, _member.c.raw_id == changed.raw_id)
    if connection.execute(his.values(**values)).rowcount == 0:
        connection.execute(insert(_member).values(call_id=call_id, raw_id=changed.raw_id, **values))


def step_back(connection: Connection, call_id: str, raw_id: str) -> None:
    """Lower the hand and end the spotlight of a user who has no live leg in the call any more."""
    there = exists().where(
        _leg.c.call_id == call_id,
        _leg.c.raw_id == raw_id,
        _leg.c.ended_at.is_(None),
        _leg.c.state == LegState.JOINED.value,
    )
    connection.execute(
        update(_member)
        .where(
            _member.c.call_id == call_id,
            _member.c.raw_id == raw_id,
            or_(_member.c.hand.is_not(None), _member.c.spotlight.is_not(None)),
            ~there,
        )
        .values(hand=None, spotlight=None)
    )


def let_attendees(connection: Connection, call_id: str, access: MediaAccess) -> None:
    """What attendees may from now on, whatever single ones were told before; None: as it is."""
    of_call: dict[str, bool] = {}
    of_members: dict[str, None] = {}
    if access.audio is not None:
        of_call["attendees_audio"], of_members["audio"] = access.audio, None
    if access.video is not None:
        of_call["attendees_video"], of_members["video"] = access.video, None
    connection.execute(update(_call).where(_call.c.id == call_id).values(**of_call))
    connection.execute(update(_member).where(_member.c.call_id == call_id).values(**of_members))


def hold(connection: Connection, leg_id: str, *, on_hold: bool) -> None:
    """Note that a live leg holds, or goes on; its version rises."""
    _change_leg(connection, leg_id, on_hold=on_hold)


def rename(connection: Connection, leg_id: str, display_name: str) -> None:
    """Give a live leg another name; its version rises."""
    _change_leg(connection, leg_id, display_name=display_name)


def _change_leg(connection: Connection, leg_id: str, **values: object) -> None:
    connection.execute(
        update(_leg)
        .where(_leg.c.id == leg_id, _leg.c.ended_at.is_(None))
        .values(**values, version=_leg.c.version + 1)
    )
