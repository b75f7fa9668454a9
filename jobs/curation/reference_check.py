"""Looking before a reference is added: what it nearly equals, and which photos it would flag."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from nophoto.jobs.curation.preview import Nearest, Tried
from nophoto.models.records import embeddings
from nophoto.models.records.database import Database
from nophoto.models.records.tables import Upload
from nophoto.models.vocabulary import Verdict

NEARLY_EQUAL = 0.98
"""Cosine from which on a new reference adds next to nothing to one that is there."""

_CONFIRMED = 20_000
"""Uploads confirmed real that are compared, the last ones."""


@dataclass(frozen=True, slots=True)
class WouldFlag:
    """An upload that a moderator confirmed real, and that the new reference would flag."""

    upload_id: int
    key: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Warnings:
    """What speaks against a new reference.

    Attributes:
        nearly_equal: a reference that it nearly equals.
        would_flag: confirmed photographs that it would flag, the most similar first.
        compared: confirmed photographs that it was compared with.
    """

    nearly_equal: Nearest | None
    would_flag: list[WouldFlag]
    compared: int

    @property
    def are_there(self) -> bool:
        """Whether anything speaks against it."""
        return bool(self.nearly_equal or self.would_flag)


def check_reference(database: Database, tried: Tried) -> Warnings:
    """What speaks against making the picture that was tried a reference."""
    nearest = tried.nearest[0] if tried.nearest else None
    with database.reading() as session:
        query = (
            select(Upload.digest, Upload.id, Upload.key)
            .where(Upload.reviewed == Verdict.REAL, Upload.digest.is_not(None))
            .order_by(Upload.id.desc())
            .limit(_CONFIRMED)
        )
        confirmed = {digest: (i, key) for digest, i, key in session.execute(query) if digest}
        known = embeddings.recall(session, list(confirmed), tried.model_version)
    digests = list(known)
    similarities = _similarities(tried.vector, [known[digest] for digest in digests])
    flagged = [
        WouldFlag(*confirmed[digest], similarity)
        for digest, similarity in zip(digests, similarities.tolist(), strict=True)
        if similarity >= tried.threshold
    ]
    return Warnings(
        nearest if nearest and nearest.similarity >= NEARLY_EQUAL else None,
        sorted(flagged, key=lambda each: -each.similarity),
        len(digests),
    )


def _similarities(
    vector: NDArray[np.floating[Any]], others: list[NDArray[np.float16]]
) -> NDArray[np.float32]:
    if not others:
        return np.empty(0, np.float32)
    return np.stack(others).astype(np.float32) @ vector.astype(np.float32)
