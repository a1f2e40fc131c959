"""Rooms are found by their end, and lists skip deleted ones; custom ids of identities are unique."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LIVING = sa.text("deleted_at IS NULL")
IN_USE = sa.text("deleted_at IS NULL AND custom_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("room_newest_first", "room")
    op.create_index(
        "room_newest_first",
        "room",
        ["resource_id", "created_at", "id"],
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    )
    op.create_index(
        "room_by_end", "room", ["valid_until"], sqlite_where=LIVING, postgresql_where=LIVING
    )
    op.create_index(
        "identity_by_custom_id",
        "identity",
        ["resource_id", "custom_id"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )
