"""Versions of uploads, counts of refusals, and the audit.

A known key with another picture was refused in a worker's log alone, and nothing could be erased.

A nophoto before this one goes on working meanwhile: it takes in, claims and judges as before, and
refuses another picture under a known key.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COLUMNS = ("version", "metadata", "replaced_at")
_CODES = (
    "malformed",
    "key",
    "uri",
    "credentials",
    "version",
    "older-version",
    "metadata",
    "unknown-collection",
)


def upgrade() -> None:
    """Add them; no row is rewritten."""
    op.add_column("uploads", sa.Column("version", sa.BigInteger()))
    op.add_column("uploads", sa.Column("metadata", _JSON))
    op.add_column("uploads", sa.Column("replaced_at", sa.DateTime(timezone=True)))
    op.create_table(
        "audit",
        sa.Column("id", _ID, sa.Identity(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(255), server_default="", nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_action_at", "audit", ["action", "at"])
    codes = ", ".join(repr(code) for code in _CODES)
    op.create_table(
        "refusal_counts",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"code IN ({codes})", name=op.f("ck_refusal_counts_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_refusal_counts")),
    )


def downgrade() -> None:
    """Forget them; what was replaced stays so."""
    for table in ("refusal_counts", "audit"):
        op.drop_table(table)
    for column in _COLUMNS:
        op.drop_column("uploads", column)
