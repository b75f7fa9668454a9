"""An index over a rescoring's flips in the order in which they are shown.

A run can turn over a million verdicts, and each page of them had all of them sorted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_NAME = "ix_run_changes_flipped"
_FLIPPED = sa.text("was_placeholder <> is_placeholder")


def upgrade() -> None:
    """Let the index lead in that order."""
    _replace("run_id", sa.text("coalesce(similarity, -2) DESC"), "upload_id")


def downgrade() -> None:
    """Let it lead by upload again."""
    _replace("run_id", "upload_id")


def _replace(*columns: str | sa.TextClause) -> None:
    op.drop_index(_NAME, "run_changes")
    op.create_index(
        _NAME,
        "run_changes",
        list(columns),
        postgresql_where=_FLIPPED,
        sqlite_where=_FLIPPED,
    )
