"""Spot checks: verdicts that are drawn at random and judged by moderators who do not see them.

Moderators saw what was flagged alone: what the network missed was never seen, and its recall in
production was unknown.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_KINDS = (
    "notice",
    "person",
    "initials",
    "identicon",
    "cartoon",
    "picture-icon",
    "object-icon",
    "cover",
    "plain",
    "broken",
    "size-label",
    "brand",
    "photo",
    "own",
)
_VERDICTS = ("placeholder", "real")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "spot_checks",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("upload_id", _ROW_ID, nullable=False),
        sa.Column("purpose", _words("purpose", "sample", "golden", "shadow"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("verdict", _words("verdict", *_VERDICTS), nullable=False),
        sa.Column("score", sa.Double()),
        sa.Column("kind", _words("kind", *_KINDS)),
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("truth", _words("truth", *_VERDICTS)),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("wanted", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_spot_checks_digest_length")),
        sa.CheckConstraint(
            "probability > 0 AND probability <= 1", name=op.f("ck_spot_checks_probability_is_one")
        ),
        sa.CheckConstraint(
            "(purpose = 'golden') = (truth IS NOT NULL)",
            name=op.f("ck_spot_checks_golden_has_truth"),
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.id"],
            name=op.f("fk_spot_checks_upload_id_uploads"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_spot_checks_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
    )
    op.create_index(
        "uq_spot_checks_upload_id", "spot_checks", ["upload_id", "purpose"], unique=True
    )
    op.create_index("ix_spot_checks_at", "spot_checks", ["at"])
    is_open = sa.text("answered < wanted")
    op.create_index(
        "ix_spot_checks_open", "spot_checks", ["id"], postgresql_where=is_open, sqlite_where=is_open
    )
    op.create_table(
        "spot_check_answers",
        sa.Column("spot_check_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("reviewer", sa.String(255), nullable=False),
        sa.Column("verdict", _words("verdict", *_VERDICTS), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("review_id", _ROW_ID),
        sa.ForeignKeyConstraint(
            ["spot_check_id"],
            ["spot_checks.id"],
            name=op.f("fk_spot_check_answers_spot_check_id_spot_checks"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["reviews.id"],
            name=op.f("fk_spot_check_answers_review_id_reviews"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("spot_check_id", "reviewer", name=op.f("pk_spot_check_answers")),
    )
    op.create_index("ix_spot_check_answers_reviewer", "spot_check_answers", ["reviewer", "at"])
    op.create_index("ix_spot_check_answers_review_id", "spot_check_answers", ["review_id"])


def downgrade() -> None:
    """Forget them; the reviews that answers made stay."""
    op.drop_table("spot_check_answers")
    op.drop_table("spot_checks")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
