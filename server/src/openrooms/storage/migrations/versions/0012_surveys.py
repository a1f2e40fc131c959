"""What people think of their calls is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

OF_CALL = sa.text("call_id IS NOT NULL")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "survey",
        sa.Column("number", number, sa.Identity(), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("raw_id", sa.String(length=128), nullable=False),
        sa.Column("call_id", sa.String(length=36)),
        sa.Column("participant_id", sa.String(length=36)),
        sa.Column("submitted_at", sa.BigInteger(), nullable=False),
        sa.Column("ratings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("raw_id", "id"),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
    )
    op.create_index("survey_newest_first", "survey", ["resource_id", "number"])
    op.create_index("survey_by_user", "survey", ["raw_id", "number"])
    op.create_index(
        "survey_by_call",
        "survey",
        ["call_id", "number"],
        sqlite_where=OF_CALL,
        postgresql_where=OF_CALL,
    )
