"""What a rescoring has before it, counted without touching anything."""

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from nophoto.models.records.outcomes.results import ResultFilter, conditions
from nophoto.models.records.rescoring.blocks import Scope
from nophoto.models.records.tables import Embedding, Upload, UploadState
from nophoto.models.records.tables.uploads import IS_OPEN


@dataclass(frozen=True, slots=True)
class Survey:
    """How many uploads a rescoring is about.

    Attributes:
        stored: judged ones whose embedding by the model version is stored.
        pictures: judged ones whose picture has to be read and embedded.
        failed: failed ones, which are queued again; only where the filters ask for failures.
        waiting: those that wait for a verdict anyway, and are left alone.
        first_id, last_id: of the judged ones; 1 and 0 where there is none.
    """

    stored: int
    pictures: int
    failed: int
    waiting: int
    first_id: int
    last_id: int

    @property
    def total(self) -> int:
        """Uploads whose verdict is made again."""
        return self.stored + self.pictures


def asks_for_failures(filters: ResultFilter) -> bool:
    """Whether `filters` name failed uploads, which a rescoring leaves alone otherwise."""
    return filters.failure is not None or filters.state == UploadState.FAILED


def survey(session: Session, scope: Scope) -> Survey:
    """Count the uploads of `scope`."""
    has_embedding = and_(
        Embedding.digest == Upload.digest,
        Embedding.model_version_id == scope.model_version_id,
    )
    judged = (
        select(
            func.count(),
            func.count(Embedding.digest),
            func.coalesce(func.min(Upload.id), 1),
            func.coalesce(func.max(Upload.id), 0),
        )
        .select_from(Upload)
        .outerjoin(Embedding, has_embedding)
        .where(Upload.state == UploadState.JUDGED, *conditions(scope.filters))
    )
    total, stored, first_id, last_id = session.execute(judged).one()
    failed = 0
    if asks_for_failures(scope.filters):
        failed = _count(session, scope.filters, Upload.state == UploadState.FAILED)
    return Survey(
        stored=stored,
        pictures=total - stored,
        failed=failed,
        waiting=_count(session, scope.filters, IS_OPEN),
        first_id=first_id,
        last_id=last_id,
    )


def _count(session: Session, filters: ResultFilter, condition: object) -> int:
    query = select(func.count()).select_from(Upload).where(condition, *conditions(filters))  # type: ignore[arg-type]
    return session.scalar(query) or 0
