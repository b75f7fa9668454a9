"""Who let which model version judge, and why.

Without it nobody knows what to go back to when a promoted version turns out to be worse.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

_KINDS = sa.Enum(
    "installed",
    "promoted",
    "rolled-back",
    name="kind",
    native_enum=False,
    create_constraint=False,
    length=16,
)


def upgrade() -> None:
    """Create the table; what judges now becomes its first row."""
    op.create_table(
        "promotions",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            sa.Identity(),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", _KINDS, nullable=False),
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("replaced_id", sa.String(64)),
        sa.Column("by", sa.String(255), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("forced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gate", sa.JSON().with_variant(JSONB(), "postgresql")),
        sa.CheckConstraint(
            "kind IN ('installed', 'promoted', 'rolled-back')", name=op.f("ck_promotions_kind")
        ),
        sa.CheckConstraint(
            "NOT forced OR reason <> ''", name=op.f("ck_promotions_forced_has_reason")
        ),
        sa.CheckConstraint(
            "replaced_id <> model_version_id", name=op.f("ck_promotions_replaces_another")
        ),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_promotions_model_version_id_model_versions"),
        ),
        sa.ForeignKeyConstraint(
            ["replaced_id"],
            ["model_versions.id"],
            name=op.f("fk_promotions_replaced_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.execute(
        "INSERT INTO promotions (at, kind, model_version_id) "
        "SELECT promoted_at, 'installed', id FROM model_versions WHERE active"
    )


def downgrade() -> None:
    """Forget who decided what."""
    op.drop_table("promotions")
