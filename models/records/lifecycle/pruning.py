"""Deleting what nobody needs any more, a batch at a time, so that no upload waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, select, tuple_
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.lifecycle import erasing
from nophoto.models.records.tables import (
    CohortPicture,
    Embedding,
    ModelVersion,
    Reference,
    Run,
    RunChange,
    RunChunk,
    Score,
    Upload,
)
from nophoto.models.records.versions import promotions

UPLOADS_AT_ONCE = 20_000
"""Ids of uploads whose history is thinned in one transaction."""

ROWS_AT_ONCE = 10_000
"""Other rows that are deleted in one transaction."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept.

    Attributes:
        history_days: after which of an upload's scores only those stay that said otherwise than
            the one before, and the newest.
        changes_days: after which what a finished run found is forgotten; its result stays.
    """

    history_days: float
    changes_days: float


BY = "nophoto (retention)"
"""Who the audit names for what is erased by its age."""


@dataclass(slots=True)
class Forgotten:
    """How much collections kept no longer."""

    uploads: int = 0
    scores: int = 0
    cohort: int = 0


def last_upload_id(session: Session) -> int:
    """The highest id that an upload has."""
    return session.scalar(select(func.max(Upload.id))) or 0


def thin_history(
    session: Session, retention: Retention, after_id: int, *, dry_run: bool = False
) -> int:
    """Delete scores of the uploads that follow `after_id`, and return how many.

    One goes if it is old, repeats the verdict of the one before it, and is not the upload's
    newest: what changed, and what stands, can still be read.
    """
    earlier = func.lag(Score.verdict).over(partition_by=Score.upload_id, order_by=Score.id)
    later = func.lead(Score.id).over(partition_by=Score.upload_id, order_by=Score.id)
    rows = (
        select(Score.id, Score.at, Score.verdict, earlier.label("earlier"), later.label("later"))
        .where(Score.upload_id.between(after_id + 1, after_id + UPLOADS_AT_ONCE))
        .subquery()
    )
    repeats = select(rows.c.id).where(
        rows.c.at < _before(session, retention.history_days),
        rows.c.verdict == rows.c.earlier,
        rows.c.later.is_not(None),
    )
    if dry_run:
        return session.scalar(select(func.count()).select_from(repeats.subquery())) or 0
    return _delete(session, Score.id.in_(repeats), Score)


def forget_collections(
    session: Session, kept_for: Sequence[CollectionRow], after_id: int
) -> "Forgotten":
    """Erase what collections keep no longer, among the uploads that follow `after_id`.

    Uploads by when their picture came; of the others all scores but the newest; pictures of the
    cohort.
    """
    done = Forgotten()
    those = Upload.id.between(after_id + 1, after_id + UPLOADS_AT_ONCE)
    for row in kept_for:
        of = and_(those, Upload.collection == row.name)
        if row.uploads_days is not None:
            came = func.coalesce(Upload.replaced_at, Upload.created_at)
            old = and_(of, came < _before(session, row.uploads_days))
            why = f"kept for {row.uploads_days:g} days in {row.name}"
            done.uploads += len(
                erasing.erase(session, old, by=BY, limit=UPLOADS_AT_ONCE, why=why).keys
            )
        if row.scores_days is not None:
            of_them = Score.upload_id.in_(select(Upload.id).where(of))
            newest = select(func.max(Score.id)).where(of_them).group_by(Score.upload_id)
            old = and_(
                of_them,
                Score.at < _before(session, row.scores_days),
                Score.id.not_in(newest),
            )
            done.scores += _delete(session, old, Score)
        if row.cohort_days is not None:
            old = and_(
                CohortPicture.added_at < _before(session, row.cohort_days),
                CohortPicture.digest.in_(select(Upload.digest).where(of)),
            )
            done.cohort += _delete(session, old, CohortPicture)
    return done


def drop_embeddings(session: Session, *, dry_run: bool = False) -> int:
    """Delete embeddings of retired model versions, `ROWS_AT_ONCE` at most; return how many.

    Retired is one that has judged, judges no more, and is not what a rollback leads to. The
    embeddings of references are kept: they are few, and comparing old versions needs them.
    """
    kept = promotions.previous(session)
    retired = select(ModelVersion.id).where(
        ~ModelVersion.active, ModelVersion.promoted_at.is_not(None), ModelVersion.id != (kept or "")
    )
    unneeded = select(Embedding.digest, Embedding.model_version_id).where(
        Embedding.model_version_id.in_(retired),
        Embedding.digest.not_in(select(Reference.digest)),
    )
    if dry_run:
        return session.scalar(select(func.count()).select_from(unneeded.subquery())) or 0
    some = tuple_(Embedding.digest, Embedding.model_version_id).in_(unneeded.limit(ROWS_AT_ONCE))
    return _delete(session, some, Embedding)


def forget_changes(session: Session, retention: Retention, *, dry_run: bool = False) -> int:
    """Delete what old finished runs found, `ROWS_AT_ONCE` at most; return how many changes."""
    old = select(Run.id).where(Run.finished_at < _before(session, retention.changes_days))
    unneeded = select(RunChange.run_id, RunChange.upload_id).where(RunChange.run_id.in_(old))
    if dry_run:
        return session.scalar(select(func.count()).select_from(unneeded.subquery())) or 0
    _delete(session, RunChunk.run_id.in_(old), RunChunk)
    some = tuple_(RunChange.run_id, RunChange.upload_id).in_(unneeded.limit(ROWS_AT_ONCE))
    return _delete(session, some, RunChange)


def _before(session: Session, days: float) -> datetime:
    return clock.now(session) - timedelta(days=days)


def _delete(
    session: Session,
    which: ColumnElement[bool],
    table: type[Score | Embedding | RunChange | RunChunk | CohortPicture],
) -> int:
    return session.connection().execute(delete(table).where(which)).rowcount
