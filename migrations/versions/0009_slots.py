"""The times at which the night's jobs were due.

Two schedulers that run by mistake would send each job twice, and a night in which none ran would
pass unnoticed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "slots",
        sa.Column("job", _one_of("job", "rescore", "prune"), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("outcome", _one_of("outcome", "sent", "missed", "first"), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("job", "due_at", name=op.f("pk_slots")),
    )


def downgrade() -> None:
    """Forget the times."""
    op.drop_table("slots")


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
