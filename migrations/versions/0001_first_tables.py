"""The first tables.

Everything that the path from an enqueued upload to its verdict needs, and `runs` and `reviews`,
which the verdict's history and the moderator's word refer to from the start.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "model_versions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("backbone", sa.String(64), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("review_low", sa.Double(), nullable=False),
        sa.Column("review_high", sa.Double(), nullable=False),
        sa.Column("metrics", _JSON, nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("promoted_at", _TIME),
        sa.CheckConstraint(
            "NOT active OR promoted_at IS NOT NULL",
            name=op.f("ck_model_versions_active_was_promoted"),
        ),
        sa.CheckConstraint("dimension > 0", name=op.f("ck_model_versions_dimension_positive")),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_model_versions_digest_length")),
        sa.CheckConstraint(
            "review_low <= threshold AND threshold <= review_high",
            name=op.f("ck_model_versions_review_band_ordered"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_versions")),
    )
    _partial_index("uq_model_versions_active", "model_versions", ["active"], "active", unique=True)

    op.create_table(
        "reference_set_versions",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("change", _one_of("change", "added", "retired", "restored"), nullable=False),
        sa.Column("reference_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_reference_set_versions_version_positive")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_reference_set_versions")),
    )

    op.create_table(
        "references",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=False),
        sa.Column("origin", _one_of("origin", "shipped", "added"), nullable=False),
        sa.Column(
            "state", _one_of("state", "active", "retired"), server_default="active", nullable=False
        ),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("retired_at", _TIME),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "(state = 'retired') = (retired_at IS NOT NULL)",
            name=op.f("ck_references_retired_has_time"),
        ),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_references_digest_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_references")),
        sa.UniqueConstraint("digest", name=op.f("uq_references_digest")),
    )

    op.create_table(
        "runs",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("kind", _one_of("kind", "rescore", "retrain"), nullable=False),
        sa.Column("parameters", _JSON, nullable=False),
        sa.Column(
            "state",
            _one_of("state", "queued", "running", "paused", "done", "failed", "cancelled"),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("progress", _JSON),
        sa.Column("result", _JSON),
        sa.Column("error", sa.Text()),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", _TIME),
        sa.Column("heartbeat_at", _TIME),
        sa.Column("requested_by", sa.String(255), server_default="", nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.CheckConstraint(
            "(state = 'failed') = (error IS NOT NULL)", name=op.f("ck_runs_failed_has_error")
        ),
        sa.CheckConstraint(
            "(state = 'running') = (lease_token IS NOT NULL)"
            " AND (lease_token IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_runs_running_has_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)",
            name=op.f("ck_runs_finished_has_time"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    _partial_index(
        "ix_runs_open", "runs", ["kind", "id"], "state IN ('queued', 'running', 'paused')"
    )

    op.create_table(
        "embeddings",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_embeddings_digest_length")),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_embeddings_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("digest", "model_version_id", name=op.f("pk_embeddings")),
    )

    op.create_table(
        "reference_set_changes",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reference_id", _ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_id"],
            ["references.id"],
            name=op.f("fk_reference_set_changes_reference_id_references"),
        ),
        sa.ForeignKeyConstraint(
            ["version"],
            ["reference_set_versions.version"],
            name=op.f("fk_reference_set_changes_version_reference_set_versions"),
        ),
        sa.PrimaryKeyConstraint("version", "reference_id", name=op.f("pk_reference_set_changes")),
    )
    op.create_index(
        "ix_reference_set_changes_reference_id",
        "reference_set_changes",
        ["reference_id", "version"],
    )

    op.create_table(
        "uploads",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("key", sa.String(512), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("lane", _one_of("lane", "interactive", "bulk"), nullable=False),
        sa.Column(
            "state",
            _one_of("state", "queued", "claimed", "judged", "failed"),
            server_default="queued",
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", _TIME),
        sa.Column("rung_at", _TIME),
        sa.Column("digest", sa.String(64)),
        sa.Column("verdict", _one_of("verdict", "placeholder", "real")),
        sa.Column("needs_review", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("similarity", sa.Double()),
        sa.Column("nearest_reference_id", _ROW_ID),
        sa.Column("model_version_id", sa.String(64)),
        sa.Column("reference_set_version", sa.Integer()),
        sa.Column(
            "failure",
            _one_of(
                "failure",
                "missing",
                "unreadable",
                "unsupported",
                "too-large",
                "forbidden",
                "timeout",
            ),
        ),
        sa.Column("failure_message", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("judged_at", _TIME),
        sa.CheckConstraint(
            "(state = 'claimed') = (lease_token IS NOT NULL)"
            " AND (lease_token IS NULL) = (lease_until IS NULL)",
            name=op.f("ck_uploads_claimed_has_lease"),
        ),
        sa.CheckConstraint(
            "(state = 'failed') = (failure IS NOT NULL)"
            " AND (failure IS NULL) = (failure_message IS NULL)"
            " AND (failure IS NULL OR (verdict IS NULL AND judged_at IS NOT NULL))",
            name=op.f("ck_uploads_failed_has_failure"),
        ),
        sa.CheckConstraint("key <> '' AND uri <> ''", name=op.f("ck_uploads_named")),
        sa.CheckConstraint(
            "state <> 'judged' OR (verdict IS NOT NULL AND judged_at IS NOT NULL)",
            name=op.f("ck_uploads_judged_has_verdict"),
        ),
        sa.CheckConstraint(
            "(similarity IS NULL) = (nearest_reference_id IS NULL)"
            " AND (similarity IS NULL OR verdict IS NOT NULL)",
            name=op.f("ck_uploads_similarity_has_reference"),
        ),
        sa.CheckConstraint(
            "(verdict IS NULL) = (model_version_id IS NULL)"
            " AND (verdict IS NULL) = (reference_set_version IS NULL)"
            " AND (verdict IS NULL OR digest IS NOT NULL)",
            name=op.f("ck_uploads_verdict_has_source"),
        ),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_uploads_digest_length")),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_uploads_model_version_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["nearest_reference_id"],
            ["references.id"],
            name=op.f("fk_uploads_nearest_reference_id_references"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("key", name=op.f("uq_uploads_key")),
    )
    _partial_index("ix_uploads_digest", "uploads", ["digest"], "digest IS NOT NULL")
    _partial_index("ix_uploads_failure", "uploads", ["failure", "id"], "failure IS NOT NULL")
    _partial_index("ix_uploads_judged_at", "uploads", ["judged_at"], "judged_at IS NOT NULL")
    _partial_index(
        "ix_uploads_nearest_reference_id",
        "uploads",
        ["nearest_reference_id"],
        "nearest_reference_id IS NOT NULL",
    )
    _partial_index("ix_uploads_open", "uploads", ["rung_at"], "state IN ('queued', 'claimed')")
    _partial_index("ix_uploads_verdict", "uploads", ["verdict", "id"], "verdict IS NOT NULL")

    op.create_table(
        "reviews",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("upload_id", _ROW_ID, nullable=False),
        sa.Column("verdict", _one_of("verdict", "placeholder", "real"), nullable=False),
        sa.Column("reviewer", sa.String(255), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("undone_at", _TIME),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_reviews_upload_id_uploads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index("ix_reviews_upload_id", "reviews", ["upload_id", "id"])

    op.create_table(
        "scores",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("upload_id", _ROW_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("verdict", _one_of("verdict", "placeholder", "real"), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("similarity", sa.Double()),
        sa.Column("nearest_reference_id", _ROW_ID),
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("reference_set_version", sa.Integer(), nullable=False),
        sa.Column("run_id", _ROW_ID),
        sa.CheckConstraint(
            "(similarity IS NULL) = (nearest_reference_id IS NULL)",
            name=op.f("ck_scores_similarity_has_reference"),
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_scores_model_version_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["nearest_reference_id"],
            ["references.id"],
            name=op.f("fk_scores_nearest_reference_id_references"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_scores_run_id_runs")),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["uploads.id"], name=op.f("fk_scores_upload_id_uploads")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scores")),
    )
    op.create_index("ix_scores_upload_id", "scores", ["upload_id", "id"])


def downgrade() -> None:
    """Drop every table, with all that is in them."""
    for table in (
        "scores",
        "reviews",
        "uploads",
        "reference_set_changes",
        "embeddings",
        "runs",
        "references",
        "reference_set_versions",
        "model_versions",
    ):
        op.drop_table(table)


def _one_of(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)


def _partial_index(
    name: str, table: str, columns: list[str], where: str, *, unique: bool = False
) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=unique,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
