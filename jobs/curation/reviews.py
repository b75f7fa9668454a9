"""The moderator's work: what waits, grouped so that one decision serves all, and deciding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records import embeddings, model_versions, review_queue, reviews
from nophoto.models.records.database import Database
from nophoto.models.records.review_queue import Order, QueueFilter, Waiting
from nophoto.models.records.reviews import Decided, Decision
from nophoto.models.vocabulary import Kind, Verdict

NEARLY_SAME = 0.99
"""Cosine from which on two pictures with the same nearest reference are one item.

A picture re-encoded or resized stays above it, and no reach of copies is higher. A moderator sees
every member all the same.
"""

BY_BYTES_ALONE = frozenset({Kind.NOTICE, Kind.INITIALS, Kind.IDENTICON, Kind.SIZE_LABEL})
"""Kinds in which a few strokes make another picture: other words, other letters, another person."""

_LOOKED_THROUGH = 120
"""Items of the queue among which nearly equal ones are sought: ten pages of them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Items that one decision serves; the first one stands for all."""

    items: list[Waiting]

    @property
    def first(self) -> Waiting:
        """The item that stands for all."""
        return self.items[0]

    @property
    def upload_ids(self) -> list[int]:
        """Of all members."""
        return [upload_id for item in self.items for upload_id in item.upload_ids]


def next_groups(
    database: Database,
    filters: QueueFilter,
    order: Order,
    *,
    skipped: frozenset[str] = frozenset(),
    together: bool = True,
) -> list[Group]:
    """The next items of the queue in order.

    Args:
        database: migrated.
        filters: which uploads.
        order: which first.
        skipped: digests to leave out.
        together: whether nearly equal pictures are one group; the same bytes always are.
    """
    with database.reading() as session:
        active = model_versions.active(session)
        items = review_queue.page(session, filters, order, limit=_LOOKED_THROUGH, without=skipped)
        if not together or active is None:
            return [Group([item]) for item in items]
        known = embeddings.recall(session, [item.digest for item in items], active.id)
    return _grouped(items, known)


def decide(
    database: Database,
    upload_ids: Sequence[int],
    verdict: Verdict,
    reviewer: str,
    *,
    note: str = "",
    replace: bool = False,
) -> Decision:
    """Say of uploads what they are; see `reviews.decide`."""
    with database.transaction() as session:
        return reviews.decide(session, upload_ids, verdict, reviewer, note=note, replace=replace)


def undo(database: Database, review_ids: Sequence[int], by: str) -> list[int]:
    """Take reviews back; see `reviews.undo`."""
    with database.transaction() as session:
        return reviews.undo(session, review_ids, by)


def decide_keys(
    database: Database,
    keys: Sequence[str],
    verdict: Verdict,
    reviewer: str,
    *,
    note: str = "",
    replace: bool = False,
) -> Decision:
    """Say of the uploads with these keys what they are; see `reviews.decide`.

    Raises:
        UnknownUploadError: naming the keys that no upload has; nothing is decided then.
    """
    with database.transaction() as session:
        ids = reviews.ids_of(session, keys)
        return reviews.decide(session, ids, verdict, reviewer, note=note, replace=replace)


def undo_together(database: Database, review_id: int, by: str) -> list[Decided]:
    """Take back a review and all that was decided together with it, by whomever.

    Returns:
        The decisions that were taken back; none where it was undone already.
    """
    with database.transaction() as session:
        together = reviews.together(session, review_id)
        reviews.undo(session, [decided.review_id for decided in together], by)
    return together


def undo_last(database: Database, reviewer: str) -> list[Decided]:
    """Take back what `reviewer` decided last, all that was decided together.

    Returns:
        The decisions that were taken back; none where there is none.
    """
    with database.transaction() as session:
        newest = reviews.history(session, limit=1, reviewer=reviewer)
        if not newest:
            return []
        together = reviews.together(session, newest[0].review_id)
        reviews.undo(session, [decided.review_id for decided in together], reviewer)
    return together


def _grouped(items: Sequence[Waiting], known: Mapping[str, NDArray[np.float16]]) -> list[Group]:
    groups: list[Group] = []
    by_reference: dict[tuple[int | None, Verdict], list[tuple[Group, NDArray[np.float32]]]] = {}
    for item in items:
        vector = known.get(item.digest)
        if vector is None or item.kind in BY_BYTES_ALONE:
            groups.append(Group([item]))
            continue
        alike = by_reference.setdefault((item.nearest_reference_id, item.verdict), [])
        wide = vector.astype(np.float32)
        for group, leader in alike:
            if float(leader @ wide) >= NEARLY_SAME:
                group.items.append(item)
                break
        else:
            group = Group([item])
            groups.append(group)
            alike.append((group, wide))
    return groups
