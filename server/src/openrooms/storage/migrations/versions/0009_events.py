"""Events of calls and rooms, and the webhooks that they are sent to.

Of a call that began before, events do not say who began it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COUNTED = sa.text("sequence IS NOT NULL")
TO_COUNT = sa.text("sequence IS NULL")
DUE = sa.text("due_at IS NOT NULL")
DEAD = sa.text("dead_at IS NOT NULL")
ALIVE = sa.text("dead_at IS NULL")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("call", sa.Column("started_by", sa.String(length=128)))
    op.add_column("call", sa.Column("started_role", sa.String(length=16)))
    _make_events()
    _make_webhooks()


def _make_events() -> None:
    op.create_table(
        "event",
        sa.Column("number", NUMBER, sa.Identity(), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("sequence", sa.BigInteger()),
        sa.Column("ordering_key", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("happened_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
    )
    op.create_index(
        "event_by_sequence",
        "event",
        ["resource_id", "sequence"],
        unique=True,
        sqlite_where=COUNTED,
        postgresql_where=COUNTED,
    )
    op.create_index(
        "event_to_count",
        "event",
        ["resource_id", "number"],
        sqlite_where=TO_COUNT,
        postgresql_where=TO_COUNT,
    )
    op.create_table(
        "event_count",
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("resource_id"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
    )


def _make_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("types", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
    )
    op.create_index("webhook_by_resource", "webhook", ["resource_id"])
    op.create_table(
        "delivery",
        sa.Column("event_number", NUMBER, nullable=False),
        sa.Column("webhook_id", sa.String(length=36), nullable=False),
        sa.Column("ordering_key", sa.String(length=64), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("unreached", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.String(length=200)),
        sa.Column("dead_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("event_number", "webhook_id"),
        sa.ForeignKeyConstraint(["event_number"], ["event.number"]),
        sqlite_with_rowid=False,
    )
    for name, columns, some in (
        ("delivery_by_due", ["webhook_id", "due_at"], DUE),
        ("delivery_in_line", ["webhook_id", "ordering_key", "event_number"], ALIVE),
        ("delivery_dead", ["webhook_id", "event_number"], DEAD),
    ):
        op.create_index(name, "delivery", columns, sqlite_where=some, postgresql_where=some)
