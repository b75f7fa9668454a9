"""The recent uploads that nothing flags, as pictures: the same bytes are one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.chunks import chunks
from nophoto.models.records.tables import Embedding, Upload, UploadState
from nophoto.models.vocabulary import Verdict

_FETCHED_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Pictures:
    """n pictures, the newest first.

    Attributes:
        upload_ids: of the newest upload of each, (n,).
        keys: uploads that have these bytes, (n,).
        recent: those of them that came within the window, (n,).
        before: those that came within the window before it, (n,).
        vectors: their embeddings, (n, dimension).
    """

    upload_ids: NDArray[np.int64]
    keys: NDArray[np.int64]
    recent: NDArray[np.int64]
    before: NDArray[np.int64]
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Example:
    """An upload that stands for others of the same bytes."""

    upload_id: int
    key: str
    uri: str
    digest: str


def unflagged_pictures(
    session: Session,
    model_version_id: str,
    dimension: int,
    *,
    window: timedelta,
    looked_back: timedelta,
    most: int,
    collection: str | None = None,
) -> Pictures:
    """The pictures of uploads that were judged real, or unsure, and that nobody has decided.

    What the allow-list made real is left out. Memory is bounded by `most`.

    Args:
        session: any.
        model_version_id: whose embeddings.
        dimension: of them.
        window: what counts as recent.
        looked_back: the oldest upload that counts.
        most: pictures, the newest ones.
        collection: whose uploads alone; None: those of all.
    """
    now = clock.now(session)
    rows = np.empty((most, 4), np.int64)
    vectors = np.empty((most, dimension), np.float16)
    count = 0
    for some in _rows(session, model_version_id, now, window, looked_back, most, collection):
        part = slice(count, count + len(some))
        rows[part] = [row[:4] for row in some]
        joined = b"".join(row[4] for row in some)
        vectors[part] = np.frombuffer(joined, "<f2").reshape(len(some), dimension)
        count += len(some)
    ids, keys, recent, before = rows[:count].T
    return Pictures(ids, keys, recent, before, vectors[:count])


def examples(session: Session, upload_ids: list[int]) -> dict[int, Example]:
    """What there is to show of some uploads, by id."""
    query = select(Upload.id, Upload.key, Upload.uri, Upload.digest)
    rows = session.execute(query.where(Upload.id.in_(upload_ids)))
    return {row[0]: Example(row[0], row[1], row[2], row[3] or "") for row in rows}


def digests_of(session: Session, upload_ids: Sequence[int]) -> list[str]:
    """The digests of the bytes of some uploads, each once, in order."""
    found: set[str] = set()
    for some in chunks(upload_ids):
        query = select(Upload.digest).where(Upload.id.in_(some), Upload.digest.is_not(None))
        found |= {digest for digest in session.scalars(query) if digest}
    return sorted(found)


def _rows(
    session: Session,
    model_version_id: str,
    now: datetime,
    window: timedelta,
    looked_back: timedelta,
    most: int,
    collection: str | None,
) -> Iterator[list[tuple[int, int, int, int, bytes]]]:
    start = now - window
    grouped = (
        select(
            Upload.digest.label("digest"),
            func.max(Upload.id).label("upload_id"),
            func.count().label("uploads"),
            func.sum(case((Upload.created_at > start, 1), else_=0)).label("recent"),
            func.sum(case((Upload.created_at.between(start - window, start), 1), else_=0)).label(
                "before"
            ),
        )
        .where(
            Upload.digest.is_not(None),
            Upload.state == UploadState.JUDGED,
            Upload.reviewed.is_(None),
            Upload.created_at > now - looked_back,
            true() if collection is None else Upload.collection == collection,
            or_(
                Upload.needs_review,
                and_(Upload.verdict == Verdict.REAL, Upload.reason.is_(None)),
            ),
        )
        .group_by(Upload.digest)
        .subquery()
    )
    embedded = and_(
        Embedding.digest == grouped.c.digest, Embedding.model_version_id == model_version_id
    )
    query = (
        select(
            grouped.c.upload_id,
            grouped.c.uploads,
            grouped.c.recent,
            grouped.c.before,
            Embedding.vector,
        )
        .join(Embedding, embedded)
        .order_by(grouped.c.upload_id.desc())
        .limit(most)
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    for rows in session.execute(query).partitions():
        yield [(row[0], row[1], int(row[2]), int(row[3]), row[4]) for row in rows]
