"""At most one open run of a kind, and how often each was tried.

Two requests for the same bulk work at once made two runs; and a run that ends every process that
works on it would have been taken up for ever.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_OPEN = sa.text("state IN ('queued', 'running', 'paused')")


def upgrade() -> None:
    """Add the counters, and hold the open runs apart by kind."""
    op.add_column(
        "runs", sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("runs", sa.Column("rung_at", sa.DateTime(timezone=True)))
    op.drop_index("ix_runs_open", "runs")
    op.create_index(
        "uq_runs_open",
        "runs",
        ["kind"],
        unique=True,
        postgresql_where=_OPEN,
        sqlite_where=_OPEN,
    )


def downgrade() -> None:
    """Take them out again."""
    op.drop_index("uq_runs_open", "runs")
    op.create_index(
        "ix_runs_open", "runs", ["kind", "id"], postgresql_where=_OPEN, sqlite_where=_OPEN
    )
    op.drop_column("runs", "rung_at")
    op.drop_column("runs", "attempts")
