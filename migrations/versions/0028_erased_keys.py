"""Digests of keys that were erased, and a count of the messages that came too late.

A message that nobody had taken in yet brought an upload back that was erased meanwhile.

A nophoto before this one goes on working meanwhile: it takes such a message in.
"""

from secrets import token_bytes

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

_CODES = (
    "malformed",
    "key",
    "uri",
    "credentials",
    "version",
    "older-version",
    "metadata",
    "unknown-collection",
)


def upgrade() -> None:
    """Create the tables, and let refusals be counted under another code."""
    op.create_table(
        "erased_keys",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_erased_keys_digest_length")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erased_keys")),
    )
    op.create_index("ix_erased_keys_at", "erased_keys", ["at"])
    made = op.create_table(
        "erasure_secrets",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_erasure_secrets_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure_secrets")),
    )
    op.bulk_insert(made, [{"id": 1, "secret": token_bytes(32)}])
    _allow(*_CODES, "erased")


def downgrade() -> None:
    """Forget which keys were erased."""
    op.execute("DELETE FROM refusal_counts WHERE code = 'erased'")
    _allow(*_CODES)
    op.drop_table("erasure_secrets")
    op.drop_table("erased_keys")


def _allow(*codes: str) -> None:
    name = op.f("ck_refusal_counts_code")
    condition = f"code IN ({', '.join(map(repr, codes))})"
    with op.batch_alter_table("refusal_counts") as table:
        table.drop_constraint(name, type_="check")
        table.create_check_constraint(name, condition)
