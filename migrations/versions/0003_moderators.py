"""The moderator's word on each upload, and who may use the console.

The word that wins stands on the upload itself, so that a list of verdicts and the queue for review
need no look at every review.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TO_REVIEW = "reviewed IS NULL AND (needs_review OR verdict = 'placeholder')"
_REVIEWED = "reviewed IS NOT NULL"


def upgrade() -> None:
    """Add the word, who undid a review, and the users."""
    with op.batch_alter_table("uploads") as table:
        table.add_column(sa.Column("reviewed", sa.String(16)))
        table.create_check_constraint(
            op.f("ck_uploads_reviewed"), "reviewed IN ('placeholder', 'real')"
        )
    _partial_index("ix_uploads_to_review", ["id"], _TO_REVIEW)
    _partial_index("ix_uploads_reviewed", ["nearest_reference_id"], _REVIEWED)
    with op.batch_alter_table("reviews") as table:
        table.add_column(sa.Column("undone_by", sa.String(255)))
        table.create_check_constraint(
            op.f("ck_reviews_undone_by_somebody"), "(undone_at IS NULL) = (undone_by IS NULL)"
        )
    op.create_table(
        "users",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "moderator",
                "engineer",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )


def downgrade() -> None:
    """Forget them; the reviews themselves stay."""
    op.drop_table("users")
    with op.batch_alter_table("reviews") as table:
        table.drop_constraint(op.f("ck_reviews_undone_by_somebody"), type_="check")
        table.drop_column("undone_by")
    op.drop_index("ix_uploads_reviewed", "uploads")
    op.drop_index("ix_uploads_to_review", "uploads")
    with op.batch_alter_table("uploads") as table:
        table.drop_constraint(op.f("ck_uploads_reviewed"), type_="check")
        table.drop_column("reviewed")


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "uploads",
        columns,
        postgresql_where=sa.text(where),
        sqlite_where=sa.text(where),
    )
