"""What an erasure found before it deleted, and a quick way to the ledger's entries on a subject."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("erasures", sa.Column("models", sa.JSON()))
    op.create_index("ix_ledger_subject", "ledger", ["subject", "at"])
