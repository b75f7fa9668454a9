"""More than one webhook: a channel has a name of the operator's choice, and no CHECK knows it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_TABLES = ("subscriptions", "notices")
_SHORT, _LONG = sa.String(16), sa.String(64)


def _kept(name: str) -> dict[str, bool]:
    """What a copy of the table on SQLite would lose: numbers of notices must never come twice."""
    return {"sqlite_autoincrement": True} if name == "notices" else {}


def upgrade() -> None:
    """Let a channel be called `webhook:search`."""
    for name in _TABLES:
        with op.batch_alter_table(name, table_kwargs=_kept(name)) as table:
            table.drop_constraint(op.f(f"ck_{name}_channel"), type_="check")
            table.alter_column("channel", existing_type=_SHORT, type_=_LONG, nullable=False)


def downgrade() -> None:
    """Forget all channels but the two that there were, with what they have not taken."""
    for name in _TABLES:
        channel: sa.ColumnClause[str] = sa.column("channel", sa.String())
        op.execute(sa.delete(sa.table(name, channel)).where(channel.not_in(("webhook", "task"))))
        with op.batch_alter_table(name, table_kwargs=_kept(name)) as table:
            table.alter_column("channel", existing_type=_LONG, type_=_SHORT, nullable=False)
            table.create_check_constraint(
                op.f(f"ck_{name}_channel"), "channel IN ('webhook', 'task')"
            )
