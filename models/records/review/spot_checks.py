"""Spot checks that wait for moderators' answers, and the answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select, true, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import (
    SpotCheck,
    SpotCheckAnswer,
    SpotCheckPurpose,
    Upload,
    UploadState,
)
from nophoto.models.records.tables.spot_checks import IS_UNANSWERED
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict

LATEST = timedelta(days=28)
"""How long a sampled upload waits for an answer; what is older says little of today's uploads."""

_ALIKE = 1_000
"""Sampled uploads of the same bytes that one answer decides, at most."""


@dataclass(frozen=True, slots=True)
class OpenSpotCheck:
    """An upload under a spot check that waits for a moderator's answer."""

    spot_check_id: int
    upload_id: int
    digest: str
    key: str


def next_open(
    session: Session, reviewer: str, *, golden: bool = False, without: Collection[str] = ()
) -> OpenSpotCheck | None:
    """The next upload under a spot check that `reviewer` may judge; the one that was drawn first.

    Args:
        session: any.
        reviewer: who is to judge it; nobody judges one twice.
        golden: whether it is to be a golden item.
        without: digests to leave out.
    """
    answered = exists().where(
        SpotCheckAnswer.spot_check_id == SpotCheck.id, SpotCheckAnswer.reviewer == reviewer
    )
    # Not as a join: without statistics of an empty table SQLite goes through all uploads.
    is_as_drawn = exists().where(
        Upload.id == SpotCheck.upload_id,
        Upload.digest == SpotCheck.digest,
        Upload.state == UploadState.JUDGED,
        # A review of the upload is one answer; a second answer is another moderator's.
        true() if golden else or_(Upload.reviewed.is_(None), SpotCheck.answered > 0),
    )
    first = select(SpotCheck.id).where(~answered, is_as_drawn, SpotCheck.digest.not_in(without))
    if golden:
        first = first.where(SpotCheck.purpose == SpotCheckPurpose.GOLDEN)
    else:
        first = first.where(
            SpotCheck.purpose != SpotCheckPurpose.GOLDEN,
            IS_UNANSWERED,
            SpotCheck.at > clock.now(session) - LATEST,
        )
    query = (
        select(SpotCheck.id, Upload.id, SpotCheck.digest, Upload.key)
        .join(Upload, Upload.id == SpotCheck.upload_id)
        .where(SpotCheck.id == first.order_by(SpotCheck.id).limit(1).scalar_subquery())
    )
    row = session.execute(query).one_or_none()
    return None if row is None else OpenSpotCheck(*row)


def take(session: Session, spot_check_id: int, reviewer: str) -> SpotCheck | None:
    """The spot check, locked, if `reviewer` may still answer it."""
    spot_check = session.get(SpotCheck, spot_check_id, with_for_update=True)
    answered = select(SpotCheckAnswer.spot_check_id).where(
        SpotCheckAnswer.spot_check_id == spot_check_id,
        SpotCheckAnswer.reviewer == storable(reviewer)[:255],
    )
    if spot_check is None or session.scalar(answered) is not None:
        return None
    if spot_check.purpose != SpotCheckPurpose.GOLDEN and spot_check.answered >= spot_check.wanted:
        return None
    return spot_check


def unanswered_with(session: Session, digest: str) -> list[int]:
    """Sampled uploads of these bytes that nobody has decided: they are the same picture."""
    query = (
        select(SpotCheck.upload_id)
        .join(Upload, and_(Upload.id == SpotCheck.upload_id, Upload.digest == SpotCheck.digest))
        .where(
            IS_UNANSWERED, SpotCheck.digest == digest, SpotCheck.purpose != SpotCheckPurpose.GOLDEN
        )
        .where(Upload.reviewed.is_(None))
        .order_by(SpotCheck.id)
        .limit(_ALIKE)
    )
    return list(session.scalars(query))


def add_answer(
    session: Session,
    spot_check: SpotCheck,
    reviewer: str,
    verdict: Verdict,
    *,
    seconds: float | None = None,
    review_id: int | None = None,
) -> None:
    """Keep what a moderator said of a spot check that was taken."""
    session.add(
        SpotCheckAnswer(
            spot_check_id=spot_check.id,
            reviewer=storable(reviewer)[:255],
            verdict=verdict,
            at=clock.now(session),
            seconds=seconds,
            review_id=review_id,
        )
    )
    spot_check.answered += 1
    session.flush()


def last_answer(session: Session, reviewer: str) -> tuple[int, datetime, int | None] | None:
    """SpotCheck, time and review of the last answer of a moderator."""
    query = select(SpotCheckAnswer.spot_check_id, SpotCheckAnswer.at, SpotCheckAnswer.review_id)
    query = (
        query.where(SpotCheckAnswer.reviewer == reviewer)
        .order_by(SpotCheckAnswer.at.desc())
        .limit(1)
    )
    row = session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def forget_answer(session: Session, spot_check_id: int, reviewer: str) -> None:
    """Take an answer back: the spot check waits for one more."""
    gone = delete(SpotCheckAnswer).where(
        SpotCheckAnswer.spot_check_id == spot_check_id, SpotCheckAnswer.reviewer == reviewer
    )
    if session.connection().execute(gone).rowcount:
        _count_down(session, [spot_check_id])


def forget_answers_of(session: Session, review_ids: Sequence[int]) -> None:
    """Take back the answers that made these reviews."""
    gone = delete(SpotCheckAnswer).where(SpotCheckAnswer.review_id.in_(review_ids))
    _count_down(session, list(session.scalars(gone.returning(SpotCheckAnswer.spot_check_id))))


def _count_down(session: Session, spot_check_ids: Sequence[int]) -> None:
    if spot_check_ids:
        session.execute(
            update(SpotCheck)
            .where(SpotCheck.id.in_(spot_check_ids), SpotCheck.answered > 0)
            .values(answered=SpotCheck.answered - 1)
            .execution_options(synchronize_session="fetch")
        )
