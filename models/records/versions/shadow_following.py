"""How a shadow run follows the live uploads: what comes next, and what the shadow says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chance import chance
from nophoto.models.records.chunks import chunks
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import (
    Shadow,
    ShadowVerdict,
    SpotCheck,
    SpotCheckPurpose,
    Upload,
    UploadState,
)
from nophoto.models.records.versions.shadows import ShadowRow
from nophoto.models.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class ToCompare:
    """An upload that was judged live, as the active version judged it."""

    upload_id: int
    uri: str
    digest: str
    verdict: Verdict
    score: float | None
    collection: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Uploads that a shadow run comes to next.

    Attributes:
        uploads: those of its share.
        followed_to: up to where it has come with them.
        is_last: whether nothing newer has been judged yet.
    """

    uploads: list[ToCompare]
    followed_to: datetime
    is_last: bool


def next_batch(session: Session, shadow: ShadowRow, most: int) -> Batch:
    """The uploads that were judged after what the run has looked at, `most` at a time."""
    query = (
        select(
            Upload.id,
            Upload.uri,
            Upload.digest,
            Upload.verdict,
            Upload.score,
            Upload.judged_at,
            Upload.collection,
        )
        .where(
            Upload.judged_at > shadow.followed_to,
            Upload.state == UploadState.JUDGED,
            Upload.model_version_id == shadow.beside_id,
        )
        .order_by(Upload.judged_at, Upload.id)
    )
    rows = list(session.execute(query.limit(most)))
    if not rows:
        return Batch([], shadow.followed_to, is_last=True)
    to = rows[-1][5] or shadow.followed_to
    if len(rows) == most:
        # A chunk has one time: all of it, or none of what lies at the cut.
        rows = list(session.execute(query.where(Upload.judged_at <= to)))
    # By their bytes, which are embedded once then.
    chosen = [
        ToCompare(upload_id, uri, digest, verdict, score, collection)
        for upload_id, uri, digest, verdict, score, _, collection in rows
        if digest and verdict and chance(f"shadow {shadow.id} {digest}") < shadow.share
    ]
    return Batch(chosen, to, is_last=len(rows) < most)


def write(
    session: Session,
    shadow: ShadowRow,
    batch: Batch,
    judged: Sequence[Judged],
) -> int:
    """Keep what the shadow says, and have moderators judge unseen where both disagree.

    Returns:
        How many uploads were compared; none where the run has ended, or another was quicker.
    """
    moved = (
        update(Shadow)
        .where(
            Shadow.id == shadow.id,
            Shadow.is_open,
            Shadow.followed_to == shadow.followed_to,
        )
        .values(followed_to=batch.followed_to)
        .returning(Shadow.id)
        .execution_options(synchronize_session=False)
    )
    if session.scalar(moved) is None:
        return 0
    said = {each.upload_id: each for each in judged}
    there = set(session.scalars(select(Upload.id).where(Upload.id.in_(said))))
    rows = [
        {
            "upload_id": each.upload_id,
            "active_verdict": each.verdict,
            "active_score": each.score,
            "verdict": said[each.upload_id].verdict,
            "score": said[each.upload_id].score,
            "kind": said[each.upload_id].kind,
        }
        for each in batch.uploads
        if each.upload_id in there
    ]
    now = clock.now(session)
    insert_rows(session, ShadowVerdict, rows, {"shadow_id": shadow.id, "at": now})
    differ = [
        {
            "upload_id": each.upload_id,
            "digest": each.digest,
            "verdict": each.verdict,
            "score": each.score,
        }
        for each in batch.uploads
        if each.upload_id in there and said[each.upload_id].verdict != each.verdict
    ]
    shared = {
        "purpose": SpotCheckPurpose.SHADOW,
        "model_version_id": shadow.beside_id,
        "probability": shadow.share,
        "at": now,
    }
    insert_rows(session, SpotCheck, differ, shared)
    return len(rows)


def lock_pictures(session: Session, digests: Sequence[str]) -> set[str]:
    """Those of `digests` that uploads still have, which nobody erases before the commit."""
    found: set[str] = set()
    for some in chunks(sorted(digests)):
        query = select(Upload.digest).where(Upload.digest.in_(some)).order_by(Upload.id)
        found |= {each for each in session.scalars(query.with_for_update(read=True)) if each}
    return found
