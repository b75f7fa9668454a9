"""What is new: pictures that many keys share and that no reference claims."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records import collections
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import unflagged
from nophoto.models.records.outcomes.unflagged import Example
from nophoto.models.vision.matching import SAME_PICTURE, copy_reaches, near_copies
from nophoto.worker.matching.judge import Judge

MOST = 1_000_000
"""Pictures that are compared, the newest ones: 256 MB of embeddings."""

EXAMPLES = 6
"""Uploads of a group that are shown."""

_MOST_GROUPS = 1_000
"""Groups that are looked at, the heaviest ones."""

_BLOCK = 20_000
"""Pictures that are compared with the medoids at once: 80 MB of cosines."""

_SEED = 20
"""The same uploads give the same groups."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Uploads that show one picture, and that nothing flags.

    Attributes:
        medoid: the upload that is most like the others.
        keys: uploads in all.
        pictures: different bytes among them.
        recent: uploads within the window.
        before: uploads within the window before it.
        examples: of different bytes, the medoid first.
        upload_ids: one of each different bytes.
    """

    medoid: Example
    keys: int
    pictures: int
    recent: int
    before: int
    examples: list[Example]
    upload_ids: list[int]

    @property
    def growth(self) -> int:
        """By how much more came within the window than within the one before."""
        return self.recent - self.before


def discover(
    database: Database,
    judge: Judge,
    *,
    window: timedelta = timedelta(days=7),
    looked_back: timedelta = timedelta(days=30),
    least: int = 5,
    most: int = MOST,
    collection: str | None = None,
) -> list[Discovery]:
    """The pictures that at least `least` uploads share, the fastest growing first.

    A group begins with copies that are equal but for recompression; what is a changed copy of its
    medoid, by the reach that a reference of its copies would have, belongs to it as well.

    Args:
        database: migrated.
        judge: whose network embedded the uploads.
        window: what counts as recent.
        looked_back: the oldest upload that counts.
        least: uploads of the smallest group.
        most: pictures that are compared.
        collection: whose uploads alone are looked at; None: those of all.

    Raises:
        UnknownCollectionError: if there is no such collection.
    """
    network = judge.network
    with database.reading() as session:
        if collection is not None:
            collections.get(session, collection)
        pictures = unflagged.unflagged_pictures(
            session,
            network.version.id,
            network.dimension,
            window=window,
            looked_back=looked_back,
            most=most,
            collection=collection,
        )
    random = np.random.default_rng(_SEED)
    cores = near_copies(pictures.vectors, pictures.keys, SAME_PICTURE, max(2, least // 2), random)
    if not cores:
        return []
    medoids = np.array([core.medoid for core in cores[:_MOST_GROUPS]])
    wide = pictures.vectors[medoids].astype(np.float32)
    reaches = copy_reaches(wide, judge.cohorts, judge.matcher.calibration.common)
    leaders = _leaders(wide, reaches)
    members = _members(pictures.vectors, wide[leaders], reaches[leaders])
    found = []
    for medoid, claimed in zip(medoids[leaders], members, strict=True):
        rows = np.concatenate([[medoid], claimed[claimed != medoid]])
        keys = int(pictures.keys[rows].sum())
        if keys >= least:
            counts = (keys, int(pictures.recent[rows].sum()), int(pictures.before[rows].sum()))
            found.append((rows, counts))
    found.sort(key=lambda each: (each[1][2] - each[1][1], -each[1][0], int(each[0][0])))
    ids = [int(pictures.upload_ids[row]) for rows, _ in found for row in rows[:EXAMPLES]]
    with database.reading() as session:
        shown = unflagged.examples(session, ids)
    return [
        Discovery(
            medoid=shown[int(pictures.upload_ids[rows[0]])],
            keys=keys,
            pictures=len(rows),
            recent=recent,
            before=before,
            examples=[shown[int(pictures.upload_ids[row])] for row in rows[:EXAMPLES]],
            upload_ids=pictures.upload_ids[rows].tolist(),
        )
        for rows, (keys, recent, before) in found
    ]


def _leaders(medoids: NDArray[np.float32], reaches: NDArray[np.float64]) -> list[int]:
    """The places of those that are not changed copies of a heavier one."""
    leaders: list[int] = []
    for place, medoid in enumerate(medoids):
        if not leaders or (medoids[leaders] @ medoid < reaches[leaders]).all():
            leaders.append(place)
    return leaders


def _members(
    vectors: NDArray[np.float16], medoids: NDArray[np.float32], reaches: NDArray[np.float64]
) -> list[NDArray[np.intp]]:
    """The rows that each medoid claims; a row that several would claim is the nearest one's."""
    found: list[list[NDArray[np.intp]]] = [[] for _ in medoids]
    for start in range(0, len(vectors), _BLOCK):
        cosines = vectors[start : start + _BLOCK].astype(np.float32) @ medoids.T
        margin = cosines - reaches.astype(np.float32)
        cosines[margin < 0] = -2.0
        nearest = cosines.argmax(axis=1)
        is_claimed = cosines[np.arange(len(cosines)), nearest] > -2.0
        for place in np.unique(nearest[is_claimed]):
            rows = np.flatnonzero(is_claimed & (nearest == place))
            found[place].append(rows + start)
    return [np.concatenate(rows) if rows else np.empty(0, np.intp) for rows in found]
