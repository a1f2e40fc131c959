"""An issuer's moment is that of its last use: it tells other processes which one holds now."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE issuer RENAME COLUMN first_used_at TO used_at")
