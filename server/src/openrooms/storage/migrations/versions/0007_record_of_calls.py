"""The record of calls: why each ended, joins that were refused, and the ways to find both.

A call that ended before has no words for its end.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ENDED = sa.text("ended_at IS NOT NULL")
OF_ROOM = sa.text("room_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("call", sa.Column("end_message", sa.Text()))
    op.create_index("call_newest_first", "call", ["resource_id", "started_at", "id"])
    op.create_index(
        "call_by_room",
        "call",
        ["room_id", "started_at", "id"],
        sqlite_where=OF_ROOM,
        postgresql_where=OF_ROOM,
    )
    op.create_index("call_by_end", "call", ["ended_at"], sqlite_where=ENDED, postgresql_where=ENDED)
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "refusal",
        sa.Column("number", number, sa.Identity(), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("raw_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("place", sa.String(length=36), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("sub_code", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("more", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
    )
    op.create_index("refusal_newest_first", "refusal", ["resource_id", "number"])
    op.create_index("refusal_by_user", "refusal", ["raw_id", "number"])
