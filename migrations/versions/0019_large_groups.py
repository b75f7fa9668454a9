"""Indexes that lead to all waiting uploads of one picture, and to what was decided at once.

A picture may wait under hundreds of thousands of keys, and is decided and undone as a whole.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_TO_REVIEW = sa.text("reviewed IS NULL AND (needs_review OR verdict = 'placeholder')")


def upgrade() -> None:
    """Create the indexes."""
    op.create_index(
        "ix_uploads_waiting_digest",
        "uploads",
        ["digest", "id"],
        postgresql_where=_TO_REVIEW,
        sqlite_where=_TO_REVIEW,
    )
    op.create_index("ix_reviews_at", "reviews", ["at", "id"])


def downgrade() -> None:
    """Drop them; the pages show the same without them."""
    op.drop_index("ix_reviews_at", "reviews")
    op.drop_index("ix_uploads_waiting_digest", "uploads")
