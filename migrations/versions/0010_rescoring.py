"""Chunks of a rescoring, and its changes before they are written.

A rescoring that writes as it compares cannot be stopped before it has turned the verdicts over;
this one finds out first, and any worker can take over where another was.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_FLIPPED = sa.text("was_placeholder <> is_placeholder")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "run_chunks",
        sa.Column("run_id", _ROW_ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", _TIME),
        sa.Column("tally", _JSON),
        sa.CheckConstraint("step BETWEEN 0 AND 2", name=op.f("ck_run_chunks_step_known")),
        sa.CheckConstraint("first_id <= last_id", name=op.f("ck_run_chunks_ids_ordered")),
        sa.CheckConstraint(
            "(lease_token IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_run_chunks_lease_whole"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_chunks_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "number", name=op.f("pk_run_chunks")),
    )
    op.create_index("ix_run_chunks_step", "run_chunks", ["run_id", "step", "number"])
    op.create_table(
        "run_changes",
        sa.Column("run_id", _ROW_ID, nullable=False),
        sa.Column("upload_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("judged_at", _TIME, nullable=False),
        sa.Column("was_placeholder", sa.Boolean(), nullable=False),
        sa.Column("is_placeholder", sa.Boolean(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("similarity_before", sa.Double()),
        sa.Column("similarity", sa.Double()),
        sa.Column("nearest_before_id", sa.BigInteger()),
        sa.Column("nearest_reference_id", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_changes_run_id_runs")),
        sa.PrimaryKeyConstraint("run_id", "upload_id", name=op.f("pk_run_changes")),
    )
    op.create_index(
        "ix_run_changes_flipped",
        "run_changes",
        ["run_id", "upload_id"],
        postgresql_where=_FLIPPED,
        sqlite_where=_FLIPPED,
    )


def downgrade() -> None:
    """Drop them; the verdicts that were written stay."""
    op.drop_table("run_changes")
    op.drop_table("run_chunks")
