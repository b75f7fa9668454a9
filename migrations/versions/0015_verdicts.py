"""A view of what stands of each upload, and since when.

`uploads.verdict` is the network's word: whoever read it, or asked for what was judged since
yesterday, missed every decision of a moderator.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_SINCE = (
    "\nCASE\n    WHEN (reviewed IS NULL OR failure IS NOT NULL) "
    "AND (reviewed_at IS NULL OR judged_at >= reviewed_at) THEN judged_at\n"
    "    ELSE reviewed_at\nEND"
)

_VIEW = f"""
CREATE VIEW verdicts AS
SELECT
    uploads.id AS upload_id,
    uploads.key AS key,
    uploads.uri AS uri,
    uploads.state AS state,
    coalesce(uploads.reviewed, uploads.verdict) AS verdict,
    {_SINCE} AS since,
    CASE
        WHEN uploads.reviewed IS NOT NULL THEN 'moderator'
        WHEN uploads.verdict IS NOT NULL THEN 'network'
    END AS decided_by,
    uploads.needs_review AND uploads.reviewed IS NULL AS needs_review,
    uploads.similarity AS similarity,
    "references".name AS nearest_reference,
    uploads.reason AS reason,
    uploads.model_version_id AS model_version_id,
    uploads.reference_set_version AS reference_set_version,
    uploads.failure AS failure,
    uploads.failure_message AS failure_message
FROM uploads LEFT JOIN "references" ON "references".id = uploads.nearest_reference_id
"""  # noqa: S608 -- made of nothing but this file


def upgrade() -> None:
    """Keep when the moderators' word was last said or taken back, and create the view."""
    op.add_column("uploads", sa.Column("reviewed_at", sa.DateTime(timezone=True)))
    op.execute(
        "UPDATE uploads SET reviewed_at = "
        "(SELECT max(coalesce(undone_at, at)) FROM reviews WHERE upload_id = uploads.id) "
        "WHERE id IN (SELECT upload_id FROM reviews)"
    )
    op.create_index("ix_uploads_since", "uploads", [sa.text(f"({_SINCE})")])
    op.execute(_VIEW)


def downgrade() -> None:
    """Drop them: the reviews themselves stay."""
    op.execute("DROP VIEW verdicts")
    op.drop_index("ix_uploads_since", "uploads")
    op.drop_column("uploads", "reviewed_at")
