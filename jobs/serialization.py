"""Values that JSON has no word for, made plain."""

from datetime import datetime
from typing import Any


def plain(value: Any) -> Any:
    """`value` with every time in it in ISO 8601, and every set as a list in order."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, set | frozenset):
        return [plain(inner) for inner in sorted(value)]
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
