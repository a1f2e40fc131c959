"""Calls of every kind: who rings, what each member may do and has done, what is set for one room.

A leg that lives now gets its capabilities when the calls are settled at the start.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("room", sa.Column("at_expiry", sa.String(length=4)))
    op.add_column("room", sa.Column("grace_minutes", sa.Integer()))
    op.add_column("room", sa.Column("participant_limit", sa.Integer()))
    op.add_column("invitation", sa.Column("permissions", sa.Text()))
    op.add_column("call", _switch("two_party", sa.false()))
    op.add_column("call", _switch("attendees_audio", sa.true()))
    op.add_column("call", _switch("attendees_video", sa.true()))
    for column in (
        sa.Column("state", sa.String(length=8), nullable=False, server_default="joined"),
        sa.Column("capabilities", sa.String(length=32), nullable=False, server_default=""),
        _switch("on_hold", sa.false()),
        sa.Column("invited_by", sa.String(length=128)),
    ):
        op.add_column("leg", column)
    _make_ring()
    _make_member()


def _switch(name: str, usual: sa.ColumnElement[bool]) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=usual)


def _make_ring() -> None:
    op.create_table(
        "ring",
        sa.Column("leg_id", sa.String(length=36), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("leg_id", "agent_id"),
        sa.ForeignKeyConstraint(["leg_id"], ["leg.id"]),
        sqlite_with_rowid=False,
    )


def _make_member() -> None:
    op.create_table(
        "member",
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("raw_id", sa.String(length=128), nullable=False),
        sa.Column("hand", sa.BigInteger()),
        sa.Column("spotlight", sa.BigInteger()),
        sa.Column("audio", sa.Boolean()),
        sa.Column("video", sa.Boolean()),
        sa.PrimaryKeyConstraint("call_id", "raw_id"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sqlite_with_rowid=False,
    )
