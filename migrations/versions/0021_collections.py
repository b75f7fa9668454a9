"""Collections: parts of the uploads with rates, kinds, references and receivers of their own.

Every upload was judged by one rate and told to one receiver, whatever it was.

All uploads are in `default` now, by the installation's settings, and no verdict changes. A nophoto
before this one goes on working meanwhile: it judges all collections by these settings, until the
next rescoring.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_COLLECTION = sa.text("collection <> 'default'")
_NOT_REMOVED = sa.text("removed_at IS NULL")
_DAYS = ("uploads_days", "scores_days", "cohort_days")

_SINCE = (
    "CASE WHEN (reviewed IS NULL OR failure IS NOT NULL) "
    "AND (reviewed_at IS NULL OR judged_at >= reviewed_at) THEN judged_at ELSE reviewed_at END"
)


def upgrade() -> None:
    """Add the tables and the columns; no row is rewritten."""
    op.create_table(
        "collections",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("false_positive_rate", sa.Double()),
        sa.Column("kinds", _JSON),
        sa.Column("review_low", sa.Double()),
        sa.Column("review_high", sa.Double()),
        sa.Column("webhook", sa.String(32)),
        *(sa.Column(name, sa.Double()) for name in _DAYS),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_collections_named")),
        sa.CheckConstraint(
            "false_positive_rate BETWEEN 0 AND 1", name=op.f("ck_collections_rate_is_share")
        ),
        sa.CheckConstraint(
            "(review_low IS NULL) = (review_high IS NULL)"
            " AND (review_low IS NULL OR (review_low <= 0 AND review_high >= 0))",
            name=op.f("ck_collections_review_band_around_zero"),
        ),
        sa.CheckConstraint(
            " AND ".join(f"({name} IS NULL OR {name} > 0)" for name in _DAYS),
            name=op.f("ck_collections_days_positive"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_collections")),
    )
    op.execute(
        "INSERT INTO collections (name, created_at, changed_at)"
        " VALUES ('default', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)"
    )
    op.create_table(
        "reference_collections",
        sa.Column("reference_id", _ID, nullable=False),
        sa.Column("collection", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_id"],
            ["references.id"],
            name=op.f("fk_reference_collections_reference_id_references"),
        ),
        sa.ForeignKeyConstraint(
            ["collection"],
            ["collections.name"],
            name=op.f("fk_reference_collections_collection_collections"),
        ),
        sa.PrimaryKeyConstraint(
            "reference_id", "collection", name=op.f("pk_reference_collections")
        ),
    )
    op.add_column(
        "uploads", sa.Column("collection", sa.String(32), server_default="default", nullable=False)
    )
    op.create_index(
        "ix_uploads_collection",
        "uploads",
        ["collection", "id"],
        postgresql_where=_OF_COLLECTION,
        sqlite_where=_OF_COLLECTION,
    )
    op.add_column("users", sa.Column("collection", sa.String(32)))
    op.add_column(
        "allowed_pictures",
        sa.Column("collection", sa.String(32), server_default="", nullable=False),
    )
    _index_allowed("digest", "collection")
    _show("uploads.collection AS collection,")


def downgrade() -> None:
    """Forget them; what they made of uploads stays."""
    _show()
    op.execute("DELETE FROM allowed_pictures WHERE collection <> ''")
    _index_allowed("digest")
    op.drop_column("allowed_pictures", "collection")
    op.drop_column("users", "collection")
    op.drop_index("ix_uploads_collection", "uploads")
    op.drop_column("uploads", "collection")
    op.drop_table("reference_collections")
    op.drop_table("collections")


def _index_allowed(*columns: str) -> None:
    op.drop_index("uq_allowed_pictures_digest", "allowed_pictures")
    op.create_index(
        "uq_allowed_pictures_digest",
        "allowed_pictures",
        list(columns),
        unique=True,
        postgresql_where=_NOT_REMOVED,
        sqlite_where=_NOT_REMOVED,
    )


def _show(*more: str) -> None:
    """Create the view `verdicts` again, with `more` columns behind the URI."""
    op.execute("DROP VIEW verdicts")
    op.execute(
        f"""
CREATE VIEW verdicts AS
SELECT
    uploads.id AS upload_id,
    uploads.key AS key,
    uploads.uri AS uri,
    {" ".join(more)}
    uploads.state AS state,
    coalesce(uploads.reviewed, uploads.verdict) AS verdict,
    {_SINCE} AS since,
    CASE
        WHEN uploads.reviewed IS NOT NULL THEN 'moderator'
        WHEN uploads.verdict IS NOT NULL THEN 'network'
    END AS decided_by,
    uploads.needs_review AND uploads.reviewed IS NULL AS needs_review,
    uploads.score AS score,
    uploads.kind AS kind,
    uploads.similarity AS similarity,
    "references".name AS nearest_reference,
    uploads.reason AS reason,
    uploads.model_version_id AS model_version_id,
    uploads.reference_set_version AS reference_set_version,
    uploads.failure AS failure,
    uploads.failure_message AS failure_message
FROM uploads LEFT JOIN "references" ON "references".id = uploads.nearest_reference_id
"""  # noqa: S608 -- made of nothing but this file
    )
