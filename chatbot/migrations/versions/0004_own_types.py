"""By which types of the company's own a message was masked."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("masked_types", sa.String(16), server_default="", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("messages", "masked_types")
