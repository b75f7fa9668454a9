"""The reference set: its members now and at any version, and changing them."""

from nophoto.models.records.references.changing import (
    AddedReferences,
    NewReference,
    add,
    note_calibration,
    quarantine,
    restore,
    retire,
)
from nophoto.models.records.references.reading import (
    ActiveSet,
    Member,
    ReferenceRow,
    UnknownReferenceError,
    active,
    current_version,
    list_all,
    name,
    picture,
    set_at,
)

__all__ = [
    "ActiveSet",
    "AddedReferences",
    "Member",
    "NewReference",
    "ReferenceRow",
    "UnknownReferenceError",
    "active",
    "add",
    "current_version",
    "list_all",
    "name",
    "note_calibration",
    "picture",
    "quarantine",
    "restore",
    "retire",
    "set_at",
]
