"""Channels whose receiver said that it is gone: nothing is sent until somebody opens them again."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Add since when, and why, a channel is closed."""
    with op.batch_alter_table("subscriptions") as table:
        table.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("closed_because", sa.Text(), nullable=True))


def downgrade() -> None:
    """Forget which channels are closed: they are open again."""
    with op.batch_alter_table("subscriptions") as table:
        table.drop_column("closed_because")
        table.drop_column("closed_at")
