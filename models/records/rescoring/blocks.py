"""Uploads and their stored embeddings, a block at a time, in columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session

from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.outcomes.results import ResultFilter, conditions
from nophoto.models.records.rescoring import copying
from nophoto.models.records.rescoring.copying import Column
from nophoto.models.records.tables import Embedding, Upload, UploadState
from nophoto.models.vocabulary import Verdict

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose verdicts a rescoring makes again: judged uploads that meet `filters`.

    Attributes:
        model_version_id: by whose embeddings.
        dimension: of them.
        collections: that are not judged as the others are; a block names them by their places
            among these, counted from 1.
    """

    filters: ResultFilter
    model_version_id: str
    dimension: int
    collections: tuple[str, ...] = ()

    def conditions(self, first_id: int, last_id: int) -> Iterator[ColumnElement[bool]]:
        """What an upload must meet to be one of them, with an id from `first_id` to `last_id`."""
        yield Upload.id.between(first_id, last_id)
        yield Upload.state == UploadState.JUDGED
        yield from conditions(self.filters)


@dataclass(frozen=True, slots=True)
class Block:
    """n judged uploads with what is said of them, and their embeddings.

    Attributes:
        ids: (n,).
        judged_at: when the verdict was written, microseconds since 2000, (n,).
        is_placeholder, needs_review: (n,).
        is_reviewed: whether a moderator has decided, (n,).
        has_reason: whether the verdict has one, (n,).
        is_by_model: whether the verdict is by the scope's model version, (n,).
        similarity, score: (n,), NaN where there is none.
        nearest: ids of references, (n,), 0 where there is none.
        collections: places among the scope's, counted from 1, (n,); 0 for all others.
        digests: 64 bytes each, (n,).
        vectors: float16, (n, dimension).
    """

    ids: NDArray[np.int64]
    judged_at: NDArray[np.int64]
    is_placeholder: NDArray[np.bool_]
    needs_review: NDArray[np.bool_]
    is_reviewed: NDArray[np.bool_]
    has_reason: NDArray[np.bool_]
    is_by_model: NDArray[np.bool_]
    similarity: NDArray[np.float64]
    score: NDArray[np.float64]
    nearest: NDArray[np.int64]
    collections: NDArray[np.int64]
    digests: NDArray[np.bytes_]
    vectors: NDArray[np.float16]

    def take(self, rows: NDArray[np.intp]) -> "Block":
        """Some of them."""
        return Block(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A judged upload whose picture the scope's network has not seen."""

    id: int
    uri: str
    digest: str | None


def read_block(session: Session, scope: Scope, first_id: int, last_id: int) -> Block:
    """The uploads of `scope` with ids from `first_id` to `last_id` that have an embedding."""
    if is_postgresql(session):
        return _packed(session, scope, first_id, last_id)
    return _selected(session, scope, first_id, last_id)


def unembedded(
    session: Session, scope: Scope, first_id: int, last_id: int, limit: int
) -> list[Unembedded]:
    """Those of `scope` that have no embedding, the first `limit` of them by id."""
    query = (
        select(Upload.id, Upload.uri, Upload.digest)
        .where(*scope.conditions(first_id, last_id), ~exists().where(_embedding_of(scope)))
        .order_by(Upload.id)
        .limit(limit)
    )
    return [Unembedded(*row) for row in session.execute(query)]


def judged_digests(session: Session, ids: Sequence[int]) -> dict[int, str | None]:
    """The digests of those of some uploads that are judged still, whose rows it locks."""
    query = (
        select(Upload.id, Upload.digest)
        .where(Upload.id.in_(ids), Upload.state == UploadState.JUDGED)
        .order_by(Upload.id)
        .with_for_update()
    )
    return dict(session.execute(query).all())


def time_of(microseconds: int) -> datetime:
    """The time that a block's `judged_at` means."""
    return _EPOCH + int(microseconds) * _MICROSECOND


def _embedding_of(scope: Scope) -> ColumnElement[bool]:
    return and_(
        Embedding.digest == Upload.digest, Embedding.model_version_id == scope.model_version_id
    )


def _query(scope: Scope, first_id: int, last_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Upload.id,
            Upload.judged_at,
            (Upload.verdict == Verdict.PLACEHOLDER).label("is_placeholder"),
            Upload.needs_review,
            Upload.reviewed.is_not(None).label("is_reviewed"),
            Upload.reason.is_not(None).label("has_reason"),
            (Upload.model_version_id == scope.model_version_id).label("is_by_model"),
            func.coalesce(Upload.similarity, _NOTHING).label("similarity"),
            func.coalesce(Upload.score, _NOTHING).label("score"),
            func.coalesce(Upload.nearest_reference_id, 0).label("nearest"),
            _place(scope).label("collection"),
            Upload.digest,
            Embedding.vector,
        )
        .join(Embedding, _embedding_of(scope))
        .where(*scope.conditions(first_id, last_id))
    )


