"""Events tell with what program somebody takes part."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("leg", sa.Column("user_agent", sa.Text(), nullable=False, server_default=""))
