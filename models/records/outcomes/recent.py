"""The stored embeddings of the last uploads, for looking what another reference would claim."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from nophoto.models.records.outcomes.results import VERDICT
from nophoto.models.records.tables import Embedding, Upload
from nophoto.models.vocabulary import Verdict

_FETCHED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class RecentUploads:
    """Some uploads, the newest first; the same bytes are one.

    Attributes:
        ids, keys: n of each.
        digests: (n,) of 64 bytes each.
        is_real: whether they stand as real, (n,).
        vectors: their embeddings, (n, dimension).
    """

    ids: list[int]
    keys: list[str]
    digests: NDArray[np.bytes_]
    is_real: NDArray[np.bool_]
    vectors: NDArray[np.float32]


def recent_uploads(
    session: Session,
    model_version_id: str,
    dimension: int,
    limit: int,
    collection: str | None = None,
) -> Iterator[RecentUploads]:
    """The last `limit` uploads that a model version embedded, some thousand at a time.

    Args:
        session: any.
        model_version_id: whose embeddings.
        dimension: of them.
        limit: uploads at most.
        collection: only its uploads.
    """
    embedded = and_(
        Embedding.digest == Upload.digest, Embedding.model_version_id == model_version_id
    )
    query = (
        select(Upload.id, Upload.key, Upload.digest, VERDICT, Embedding.vector)
        .join(Embedding, embedded)
        .where(VERDICT.is_not(None))
        .order_by(Upload.id.desc())
        .limit(limit)
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    if collection is not None:
        query = query.where(Upload.collection == collection)
    met: set[str | None] = set()
    for rows in session.execute(query).partitions():
        new = {row[2]: row for row in reversed(rows) if row[2] not in met}
        met |= new.keys()
        if not new:
            continue
        ids, keys, digests, verdicts, vectors = zip(*reversed(new.values()), strict=True)
        yield RecentUploads(
            list(ids),
            list(keys),
            np.array(digests, "S64"),
            np.array([verdict == Verdict.REAL for verdict in verdicts], np.bool_),
            np.frombuffer(b"".join(vectors), "<f2").reshape(len(ids), dimension).astype(np.float32),
        )
