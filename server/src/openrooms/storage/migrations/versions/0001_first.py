"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_issuer()
    _make_resource()
    _make_secret()
    _make_signing_key()
    _make_timer()
    _make_identity()
    _make_repeat()
    _make_room()
    _make_call()
    _make_invitation()
    _make_leg()


def _make_issuer() -> None:
    op.create_table(
        "issuer",
        sa.Column("url", sa.String(length=512), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("url"),
    )


def _make_resource() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("primary_key", sa.LargeBinary(), nullable=False),
        sa.Column("secondary_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )


def _make_secret() -> None:
    op.create_table(
        "secret",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _make_signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("private_key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )


def _make_timer() -> None:
    op.create_table(
        "timer",
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what", "subject"),
    )
    op.create_index("timer_by_due", "timer", ["due_at"], unique=False)


def _make_identity() -> None:
    op.create_table(
        "identity",
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("custom_id", sa.String(length=256), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("last_token_issued_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("resource_id", "user_id"),
    )


def _make_repeat() -> None:
    op.create_table(
        "repeat",
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("request_id", sa.String(length=36), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("location", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("resource_id", "request_id"),
    )
    op.create_index("repeat_by_age", "repeat", ["created_at"], unique=False)


def _make_room() -> None:
    op.create_table(
        "room",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("pstn_dial_out_enabled", sa.Boolean(), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("room_newest_first", "room", ["resource_id", "created_at", "id"], unique=False)


def _make_call() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("group_id", sa.String(length=36), nullable=True),
        sa.Column("server_call_id", sa.String(length=128), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_code", sa.Integer(), nullable=True),
        sa.Column("end_sub_code", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "one_live_call_a_group",
        "call",
        ["resource_id", "group_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND group_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND group_id IS NOT NULL"),
    )
    op.create_index(
        "one_live_call_a_room",
        "call",
        ["room_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND room_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND room_id IS NOT NULL"),
    )


def _make_invitation() -> None:
    op.create_table(
        "invitation",
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_id", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"]),
        sa.PrimaryKeyConstraint("room_id", "raw_id"),
    )


def _make_leg() -> None:
    op.create_table(
        "leg",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("raw_id", sa.String(length=128), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("agent_id", sa.String(length=36), nullable=False),
        sa.Column("join_id", sa.String(length=36), nullable=False),
        sa.Column("ticket_hash", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end_code", sa.Integer(), nullable=True),
        sa.Column("end_sub_code", sa.Integer(), nullable=True),
        sa.Column("end_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("leg_by_agent", "leg", ["agent_id", "ended_at"], unique=False)
    op.create_index("leg_by_call", "leg", ["call_id", "ended_at"], unique=False)
    op.create_index("leg_by_join", "leg", ["raw_id", "agent_id", "join_id"], unique=True)
    op.create_index("leg_by_ticket", "leg", ["ticket_hash"], unique=True)
    op.create_index("leg_by_user", "leg", ["raw_id", "ended_at"], unique=False)
