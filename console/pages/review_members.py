"""The members of the group that page Review shows: its pictures and its keys, page by page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from nophoto.console.components.action_html import number
from nophoto.jobs.curation.review_groups import Group
from nophoto.models.records.review import review_queue
from nophoto.models.records.review.review_queue import Member, QueueFilter, Waiting

PICTURES = 24
"""Pictures of a group on one page."""

KEYS = 12
"""Keys of a group on one page."""


@dataclass(frozen=True, slots=True)
class Places:
    """Which pages of a group's members a visitor looks at; of another group it is the first."""

    digest: str = ""
    pictures: int = 0
    keys: int = 0


def places_of(data: dict[str, Any]) -> Places:
    """Where a button of the pager leads; the first pages for every other button."""
    if data.get("act") not in ("pictures", "keys"):
        return Places()
    chosen = data | {data["act"]: data.get("place")}
    return Places(
        str(data.get("digest")),
        number(chosen.get("pictures")) or 0,
        number(chosen.get("keys")) or 0,
    )


@dataclass(frozen=True, slots=True)
class Members:
    """One page of a group's pictures, and one of its keys.

    Attributes:
        items: the pictures, each with how many uploads have it.
        uploads: the keys, the newest first.
        pictures, keys: the pages that these are, from 0.
        picture_pages, key_pages: how many there are.
    """

    items: list[Waiting]
    uploads: list[Member]
    pictures: int
    keys: int
    picture_pages: int
    key_pages: int


def members_of(session: Session, group: Group, filters: QueueFilter, places: Places) -> Members:
    """What is shown of a group's members."""
    if places.digest != group.first.digest:
        places = Places()
    picture_pages, key_pages = -(-len(group.items) // PICTURES), -(-group.count // KEYS)
    pictures = min(places.pictures, picture_pages - 1)
    keys = min(places.keys, key_pages - 1)
    uploads = (
        review_queue.members(session, group.digests, filters, offset=keys * KEYS, limit=KEYS)
        if group.count > 1
        else []
    )
    items = group.items[pictures * PICTURES : (pictures + 1) * PICTURES]
    return Members(items, uploads, pictures, keys, picture_pages, key_pages)
