"""Who is logged in to the console, in the database, and users whom a provider vouches for.

Sessions lived as long as one process: two consoles behind one address did not know each other's,
and a restart logged everybody out.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Create the tables and add the column."""
    op.create_table(
        "console_sessions",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("begun", sa.Double(), nullable=False),
        sa.Column("used", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_sessions")),
    )
    op.create_index("ix_console_sessions_begun", "console_sessions", ["begun"])
    op.create_table(
        "pending_logins",
        sa.Column("state_hash", sa.String(64), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("following", sa.Text(), nullable=False),
        sa.Column("begun", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_pending_logins")),
    )
    op.add_column("users", sa.Column("issuer", sa.String(255)))


def downgrade() -> None:
    """Log everybody out; users of a provider have no password and may log in no longer."""
    op.execute("DELETE FROM users WHERE issuer IS NOT NULL")
    op.drop_column("users", "issuer")
    op.drop_table("pending_logins")
    op.drop_table("console_sessions")
