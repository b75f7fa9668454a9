"""References that are compared with and flag nothing, and who changed the set.

A reference of which nobody was sure yet could only be retired, and what it matched went by unseen.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Allow the word, and keep a name with each change."""
    _allow("references", "state", "active", "quarantined", "retired")
    _allow("reference_set_versions", "change", "added", "quarantined", "retired", "restored")
    with op.batch_alter_table("reference_set_versions") as table:
        table.add_column(sa.Column("by", sa.String(255), server_default="", nullable=False))


def downgrade() -> None:
    """Retire what is in quarantine: it goes on flagging nothing."""
    op.execute(
        "UPDATE \"references\" SET state = 'retired', retired_at = CURRENT_TIMESTAMP "
        "WHERE state = 'quarantined'"
    )
    op.execute("UPDATE reference_set_versions SET change = 'retired' WHERE change = 'quarantined'")
    with op.batch_alter_table("reference_set_versions") as table:
        table.drop_column("by")
    _allow("reference_set_versions", "change", "added", "retired", "restored")
    _allow("references", "state", "active", "retired")


def _allow(table_name: str, column: str, *words: str) -> None:
    name = op.f(f"ck_{table_name}_{column}")
    allowed = ", ".join(repr(word) for word in words)
    with op.batch_alter_table(table_name) as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, f"{column} IN ({allowed})")
