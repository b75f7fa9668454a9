"""Taking uploads in: new ones, and those that replace the picture under a known key."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chunks import chunks
from nophoto.models.records.lifecycle import erased_keys, refusals
from nophoto.models.records.lifecycle.admission import (
    MAX_KEY,
    MAX_URI,
    NewUpload,
    Objection,
    objection_to,
)
from nophoto.models.records.lifecycle.erasing import hold_off_erasures
from nophoto.models.records.lifecycle.intake import (
    Added,
    Fold,
    Intake,
    ItemOutcome,
    Standing,
    fold_items,
    refused_outcome,
)
from nophoto.models.records.lifecycle.refusals import Refused
from nophoto.models.records.lifecycle.replacing import Replacement, replace_pictures
from nophoto.models.records.tables import Collection, Lane, Upload
from nophoto.models.records.tables.collections import DEFAULT, no_such_collection
from nophoto.models.vocabulary import RefusalCode

__all__ = [
    "MAX_KEY",
    "MAX_URI",
    "Added",
    "Intake",
    "ItemOutcome",
    "NewUpload",
    "Refused",
    "add_uploads",
]


def add_uploads(
    session: Session,
    items: Sequence[NewUpload],
    lane: Lane,
    *,
    published: bool = False,
    erased_days: float = 0,
) -> Added:
    """Queue `items`.

    A key that is known with the same picture is left as it is. Another URI, a higher version or
    another collection replaces the picture, which is judged again; an older version is refused.
    Items under one key count one after the other, as if each had come by itself.

    Publish the ids only once the transaction has committed.

    Args:
        session: in a transaction.
        items: what is to be judged.
        lane: which queue they wait in.
        published: whether they are marked as published, which spares writing each row twice; if no
            message is sent after all, `sweep.mark_unpublished` them.
        erased_days: where they come by a message, which may have waited: keys that were erased in
            so many days are refused.
    """
    outcomes: dict[int, ItemOutcome] = {}
    by_key: dict[str, list[int]] = {}
    known = _collections(session, items)
    objections = [objection_to(item) or _to_unknown(item.collection, known) for item in items]
    erased: set[str] = set()
    if erased_days:
        hold_off_erasures(session)
        sound = (item.key for item, to in zip(items, objections, strict=True) if to is None)
        erased = erased_keys.among(session, sound, erased_days)
    for place, item in enumerate(items):
        if objection := objections[place] or (_TO_ERASED if item.key in erased else None):
            outcomes[place] = refused_outcome(item.key, objection)
        else:
            by_key.setdefault(item.key, []).append(place)
    ids: list[int] = []
    for _ in range(_TRIES):
        if not by_key:
            break
        heads = {
            key: fold_items(None, places, items)
            for key, places in by_key.items()
            if len(places) > 1
        }
        firsts = {
            key: heads[key].item or items[places[0]] if key in heads else items[places[0]]
            for key, places in by_key.items()
        }
        new = _insert_unknown(session, firsts, lane, published)
        for key in new:
            places = by_key.pop(key)
            if key in heads:
                outcomes |= heads[key].outcomes
            else:
                outcomes[places[0]] = ItemOutcome(key, Intake.NEW)
        ids += new.values()
        ids += _meet_known(session, items, by_key, lane, outcomes, published=published)
    refused = [each for each in outcomes.values() if each.outcome == Intake.REFUSED]
    added = Added(sorted(ids), [outcomes[place] for place in range(len(items))])
    if refused:
        refusals.note(session, added.refused)
    return added


_TO_ERASED = Objection(
    RefusalCode.ERASED,
    "the upload with this key was erased, and this message may be from before. If it is not, send "
    "it by HTTP or by `nophoto enqueue`",
)

_TRIES = 3
"""A key that was known a moment ago may have been erased since: it is new then."""


def _meet_known(
    session: Session,
    items: Sequence[NewUpload],
    by_key: dict[str, list[int]],
    lane: Lane,
    outcomes: dict[int, ItemOutcome],
    *,
    published: bool,
) -> list[int]:
    """Compare items with the rows of their keys, and replace pictures; the ids of these.

    Keys of which there is a row leave `by_key`.
    """
    stored = _stored(session, list(by_key))
    folds: dict[str, Fold] = {}
    for key, standing in stored.items():
        places = by_key[key]
        first = items[places[0]]
        is_bare = first.version is None and first.collection is None
        if len(places) == 1 and is_bare and first.uri == standing.uri:
            # Sent again, as most that is known.
            outcomes[places[0]] = ItemOutcome(key, Intake.KNOWN)
            del by_key[key]
        else:
            folds[key] = fold_items(standing, places, items)
    changing = [key for key, fold in folds.items() if fold.item]
    if changing:
        # Again under a lock: of two replacements at once the second sees the first.
        locked = _stored(session, changing, lock=True)
        for key in changing:
            del folds[key]
            if key in locked:
                folds[key] = fold_items(locked[key], by_key[key], items)
    replacements = []
    for key, fold in folds.items():
        outcomes |= fold.outcomes
        del by_key[key]
        if item := fold.item:
            replacements.append(
                Replacement(
                    fold.standing.id,
                    item.uri,
                    item.version,
                    fold.standing.collection,
                    item.metadata,
                )
            )
    replace_pictures(session, replacements, lane, published=published)
    return [each.id for each in replacements]


def _insert_unknown(
    session: Session, items: dict[str, NewUpload], lane: Lane, published: bool
) -> dict[str, int]:
    if not items:
        return {}
    now = clock.now(session)
    # In one order, so that two callers with the same keys wait for each other and never in a ring.
    rows: list[dict[str, object]] = [{"key": key, "uri": items[key].uri} for key in sorted(items)]
    # Most platforms send none of them; the statement stays short for them.
    for name in ("version", "metadata", "collection"):
        if any(getattr(item, name) not in (None, DEFAULT) for item in items.values()):
            for row in rows:
                row[name] = getattr(items[str(row["key"])], name)
                if name == "collection":
                    row[name] = row[name] or DEFAULT
    shared = {
        "lane": lane,
        "created_at": now,
        "updated_at": now,
        "published_at": now if published else None,
    }
    return {row.key: row.id for row in insert_rows(session, Upload, rows, shared, ("key", "id"))}


def _stored(session: Session, keys: Sequence[str], *, lock: bool = False) -> dict[str, Standing]:
    query = select(Upload.key, Upload.uri, Upload.version, Upload.collection, Upload.id)
    if lock:
        query = query.order_by(Upload.id).with_for_update()
    rows = chain.from_iterable(
        session.execute(query.where(Upload.key.in_(some))) for some in chunks(keys)
    )
    return {
        key: Standing(uri, version, collection, row_id)
        for key, uri, version, collection, row_id in rows
    }


def _collections(session: Session, items: Sequence[NewUpload]) -> set[str] | None:
    """The names of all collections, looked up once where one is named at all."""
    is_asked = any(item.collection not in (None, DEFAULT) for item in items)
    return set(session.scalars(select(Collection.name))) if is_asked else None


def _to_unknown(name: str | None, known: set[str] | None) -> Objection | None:
    if name in (None, DEFAULT) or known is None or name in known:
        return None
    return Objection(RefusalCode.UNKNOWN_COLLECTION, no_such_collection(str(name), known))


def metadata_of(session: Session, upload_id: int) -> dict[str, Any] | None:
    """What the platform told of an upload beside its key and its URI."""
    return session.scalar(select(Upload.platform_metadata).where(Upload.id == upload_id))
