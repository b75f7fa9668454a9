"""The outbox: what the platform is still to be told of verdicts and failures.

Written in the transaction of the outcome itself, so that none is lost between the two.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create the tables; nobody is told anything until a channel is subscribed."""
    op.create_table(
        "subscriptions",
        sa.Column("channel", _channel(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "notices",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("channel", _channel(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("event", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("dead_at", _TIME),
        sa.CheckConstraint(
            "dead_at IS NULL OR error IS NOT NULL", name=op.f("ck_notices_dead_has_error")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sqlite_autoincrement=True,
    )
    _partial_index("ix_notices_due", ["channel", "due_at"], "dead_at IS NULL")
    _partial_index("ix_notices_dead", ["id"], "dead_at IS NOT NULL")


def downgrade() -> None:
    """Drop them, with all that was not told yet."""
    op.drop_table("notices")
    op.drop_table("subscriptions")


def _channel() -> sa.Enum:
    return sa.Enum(
        "webhook", "task", name="channel", native_enum=False, create_constraint=True, length=16
    )


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "notices",
        columns,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
