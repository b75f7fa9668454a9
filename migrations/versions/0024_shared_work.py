"""Who looks at what, appeals, and why and how quickly moderators decided.

Two people who opened the page Review got the same item.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables and add the columns."""
    op.create_table(
        "review_leases",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("reviewer", sa.String(255), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("until", _TIME, nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_review_leases_digest_length")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_review_leases")),
    )
    op.create_index("ix_review_leases_reviewer", "review_leases", ["reviewer"])
    op.create_table(
        "appeals",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("upload_id", _ROW_ID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("verdict", _verdict("verdict"), nullable=False),
        sa.Column("first_reviewer", sa.String(255)),
        sa.Column("closed_at", _TIME),
        sa.Column("closed_by", sa.String(255)),
        sa.Column("outcome", _verdict("outcome")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_appeals_closed_has_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.id"],
            name=op.f("fk_appeals_upload_id_uploads"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeals")),
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_appeals_open",
        "appeals",
        ["upload_id"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_index("ix_appeals_upload_id", "appeals", ["upload_id", "id"])
    op.add_column("reviews", sa.Column("code", sa.String(32)))
    op.add_column("reviews", sa.Column("seconds", sa.Double()))


def downgrade() -> None:
    """Forget them; the decisions themselves stay."""
    op.drop_column("reviews", "seconds")
    op.drop_column("reviews", "code")
    op.drop_table("appeals")
    op.drop_table("review_leases")


def _verdict(name: str) -> sa.Enum:
    return sa.Enum(
        "placeholder", "real", name=name, native_enum=False, create_constraint=True, length=16
    )
