"""All that was ever said of one upload."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.reasons import Reason
from nophoto.models.records.outcomes.results import VERDICT
from nophoto.models.records.tables import Reference, Review, Score, Upload, UploadState
from nophoto.models.vocabulary import FailureCode, Kind, Verdict


class UnknownKeyError(NophotoError):
    """No upload has this key."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said of an upload.

    Attributes:
        by: the model version, or the moderator.
        undone_at: when a moderator's word was taken back.
        run_id: the run that said it.
        note: a moderator's.
    """

    at: datetime
    by: str
    verdict: Verdict
    needs_review: bool = False
    score: float | None = None
    similarity: float | None = None
    kind: Kind | None = None
    nearest_reference_id: int | None = None
    nearest_reference: str | None = None
    model_version_id: str | None = None
    reference_set_version: int | None = None
    run_id: int | None = None
    reason: Reason | None = None
    note: str = ""
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """An upload, what it has come to, and all that was said of it, the first first.

    Attributes:
        verdict: the one that counts now.
    """

    key: str
    uri: str
    state: UploadState
    verdict: Verdict | None
    failure: FailureCode | None
    failure_message: str | None
    created_at: datetime
    entries: list[Entry]


def history(session: Session, key: str) -> History:
    """The history of the upload under `key`.

    Scores that `nophoto db prune` has thinned out are missing.

    Raises:
        UnknownKeyError: if there is none.
    """
    found = session.execute(
        select(Upload.id, VERDICT.label("verdict"), Upload).where(Upload.key == key)
    ).one_or_none()
    if found is None:
        raise UnknownKeyError(f"no upload has the key {key!r}; `nophoto results` lists them")
    upload_id, verdict, upload = found
    entries = [*_scores(session, upload_id), *_reviews(session, upload_id)]
    return History(
        key=upload.key,
        uri=upload.uri,
        state=upload.state,
        verdict=verdict and Verdict(verdict),
        failure=upload.failure,
        failure_message=upload.failure_message,
        created_at=upload.created_at,
        entries=sorted(entries, key=lambda entry: entry.at),
    )


def _scores(session: Session, upload_id: int) -> list[Entry]:
    query = (
        select(Score, Reference.name)
        .outerjoin(Reference, Reference.id == Score.nearest_reference_id)
        .where(Score.upload_id == upload_id)
        .order_by(Score.id)
    )
    return [
        Entry(
            at=score.at,
            by=score.model_version_id,
            verdict=score.verdict,
            needs_review=score.needs_review,
            score=score.score,
            similarity=score.similarity,
            kind=score.kind,
            nearest_reference_id=score.nearest_reference_id,
            nearest_reference=name,
            model_version_id=score.model_version_id,
            reference_set_version=score.reference_set_version,
            run_id=score.run_id,
            reason=score.reason,
        )
        for score, name in session.execute(query)
    ]


def _reviews(session: Session, upload_id: int) -> list[Entry]:
    query = select(Review).where(Review.upload_id == upload_id).order_by(Review.id)
    return [
        Entry(
            at=review.at,
            by=review.reviewer,
            verdict=review.verdict,
            note=review.note,
            undone_at=review.undone_at,
        )
        for review in session.scalars(query)
    ]
