"""Pictures that are never to be flagged.

A platform's own logo was flagged again and again, and each time a moderator had to say so.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TIME = sa.DateTime(timezone=True)
_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "allowed_pictures",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("look_alikes", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("picture", sa.LargeBinary()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("removed_at", _TIME),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_allowed_pictures_digest_length")),
        sa.CheckConstraint(
            "NOT look_alikes OR picture IS NOT NULL",
            name=op.f("ck_allowed_pictures_look_alikes_have_picture"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_pictures")),
    )
    op.create_index(
        "uq_allowed_pictures_digest",
        "allowed_pictures",
        ["digest"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )


def downgrade() -> None:
    """Forget which pictures they were; the verdicts that name them stay."""
    op.drop_table("allowed_pictures")
