"""Spot checks: a random sample of verdicts that moderators judge without seeing them."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chance import chance
from nophoto.models.records.claims import Judged
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

_FAR, _NEAR, _FALL = 0.5, 9.5, 0.1
"""A real verdict far from any reach is drawn with `_FAR` times the share, one at a reach with ten
times the share; in between the probability falls by a factor e every `_FALL` of the score."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How much is checked.

    Attributes:
        real: share of `real` verdicts, before they are weighted by score.
        flagged: share of `placeholder` verdicts.
        second: share of the spot checks that two moderators answer.
    """

    real: float
    flagged: float
    second: float


@dataclass(frozen=True, slots=True)
class OpenSpotCheck:
    """An checked upload that waits for a moderator's answer."""

    spot_check_id: int
    upload_id: int
    digest: str
    key: str


def probability(verdict: Verdict, score: float | None, shares: Shares) -> float:
    """With which probability a verdict is drawn."""
    if verdict == Verdict.PLACEHOLDER:
        return shares.flagged
    near = math.exp(min(score, 0.0) / _FALL) if score is not None else 0.0
    return min(1.0, shares.real * (_FAR + _NEAR * near)) if shares.real < 1 else 1.0


def draw(
    session: Session, judged: Sequence[Judged], model_version_id: str, shares: Shares
) -> list[int]:
    """Draw some of the verdicts that were just written, each on its own, and return the uploads.

    The draw depends on the upload and its bytes alone, so that a verdict that is written twice is
    not drawn twice.
    """
    chances = {
        each.upload_id: probability(each.verdict, each.score, shares)
        for each in judged
        if each.digest
    }
    chosen = {
        each.upload_id: each
        for each in judged
        if _chance("drawn", each) < chances.get(each.upload_id, 0.0)
    }
    if not chosen:
        return []
    written = select(Upload.id, Upload.digest).where(
        Upload.id.in_(chosen), Upload.state == UploadState.JUDGED, Upload.reviewed.is_(None)
    )
    # Another claim, or other bytes, may have made an outcome void.
    ids = [
        upload_id
        for upload_id, digest in session.execute(written.order_by(Upload.id))
        if digest == chosen[upload_id].digest
    ]
    rows = [
        {
            "upload_id": upload_id,
            "digest": chosen[upload_id].digest,
            "verdict": chosen[upload_id].verdict,
            "score": chosen[upload_id].score,
            "kind": chosen[upload_id].kind,
            "probability": chances[upload_id],
            "wanted": 2 if _chance("second", chosen[upload_id]) < shares.second else 1,
        }
        for upload_id in ids
    ]
    shared = {
        "purpose": SpotCheckPurpose.SAMPLE,
        "model_version_id": model_version_id,
        "at": clock.now(session),
    }
    inserted = insert_rows(session, SpotCheck, rows, shared, ("upload_id",))
    return sorted(row.upload_id for row in inserted)


def add_golden(session: Session, upload_ids: Sequence[int], truth: Verdict) -> int:
    """Make judged uploads golden items, which measure moderators; return how many are new."""
    query = select(
        Upload.id.label("upload_id"),
        Upload.digest,
        Upload.verdict,
        Upload.score,
        Upload.kind,
        Upload.model_version_id,
    ).where(Upload.id.in_(upload_ids), Upload.state == UploadState.JUDGED)
    rows = [dict(row._mapping) for row in session.execute(query.order_by(Upload.id))]
    shared = {
        "purpose": SpotCheckPurpose.GOLDEN,
        "truth": truth,
        "probability": 1.0,
        "at": clock.now(session),
    }
    return len(insert_rows(session, SpotCheck, rows, shared, ("id",)))


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
    query = (
        select(SpotCheck.id, Upload.id, SpotCheck.digest, Upload.key)
        .join(Upload, and_(Upload.id == SpotCheck.upload_id, Upload.digest == SpotCheck.digest))
        .where(~answered, Upload.state == UploadState.JUDGED)
        .order_by(SpotCheck.id)
        .limit(1)
    )
    if without:
        query = query.where(SpotCheck.digest.not_in(without))
    if golden:
        query = query.where(SpotCheck.purpose == SpotCheckPurpose.GOLDEN)
    else:
        query = query.where(
            SpotCheck.purpose != SpotCheckPurpose.GOLDEN,
            IS_UNANSWERED,
            SpotCheck.at > clock.now(session) - LATEST,
            # A review of the upload is one answer; a second answer is another moderator's.
            or_(Upload.reviewed.is_(None), SpotCheck.answered > 0),
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


def _chance(purpose: str, judged: Judged) -> float:
    """A number in [0, 1) that an upload and its bytes give."""
    return chance(f"{purpose} {judged.upload_id} {judged.digest}")
