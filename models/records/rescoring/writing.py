"""Writing what a rescoring found to the uploads, and to their history."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Insert,
    Subquery,
    and_,
    case,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session, outerjoin

from nophoto.models.reasons import held_as_sudden
from nophoto.models.records import clock
from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.rescoring.changes import of_ids
from nophoto.models.records.rescoring.chunks import Span
from nophoto.models.records.tables import Reference, RunChange, Score, Upload, UploadState
from nophoto.models.vocabulary import Verdict

_SAID = (
    "verdict",
    "needs_review",
    "score",
    "similarity",
    "kind",
    "nearest_reference_id",
    "reason",
    "model_version_id",
    "reference_set_version",
)
"""Columns that the history repeats of an upload."""


@dataclass(frozen=True, slots=True)
class Source:
    """What made verdicts: a model version against a version of the set, in a run."""

    run_id: int
    model_version_id: str
    reference_set_version: int


@dataclass(frozen=True, slots=True)
class Written:
    """What became of some changes.

    Attributes:
        verdicts: how many were written.
        held: matches of references held back that were marked for review instead.
        flipped: ids of the uploads whose verdict is another now; a moderator's word stays.
    """

    verdicts: int
    held: int
    flipped: list[int]


def write_changes(
    session: Session,
    source: Source,
    spans: Sequence[Span],
    held_back: Collection[int],
) -> Written:
    """Write the kept changes of the ids of `spans` to the uploads, and each to the history.

    Where another verdict was written meanwhile, or the upload waits for one, that stands. A new
    match of a reference that is held back, by id, does not become a placeholder: its verdict
    stays, marked for review with that reason.
    """
    now = clock.now(session)
    changes = _changes(of_ids(source.run_id, spans))
    is_suspect = and_(
        changes.c.is_placeholder,
        not_(changes.c.was_placeholder),
        changes.c.nearest_reference_id.in_(held_back),
    )
    sound = not_(is_suspect) if held_back else true()
    verdicts, flipped = _write(session, source, changes, sound, _as_judged(source, changes), now)
    held = 0
    for reference_id in held_back:
        reason = held_as_sudden(reference_id)
        suspect = and_(is_suspect, changes.c.nearest_reference_id == reference_id)
        marked = {Upload.needs_review: true(), Upload.reason: reason}
        # Held once is enough: nothing new is said of it every night.
        is_news = or_(Upload.reason.is_(None), Upload.reason != reason)
        held += _write(session, source, changes, suspect, marked, now, is_news)[0]
    return Written(verdicts, held, flipped)


def _changes(which: ColumnElement[bool]) -> Subquery:
    kind = outerjoin(RunChange, Reference, Reference.id == RunChange.nearest_reference_id)
    return select(RunChange, Reference.kind).select_from(kind).where(which).subquery("changes")


def _as_judged(source: Source, changes: Subquery) -> dict[Any, Any]:
    names = ("needs_review", "similarity", "score", "kind", "nearest_reference_id", "reason")
    return {
        Upload.verdict: case((changes.c.is_placeholder, Verdict.PLACEHOLDER), else_=Verdict.REAL),
        **{getattr(Upload, name): changes.c[name] for name in names},
        Upload.model_version_id: source.model_version_id,
        Upload.reference_set_version: source.reference_set_version,
    }


def _write(
    session: Session,
    source: Source,
    changes: Subquery,
    which: ColumnElement[bool],
    values: Mapping[Any, Any],
    now: datetime,
    is_news: ColumnElement[bool] | None = None,
) -> tuple[int, list[int]]:
    """Write `values` to the uploads of those changes that meet `which`, and to the history.

    Where `is_news` is given, only to uploads that meet it.

    Returns:
        How many they are, and the ids of those that no moderator has decided on and whose verdict
        is another by the change.
    """
    of_change = Upload.id == changes.c.upload_id
    statement = (
        update(Upload)
        .where(
            of_change,
            Upload.state == UploadState.JUDGED,
            # Exactly the verdict that was compared: writing another moves it.
            Upload.judged_at == changes.c.judged_at,
            which,
            true() if is_news is None else is_news,
        )
        .values({**values, Upload.judged_at: now, Upload.updated_at: now})
        .execution_options(synchronize_session=False)
    )
    is_flip = and_(changes.c.was_placeholder != changes.c.is_placeholder, Upload.reviewed.is_(None))
    said = (
        Upload.id,
        Upload.judged_at,
        *(getattr(Upload, name) for name in _SAID),
        is_flip.label("is_flip"),
    )
    if is_postgresql(session):
        # In one statement: to find again what was just written costs as much as writing it, for no
        # statistics know of these rows yet.
        written = statement.returning(*said).cte("written")
        flips = func.array_agg(written.c.id).filter(written.c.is_flip)
        history = _history(written, source.run_id).cte("history")
        count, flipped = session.execute(select(func.count(), flips).add_cte(history)).one()
        return count, list(flipped or ())
    session.execute(statement)
    # The rows are locked, and the time is this call's.
    found = select(*said).where(of_change, Upload.judged_at == now, which).subquery("written")
    # A driver says how many rows an INSERT made only if it is asked to keep the number.
    count = (
        session.connection()
        .execute(_history(found, source.run_id), execution_options={"preserve_rowcount": True})
        .rowcount
    )
    return count, list(session.scalars(select(found.c.id).where(found.c.is_flip)))


def _history(written: CTE | Subquery, run_id: int) -> Insert:
    rows = select(
        written.c.id, written.c.judged_at, literal(run_id), *(written.c[name] for name in _SAID)
    )
    return insert(Score).from_select(["upload_id", "at", "run_id", *_SAID], rows)
