"""What a run found to be otherwise, for people."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session, aliased

from nophoto.models.reasons import Reason
from nophoto.models.records.tables import Reference, RunChange, Upload
from nophoto.models.records.tables.rescoring import MOST_SIMILAR_FIRST
from nophoto.models.vocabulary import Kind, Verdict

_FETCHED_AT_ONCE = 1_000
_IS_FLIP = RunChange.was_placeholder != RunChange.is_placeholder


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """An upload of which a run says otherwise than was said before.

    Attributes:
        reviewed: the moderator's word, which stands.
        was_written: whether the verdict is the upload's now; it is not after a dry run, where it
            was held back, and where another was written since.
    """

    upload_id: int
    key: str
    uri: str
    verdict_before: Verdict
    verdict: Verdict
    reviewed: Verdict | None
    similarity_before: float | None
    similarity: float | None
    score_before: float | None
    score: float | None
    nearest_before: str | None
    nearest_reference_id: int | None
    nearest: str | None
    kind: Kind | None
    reason: Reason | None
    was_written: bool

    @property
    def is_flip(self) -> bool:
        """Whether the verdict itself is another, not only what it rests on."""
        return self.verdict != self.verdict_before


def count_flips(session: Session, run_id: int) -> int:
    """How many uploads a run found to have another verdict, as far as `find_changes` knows them."""
    flips = select(func.count()).select_from(RunChange).where(RunChange.run_id == run_id, _IS_FLIP)
    return session.scalar(flips) or 0


def find_changes(
    session: Session,
    run_id: int,
    *,
    flips_only: bool = True,
    limit: int | None = None,
    offset: int = 0,
) -> Iterator[ChangeRow]:
    """What a run found, those that became most similar first; fetched as they are consumed.

    `nophoto db prune` forgets the changes of old runs.
    """
    before = aliased(Reference)
    query = (
        select(
            RunChange.upload_id,
            Upload.key,
            Upload.uri,
            _word(RunChange.was_placeholder),
            _word(RunChange.is_placeholder),
            Upload.reviewed,
            RunChange.similarity_before,
            RunChange.similarity,
            RunChange.score_before,
            RunChange.score,
            before.name,
            RunChange.nearest_reference_id,
            Reference.name,
            Reference.kind,
            func.coalesce(RunChange.reason, Upload.reason),
            (Upload.judged_at > RunChange.judged_at)
            & (_word(RunChange.is_placeholder) == Upload.verdict),
        )
        .join(Upload, Upload.id == RunChange.upload_id)
        .outerjoin(before, before.id == RunChange.nearest_before_id)
        .outerjoin(Reference, Reference.id == RunChange.nearest_reference_id)
        .where(RunChange.run_id == run_id)
        # Served by an index: a page costs as much as those before it, not all of a million.
        .order_by(MOST_SIMILAR_FIRST, RunChange.upload_id)
        .limit(limit)
        .offset(offset)
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    if flips_only:
        query = query.where(_IS_FLIP)
    for row in session.execute(query):
        (upload_id, key, uri, verdict_before, verdict, *rest) = row
        yield ChangeRow(upload_id, key, uri, Verdict(verdict_before), Verdict(verdict), *rest)


def _word(flag: SQLColumnExpression[bool]) -> ColumnElement[str]:
    return case((flag, Verdict.PLACEHOLDER.value), else_=Verdict.REAL.value)
