"""An index that leads from the threshold outward.

The review page asks for the most doubtful items first, and had the whole queue sorted for each
dozen of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_TO_REVIEW = sa.text("reviewed IS NULL AND (needs_review OR verdict = 'placeholder')")


def upgrade() -> None:
    """Create the index."""
    op.create_index(
        "ix_uploads_doubt",
        "uploads",
        ["similarity", "id"],
        postgresql_where=_TO_REVIEW,
        sqlite_where=_TO_REVIEW,
    )


def downgrade() -> None:
    """Drop it; the queue is in the same order without it."""
    op.drop_index("ix_uploads_doubt", "uploads")
