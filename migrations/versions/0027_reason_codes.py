"""The reason of a verdict as a code with parameters, where it was an English sentence.

The column stays: workers of the version before go on writing sentences into it until the last of
them has stopped, and those are read as they are. What is no sentence of nophoto's own becomes
the parameter of the code `other`.
"""

import json
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_TABLES = ("uploads", "scores", "run_changes")

_FORMS = (
    ("held: reference ", " is in quarantine.", "reference-quarantined"),
    ("held: reference ", " suddenly matches ", "reference-sudden"),
    ("most like reference ", " (", "kind-not-claimed"),
    ("is allowed picture ", " (", "allowed-bytes"),
    ("looks like allowed picture ", " (", "allowed-look-alike"),
)
"""How the sentences begin, what follows the number of the reference or picture, and the code."""


def upgrade() -> None:
    """Turn every sentence into its code and parameters."""
    references, allowed = _named()

    def document(sentence: str) -> str:
        for beginning, then, code in _FORMS:
            number, _, rest = sentence.removeprefix(beginning).partition(" ")
            if not (sentence.startswith(beginning) and number.isdecimal()):
                continue
            if not f" {rest}".startswith(then):
                continue
            found = int(number)
            if code.startswith("allowed") and found in allowed:
                return _document(code, {"allowed_id": found, **allowed[found]})
            if code == "kind-not-claimed" and found in references:
                return _document(code, {"reference_id": found, **references[found]})
            if code.startswith("reference"):
                return _document(code, {"reference_id": found})
        return _document("other", {"text": sentence})

    _replace(lambda stored: None if stored.startswith("{") else document(stored))


def downgrade() -> None:
    """Turn every code into its sentence."""
    _replace(lambda stored: _sentence(json.loads(stored)) if stored.startswith("{") else None)


def _named() -> tuple[dict[int, dict[str, str]], dict[int, dict[str, str]]]:
    bind = op.get_bind()
    references = bind.execute(sa.text('SELECT id, name, kind FROM "references"'))
    allowed = bind.execute(sa.text("SELECT id, name, reason FROM allowed_pictures"))
    return (
        {row.id: {"name": row.name, "kind": row.kind} for row in references},
        {row.id: {"name": row.name, "text": row.reason} for row in allowed},
    )


def _document(code: str, parameters: dict[str, object]) -> str:
    document = {"code": code, "parameters": parameters}
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _sentence(document: dict[str, dict[str, object]]) -> str:
    of = document["parameters"]
    reference, allowed = of.get("reference_id"), of.get("allowed_id")
    match document["code"]:
        case "reference-quarantined":
            return (
                f"held: reference {reference} is in quarantine. Let it flag again with `nophoto "
                f"references restore {reference}`, or retire it with `nophoto references retire "
                f"{reference}`"
            )
        case "reference-sudden":
            return (
                f"held: reference {reference} suddenly matches far more uploads than it did. "
                f"Retire it with `nophoto references retire {reference}`, or let it with `nophoto "
                f"rescore --trust {reference}`"
            )
        case "kind-not-claimed":
            return (
                f"most like reference {reference} ({of['name']}) of the kind {of['kind']}, which "
                "is switched off or has no active reference"
            )
        case "allowed-bytes":
            return f"is allowed picture {allowed} ({of['name']}): {of['text']}"
        case "allowed-look-alike":
            return f"looks like allowed picture {allowed} ({of['name']}): {of['text']}"
    return str(of["text"])


def _replace(make: Callable[[str], str | None]) -> None:
    """Write `make` of each stored reason in its place; where it is None, the reason stays."""
    bind = op.get_bind()
    op.execute("CREATE TEMPORARY TABLE new_reasons (was TEXT PRIMARY KEY, becomes TEXT NOT NULL)")
    insert = sa.text("INSERT INTO new_reasons VALUES (:was, :becomes)")
    known: set[str] = set()
    for table in _TABLES:
        query = f"SELECT DISTINCT reason FROM {table} WHERE reason IS NOT NULL"  # noqa: S608
        for stored in bind.execute(sa.text(query)).scalars().all():
            if stored not in known and (becomes := make(stored)) is not None:
                bind.execute(insert, {"was": stored, "becomes": becomes})
            known.add(stored)
    for table in _TABLES:
        op.execute(
            f"UPDATE {table} SET reason = "  # noqa: S608
            f"(SELECT becomes FROM new_reasons WHERE was = {table}.reason) "
            "WHERE reason IN (SELECT was FROM new_reasons)"
        )
    op.execute("DROP TABLE new_reasons")
