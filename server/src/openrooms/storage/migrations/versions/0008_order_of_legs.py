"""The legs of a call stand in the order in which they joined, whatever the clock said."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Only the order of those that have not ended matters.
NUMBERED = """
UPDATE leg SET position = (
    SELECT count(*) FROM leg AS earlier
    WHERE earlier.call_id = leg.call_id AND earlier.ended_at IS NULL
    AND (earlier.joined_at, earlier.id) <= (leg.joined_at, leg.id)
) WHERE ended_at IS NULL
"""


def upgrade() -> None:
    column = sa.Column("position", sa.Integer(), nullable=False, server_default="0")
    op.add_column("leg", column)
    op.execute(NUMBERED)