def _place(scope: Scope) -> ColumnElement[int]:
    if not scope.collections:
        return literal(0, BigInteger)
    places = {name: place for place, name in enumerate(scope.collections, start=1)}
    return cast(case(places, value=Upload.collection, else_=0), BigInteger)


_NOTHING = -9.0  # neither a cosine nor a score; SQLite stores no NaN


def _packed(session: Session, scope: Scope, first_id: int, last_id: int) -> Block:
    # A few thousand look-ups by key. Left to itself the planner now and then reads the whole table
    # of embeddings for them, again for each block; and other processes work on other blocks.
    session.execute(
        text(
            "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
            "SET LOCAL max_parallel_workers_per_gather = 0"
        )
    )
    flags = ("is_placeholder", "needs_review", "is_reviewed", "has_reason", "is_by_model")
    rows = copying.read(
        session,
        _query(scope, first_id, last_id),
        [
            Column("id", "int8send", ">i8"),
            Column("judged_at", "timestamptz_send", ">i8"),
            *(Column(flag, "boolsend", "?") for flag in flags),
            Column("similarity", "float8send", ">f8"),
            Column("score", "float8send", ">f8"),
            Column("nearest", "int8send", ">i8"),
            Column("collection", "int8send", ">i8"),
            Column("digest", "varcharsend", "S64"),
            Column("vector", "byteasend", "<f2", (scope.dimension,)),
        ],
    )
    return Block(
        ids=rows["id"].astype(np.int64),
        judged_at=rows["judged_at"].astype(np.int64),
        **{flag: rows[flag] for flag in flags},
        similarity=_nan_for_none(rows["similarity"].astype(np.float64)),
        score=_nan_for_none(rows["score"].astype(np.float64)),
        nearest=rows["nearest"].astype(np.int64),
        collections=rows["collection"].astype(np.int64),
        digests=rows["digest"],
        vectors=rows["vector"],
    )


def _selected(session: Session, scope: Scope, first_id: int, last_id: int) -> Block:
    rows = session.execute(_query(scope, first_id, last_id)).all()
    ids, judged_at, placeholder, review, reviewed, reason, by_model, *rest = (
        zip(*rows, strict=True) if rows else [()] * 13
    )
    similarity, score, nearest, collections, digests, vectors = rest
    return Block(
        ids=np.array(ids, np.int64),
        judged_at=np.array([(at - _EPOCH) // _MICROSECOND for at in judged_at], np.int64),
        is_placeholder=np.array(placeholder, np.bool_),
        needs_review=np.array(review, np.bool_),
        is_reviewed=np.array(reviewed, np.bool_),
        has_reason=np.array(reason, np.bool_),
        is_by_model=np.array(by_model, np.bool_),
        similarity=_nan_for_none(np.array(similarity, np.float64)),
        score=_nan_for_none(np.array(score, np.float64)),
        nearest=np.array(nearest, np.int64),
        collections=np.array(collections, np.int64),
        digests=np.array(digests, "S64"),
        vectors=np.frombuffer(b"".join(vectors), "<f2").reshape(len(rows), scope.dimension),
    )


def _nan_for_none(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(numbers == _NOTHING, np.nan, numbers)
