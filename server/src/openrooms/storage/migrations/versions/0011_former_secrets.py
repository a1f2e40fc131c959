"""A webhook's secret is changed: the former one signs beside it for a time."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("webhook", sa.Column("former_secret", sa.LargeBinary()))
    op.add_column("webhook", sa.Column("former_until", sa.BigInteger()))
