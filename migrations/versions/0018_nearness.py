"""Kinds and scopes of references, scores with kinds, and the cohort that reaches rest on.

One threshold for all references let a photograph as a reference flag all photographs, and a verdict
said neither what sort of placeholder it saw nor how sure it was compared with other references.

The columns stay empty for what was judged before, until the next rescoring. A nophoto before this
one goes on working meanwhile: what it adds is of the kind `own`.
"""

import sqlalchemy as sa
from alembic import op

from nophoto.models.vision.matching import kind_of_drawing

revision = "0018"
down_revision = "0017"

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
_SCORES = ("uploads", "scores")
_CHANGE = "ck_reference_set_versions_change"
_TO_REVIEW = sa.text("reviewed IS NULL AND (needs_review OR verdict = 'placeholder')")

_SINCE = (
    "CASE WHEN (reviewed IS NULL OR failure IS NOT NULL) "
    "AND (reviewed_at IS NULL OR judged_at >= reviewed_at) THEN judged_at ELSE reviewed_at END"
)


def upgrade() -> None:
    """Add the columns and the table; the shipped references get their kinds."""
    _add_words("references", "kind", _KINDS, "DEFAULT 'own' NOT NULL")
    _add_words("references", "scope", ("kind", "copies"), "DEFAULT 'kind' NOT NULL")
    _name_kinds()
    for table in _SCORES:
        op.add_column(table, sa.Column("score", sa.Double()))
        _add_words(table, "kind", _KINDS)
    for name in ("score_before", "score"):
        op.add_column("run_changes", sa.Column(name, sa.Double()))
    _index_doubt("score")
    _allow("added", "quarantined", "retired", "restored", "calibrated")
    op.create_table(
        "cohort",
        sa.Column("model_version_id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.Column("rank", sa.Double(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_cohort_digest_length")),
        sa.ForeignKeyConstraint(
            ["model_version_id"],
            ["model_versions.id"],
            name=op.f("fk_cohort_model_version_id_model_versions"),
        ),
        sa.PrimaryKeyConstraint("model_version_id", "digest", name=op.f("pk_cohort")),
    )
    _show("uploads.score AS score,", "uploads.kind AS kind,")


def downgrade() -> None:
    """Forget them; verdicts and references stay."""
    op.execute("DROP VIEW verdicts")
    op.drop_table("cohort")
    op.execute("DELETE FROM reference_set_versions WHERE change = 'calibrated'")
    _allow("added", "quarantined", "retired", "restored")
    _index_doubt("similarity")
    for table, names in (
        ("run_changes", ("score", "score_before")),
        ("scores", ("kind", "score")),
        ("uploads", ("kind", "score")),
        ("references", ("scope", "kind")),
    ):
        for name in names:
            op.drop_column(table, name)
    _show(replace=False)


def _add_words(table: str, column: str, words: tuple[str, ...], rest: str = "") -> None:
    # As one statement: SQLite adds no constraint to a table that is there but with its column, and
    # to copy millions of uploads for it takes minutes.
    allowed = ", ".join(repr(word) for word in words)
    op.execute(
        f'ALTER TABLE "{table}" ADD COLUMN {column} VARCHAR(16) {rest} '
        f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({allowed}))"
    )


def _name_kinds() -> None:
    """Shipped references are named by what draws them and a number, such as `silhouette-003`."""
    table = sa.table("references", sa.column("name"), sa.column("origin"), sa.column("kind"))
    shipped = table.c.origin == "shipped"
    for name in op.get_bind().scalars(sa.select(table.c.name).where(shipped)).all():
        kind = kind_of_drawing(name.rpartition("-")[0]).value
        op.execute(table.update().where(shipped, table.c.name == name).values(kind=kind))


def _index_doubt(column: str) -> None:
    op.drop_index("ix_uploads_doubt", "uploads")
    op.create_index(
        "ix_uploads_doubt",
        "uploads",
        [column, "id"],
        postgresql_where=_TO_REVIEW,
        sqlite_where=_TO_REVIEW,
    )


def _allow(*words: str) -> None:
    allowed = ", ".join(repr(word) for word in words)
    with op.batch_alter_table("reference_set_versions") as table:
        table.drop_constraint(op.f(_CHANGE), type_="check")
        table.create_check_constraint(op.f(_CHANGE), f"change IN ({allowed})")


def _show(*more: str, replace: bool = True) -> None:
    """Create the view `verdicts` again, with `more` columns behind the similarity."""
    if replace:
        op.execute("DROP VIEW verdicts")
    op.execute(
        f"""
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
    {" ".join(more)}
    uploads.similarity AS similarity,
    "references".name AS nearest_reference,
    uploads.reason AS reason,
    uploads.model_version_id AS model_version_id,
    uploads.reference_set_version AS reference_set_version,
    uploads.failure AS failure,
    uploads.failure_message AS failure_message
FROM uploads LEFT JOIN "references" ON "references".id = uploads.nearest_reference_id
"""  # noqa: S608 -- made of nothing but this file
    )
