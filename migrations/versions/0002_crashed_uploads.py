"""A failure for pictures that end their worker.

Such an upload was failed as `timeout`, which sends whoever reads it to a slow storage instead of
to the file.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

_BEFORE = ("missing", "unreadable", "unsupported", "too-large", "forbidden", "timeout")
_NAME = "ck_uploads_failure"


def upgrade() -> None:
    """Allow `crashed`."""
    _allow(*_BEFORE, "crashed")


def downgrade() -> None:
    """Call the crashed ones `timeout` again."""
    op.execute("UPDATE uploads SET failure = 'timeout' WHERE failure = 'crashed'")
    _allow(*_BEFORE)


def _allow(*failures: str) -> None:
    words = ", ".join(repr(failure) for failure in failures)
    with op.batch_alter_table("uploads") as table:
        table.drop_constraint(op.f(_NAME), type_="check")
        table.create_check_constraint(op.f(_NAME), f"failure IN ({words})")
