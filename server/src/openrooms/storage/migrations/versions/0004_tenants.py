"""Resources have host names and can be deleted; processes notice what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "host_name",
        sa.Column("name", sa.String(length=253), nullable=False),
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("host_name_by_resource", "host_name", ["resource_id"], unique=False)
    op.create_table(
        "deleted_resource",
        sa.Column("resource_id", sa.String(length=36), nullable=False),
        sa.Column("deleted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["resource_id"], ["resource.id"]),
        sa.PrimaryKeyConstraint("resource_id"),
    )
    op.create_table(
        "revision",
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("what"),
    )
