"""A call takes along what the caller's app gives it."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("custom_context", sa.Text()))
