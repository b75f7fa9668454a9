"""Shadow runs: a version judges live uploads beside the active one.

A candidate was judged on held-out files, never on traffic.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

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


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "shadows",
        sa.Column("id", _ROW_ID, sa.Identity(), nullable=False),
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("beside_id", sa.String(64), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("by", sa.String(255), server_default="", nullable=False),
        sa.Column("followed_to", _TIME, nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("ended_because", sa.Text()),
        sa.CheckConstraint("share > 0 AND share <= 1", name=op.f("ck_shadows_share_is_one")),
        sa.CheckConstraint("beside_id <> model_version_id", name=op.f("ck_shadows_beside_another")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_because IS NULL)", name=op.f("ck_shadows_ended_has_reason")
        ),
        sa.CheckConstraint(
            "is_open = (ended_at IS NULL)", name=op.f("ck_shadows_open_until_ended")
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_shadows_model_version_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["beside_id"], ["model_versions.id"], name=op.f("fk_shadows_beside_id_model_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shadows")),
    )
    is_open = sa.text("is_open")
    op.create_index(
        "uq_shadows_open",
        "shadows",
        ["is_open"],
        unique=True,
        postgresql_where=is_open,
        sqlite_where=is_open,
    )
    op.create_table(
        "shadow_verdicts",
        sa.Column("shadow_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("upload_id", _ROW_ID, autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column(
            "active_verdict", _words("active_verdict", "placeholder", "real"), nullable=False
        ),
        sa.Column("active_score", sa.Double()),
        sa.Column("verdict", _words("verdict", "placeholder", "real"), nullable=False),
        sa.Column("score", sa.Double()),
        sa.Column("kind", _words("kind", *_KINDS)),
        sa.ForeignKeyConstraint(
            ["shadow_id"],
            ["shadows.id"],
            name=op.f("fk_shadow_verdicts_shadow_id_shadows"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["uploads.id"],
            name=op.f("fk_shadow_verdicts_upload_id_uploads"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("shadow_id", "upload_id", name=op.f("pk_shadow_verdicts")),
    )
    op.create_index("ix_shadow_verdicts_upload_id", "shadow_verdicts", ["upload_id"])
    differ = sa.text("verdict <> active_verdict")
    op.create_index(
        "ix_shadow_verdicts_differ",
        "shadow_verdicts",
        ["shadow_id", "upload_id"],
        postgresql_where=differ,
        sqlite_where=differ,
    )


def downgrade() -> None:
    """Forget them; no verdict depends on them."""
    op.drop_table("shadow_verdicts")
    op.drop_table("shadows")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=16)
