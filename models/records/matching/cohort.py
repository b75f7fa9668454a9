"""The platform's own part of the cohort: a bounded random sample of uploads judged real."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, not_, or_, select
from sqlalchemy.orm import Session

from nophoto.models.records import clock, collections
from nophoto.models.records.chunks import chunks
from nophoto.models.records.lifecycle.erasing import hold_off_erasures
from nophoto.models.records.outcomes.results import VERDICT
from nophoto.models.records.scoring.embeddings import recall
from nophoto.models.records.tables import CohortPicture, Upload
from nophoto.models.vocabulary import Verdict

SIZE = 10_000
"""Pictures in the sample, at most."""

LEAST = 1_000
"""Pictures from which on the sample counts: fewer say little of shares of some thousandths."""

_LOOKED_AT = 200_000
"""Uploads that one refresh considers, the last ones: so it takes seconds in any database."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """What a refresh of the sample came to.

    Attributes:
        added, removed: pictures.
        size: of the sample afterwards.
    """

    added: int
    removed: int
    size: int

    @property
    def changes_reaches(self) -> bool:
        """Whether reaches that rest on the sample are others now."""
        return bool(self.added or self.removed) and self.size + self.removed >= LEAST


def vectors(session: Session, model_version_id: str, dimension: int) -> NDArray[np.float32]:
    """The sample's embeddings, (n, dimension), in one order; none where it is too small."""
    query = (
        select(CohortPicture.vector)
        .where(CohortPicture.model_version_id == model_version_id)
        .order_by(CohortPicture.digest)
    )
    rows = session.scalars(query).all()
    if len(rows) < LEAST:
        return np.empty((0, dimension), np.float32)
    return np.frombuffer(b"".join(rows), "<f2").reshape(len(rows), dimension).astype(np.float32)


def refresh(
    session: Session, model_version_id: str, random: Random, *, size: int = SIZE
) -> Refresh:
    """Let uploads judged real since the last refresh into the sample, each with the same chance.

    The same bytes are one picture. What is no longer judged real leaves it, what was flagged,
    marked for review or decided for a reason such as the allow-list does not come in, and samples
    of other model versions are dropped.

    Args:
        session: in a transaction.
        model_version_id: whose embeddings.
        random: gives the ranks.
        size: of the sample at most.
    """
    hold_off_erasures(session)
    session.execute(delete(CohortPicture).where(CohortPicture.model_version_id != model_version_id))
    of_version = CohortPicture.model_version_id == model_version_id
    of_digest = and_(Upload.digest == CohortPicture.digest, _STANDS)
    gone = delete(CohortPicture).where(
        of_version,
        or_(
            exists().where(of_digest, not_(_IS_REAL)),
            not_(exists().where(of_digest, _IS_REAL)),
        ),
    )
    removed = session.connection().execute(gone).rowcount
    ranks = _ranks(session, model_version_id)
    known = dict(ranks)
    for digest in _candidates(session, model_version_id):
        if digest not in ranks:
            ranks[digest] = random.random()
    chosen = dict(sorted(ranks.items(), key=lambda item: item[1])[:size])
    dropped = [digest for digest in known if digest not in chosen]
    for some in chunks(dropped):
        session.execute(delete(CohortPicture).where(of_version, CohortPicture.digest.in_(some)))
    new = [digest for digest in chosen if digest not in known]
    added = _insert(session, model_version_id, new, chosen)
    return Refresh(added, removed + len(dropped), len(known) - len(dropped) + added)


_STANDS = VERDICT.is_not(None)
_IS_REAL: ColumnElement[bool] = and_(
    VERDICT == Verdict.REAL,
    # A moderator's word is beyond doubt.
    or_(
        Upload.reviewed.is_not(None),
        and_(not_(Upload.needs_review), Upload.reason.is_(None)),
    ),
)


def _ranks(session: Session, model_version_id: str) -> dict[str, float]:
    query = select(CohortPicture.digest, CohortPicture.rank)
    query = query.where(CohortPicture.model_version_id == model_version_id)
    return dict(session.execute(query.order_by(CohortPicture.digest)).all())


def _candidates(session: Session, model_version_id: str) -> Iterable[str]:
    newest = select(func.max(CohortPicture.added_at)).where(
        CohortPicture.model_version_id == model_version_id
    )
    since = session.scalar(newest)
    query = select(Upload.digest).where(_IS_REAL, Upload.model_version_id == model_version_id)
    if since is not None:
        query = query.where(Upload.judged_at > since)
    now = clock.now(session)
    came = func.coalesce(Upload.replaced_at, Upload.created_at)
    for row in collections.list_all(session):
        if row.cohort_days is not None:
            too_old = and_(
                Upload.collection == row.name, came < now - timedelta(days=row.cohort_days)
            )
            query = query.where(not_(too_old))
    query = query.order_by(Upload.id.desc()).limit(_LOOKED_AT)
    # In one order, so that the same ranks lead to the same sample.
    return sorted({digest for digest in session.scalars(query) if digest})


def _insert(
    session: Session, model_version_id: str, digests: list[str], ranks: dict[str, float]
) -> int:
    now = clock.now(session)
    added = 0
    for some in chunks(digests):
        rows = [
            {
                "model_version_id": model_version_id,
                "digest": digest,
                "vector": vector.tobytes(),
                "rank": ranks[digest],
                "added_at": now,
            }
            for digest, vector in recall(session, some, model_version_id).items()
        ]
        if rows:
            session.execute(insert(CohortPicture), rows)
        added += len(rows)
    return added
