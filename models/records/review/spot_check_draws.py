"""Which verdicts moderators judge unseen: a random sample, and golden items."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chance import chance
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import SpotCheck, SpotCheckPurpose, Upload, UploadState
from nophoto.models.vocabulary import Verdict

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


def _chance(purpose: str, judged: Judged) -> float:
    """A number in [0, 1) that an upload and its bytes give."""
    return chance(f"{purpose} {judged.upload_id} {judged.digest}")
