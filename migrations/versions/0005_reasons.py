"""Why a verdict is another than the similarity alone would make it.

A picture on the allow-list, or one whose reference is not trusted yet, had a verdict that nobody
could explain from its similarity.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the reason to what is said of an upload, and to what was said."""
    for table in ("uploads", "scores"):
        op.add_column(table, sa.Column("reason", sa.Text()))


def downgrade() -> None:
    """Forget the reasons."""
    for table in ("uploads", "scores"):
        op.drop_column(table, "reason")
