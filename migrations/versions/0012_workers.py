"""Which workers there are, and what each does.

Nobody could tell a fleet that was busy from one that had half died.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "workers",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lanes", sa.String(255), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("heard_at", _TIME, nullable=False),
        sa.Column("task", sa.String(64)),
        sa.Column("task_since", _TIME),
        sa.Column("model_version_id", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_workers_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("host", "pid", name=op.f("pk_workers")),
    )


def downgrade() -> None:
    """Forget them; those that run go on."""
    op.drop_table("workers")
