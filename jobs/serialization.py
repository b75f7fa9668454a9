"""Records as values that JSON and CSV have."""

import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from nophoto.models.reasons import reason_fields
from nophoto.models.records.outcomes.history import Entry
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.rescoring import ChangeRow

_WITH_REASON = (Entry, ChangeRow, ResultRow)


def row_columns(kind: type[Entry | ChangeRow | ResultRow]) -> list[str]:
    """The names that `row_fields` gives, in its order."""
    names = [field.name for field in fields(kind)]
    place = names.index("reason")
    return [*names[:place], *reason_fields(None), *names[place + 1 :]]


def row_fields(row: Entry | ChangeRow | ResultRow) -> dict[str, Any]:
    """The fields of a row; its reason is a sentence, a code and parameters."""
    values: dict[str, Any] = {}
    for field in fields(row):
        if field.name == "reason":
            values |= reason_fields(row.reason)
        else:
            values[field.name] = getattr(row, field.name)
    return values


def flat(values: dict[str, Any]) -> dict[str, Any]:
    """`values` with every object in them as one JSON text, for tables."""
    return {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def to_jsonable(value: Any) -> Any:
    """`value` with every record in it as an object, every time in ISO 8601, every set in order."""
    if isinstance(value, _WITH_REASON):
        return to_jsonable(row_fields(value))
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_jsonable(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: to_jsonable(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        return [to_jsonable(inner) for inner in sorted(value)]
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [to_jsonable(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
