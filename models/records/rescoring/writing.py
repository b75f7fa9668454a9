"""Writing what a rescoring found to the uploads, and to their history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    insert,
    literal,
    not_,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session

from nophoto.models.reasons import held_as_sudden
from nophoto.models.records import clock
from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.rescoring.changes import of_ids
from nophoto.models.records.tables import Reference, RunChange, Score, Upload, UploadState
from nophoto.models.vocabulary import Verdict


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
    first_id: int,
    last_id: int,
    held_back: Collection[int],
) -> Written:
    """Write the kept changes of some ids to the uploads, and each to the history.

    Where another verdict was written meanwhile, or the upload waits for one, that stands. A new
    match of a reference that is held back, by id, does not become a placeholder: its verdict
    stays, marked for review with that reason.
    """
    now = clock.now(session)
    # Exactly the verdict that was compared: writing another moves `judged_at`.
    pending = and_(
        of_ids(source.run_id, first_id, last_id),
        Upload.id == RunChange.upload_id,
        Upload.state == UploadState.JUDGED,
        Upload.judged_at == RunChange.judged_at,
    )
    suspect = and_(
        RunChange.is_placeholder,
        not_(RunChange.was_placeholder),
        RunChange.nearest_reference_id.in_(held_back),
    )
    kind = select(Reference.kind).where(Reference.id == RunChange.nearest_reference_id)
    verdict = case((RunChange.is_placeholder, Verdict.PLACEHOLDER), else_=Verdict.REAL)
    session.execute(
        update(Upload)
        .where(pending, not_(suspect) if held_back else true())
        .values(
            {
                Upload.verdict: verdict,
                Upload.needs_review: RunChange.needs_review,
                Upload.similarity: RunChange.similarity,
                Upload.score: RunChange.score,
                Upload.kind: kind.scalar_subquery(),
                Upload.nearest_reference_id: RunChange.nearest_reference_id,
                Upload.reason: RunChange.reason,
                Upload.model_version_id: source.model_version_id,
                Upload.reference_set_version: source.reference_set_version,
                Upload.judged_at: now,
                Upload.updated_at: now,
            }
        )
        .execution_options(synchronize_session=False)
    )
    for reference_id in held_back:
        _hold(session, and_(pending, suspect), reference_id, now)
    if is_postgresql(session):
        # No statistics know of the rows that were just written: the planner expects one, and looks
        # through all of them for each change.
        session.execute(text("SET LOCAL enable_nestloop = off"))
    # The rows are locked, and the time is this call's.
    written = and_(
        of_ids(source.run_id, first_id, last_id),
        Upload.id == RunChange.upload_id,
        Upload.judged_at == now,
    )
    verdicts = _add_history(session, and_(written, not_(suspect)), source.run_id)
    held = _add_history(session, and_(written, suspect), source.run_id) if held_back else 0
    flipped = and_(
        written,
        not_(suspect),
        RunChange.was_placeholder != RunChange.is_placeholder,
        Upload.reviewed.is_(None),
    )
    return Written(verdicts, held, list(session.scalars(select(Upload.id).where(flipped))))


def _hold(session: Session, matches: ColumnElement[bool], reference_id: int, now: datetime) -> None:
    reason = held_as_sudden(reference_id)
    session.execute(
        update(Upload)
        .where(
            matches,
            RunChange.nearest_reference_id == reference_id,
            # Held once is enough: nothing new is said of it every night.
            or_(Upload.reason.is_(None), Upload.reason != reason),
        )
        .values(needs_review=True, reason=reason, judged_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )


def _add_history(session: Session, written: ColumnElement[bool], run_id: int) -> int:
    columns = (
        Score.verdict,
        Score.needs_review,
        Score.score,
        Score.similarity,
        Score.kind,
        Score.nearest_reference_id,
        Score.reason,
        Score.model_version_id,
        Score.reference_set_version,
    )
    said = select(
        Upload.id,
        Upload.judged_at,
        literal(run_id),
        *(getattr(Upload, column.key) for column in columns),
    ).where(written)
    statement = insert(Score).from_select([Score.upload_id, Score.at, Score.run_id, *columns], said)
    # A driver says how many rows an INSERT made only if it is asked to keep the number.
    done = session.connection().execute(statement, execution_options={"preserve_rowcount": True})
    return done.rowcount
