"""The reference set: its members now and at any version, and changing them."""

from models.records.references.changing import (
    AddedReferences,
    NewReference,
    add,
    restore,
    retire,
)
from models.records.references.reading import (
    ActiveSet,
    Member,
    ReferenceRow,
    UnknownReferenceError,
    active,
    current_version,
    list_all,
    members_at,
    name,
    picture,
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
    "members_at",
    "name",
    "picture",
    "restore",
    "retire",
]
