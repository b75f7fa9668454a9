"""What waits for a moderator, grouped so that one decision serves nearly equal pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from nophoto.models.records.review import review_queue
from nophoto.models.records.review.review_queue import Order, QueueFilter, Waiting
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.versions import model_versions
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
    def count(self) -> int:
        """How many uploads it has."""
        return sum(item.count for item in self.items)

    @property
    def digests(self) -> tuple[str, ...]:
        """Of its pictures."""
        return tuple(item.digest for item in self.items)


def next_groups(
    session: Session,
    filters: QueueFilter,
    order: Order,
    *,
    skipped: frozenset[str] = frozenset(),
    together: bool = True,
) -> list[Group]:
    """The next items of the queue in order.

    Args:
        session: any.
        filters: which uploads.
        order: which first.
        skipped: digests to leave out.
        together: whether nearly equal pictures are one group; the same bytes always are.
    """
    items = review_queue.page(session, filters, order, limit=_LOOKED_THROUGH, without=skipped)
    version_id = model_versions.active_id(session) if together else None
    if version_id is None:
        return [Group([item]) for item in items]
    known = embeddings.recall(session, [item.digest for item in items], version_id)
    return _grouped(items, known)


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
