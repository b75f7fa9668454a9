"""Shadow runs: which version judges beside the active one, how far it came, what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.errors import NophotoError
from nophoto.models.records import clock, model_versions
from nophoto.models.records.bulk import insert_rows
from nophoto.models.records.chance import chance
from nophoto.models.records.chunks import chunks
from nophoto.models.records.claims import Judged
from nophoto.models.records.tables import (
    Shadow,
    ShadowVerdict,
    SpotCheck,
    SpotCheckPurpose,
    Upload,
    UploadState,
)
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import Verdict


class ShadowError(NophotoError):
    """A version cannot judge in the shadow, or none does."""


@dataclass(frozen=True, slots=True)
class ShadowRow:
    """A shadow run; its columns."""

    id: int
    model_version_id: str
    beside_id: str
    share: float
    started_at: datetime
    by: str
    followed_to: datetime
    ended_at: datetime | None
    ended_because: str | None


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


def start(session: Session, model_version_id: str, share: float, by: str) -> ShadowRow:
    """Let a version judge a share of the live uploads beside the active one.

    Raises:
        UnknownModelVersionError: if it is not registered.
        ShadowError: if it is the active one, or another judges in the shadow already.
    """
    row = model_versions.get(session, model_version_id)
    active = model_versions.active(session)
    if active is None or active.id == row.id:
        raise ShadowError(
            f"{row.id} judges already; `nophoto model list` shows which versions do not"
            if active
            else "no model version judges yet; run `nophoto db upgrade`"
        )
    current = current_shadow(session)
    if current is not None:
        raise ShadowError(
            f"{current.model_version_id} judges in the shadow already; `nophoto model shadow "
            "--stop` ends that"
        )
    now = clock.now(session)
    shadow = Shadow(
        model_version_id=row.id,
        beside_id=active.id,
        share=share,
        started_at=now,
        by=storable(by)[:255],
        followed_to=now,
    )
    session.add(shadow)
    session.flush()
    return _row(shadow)


def end(session: Session, shadow_id: int, because: str) -> bool:
    """End a shadow run; whether it was still under way."""
    statement = (
        update(Shadow)
        .where(Shadow.id == shadow_id, Shadow.is_open)
        .values(is_open=False, ended_at=clock.now(session), ended_because=storable(because))
        .returning(Shadow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def current_shadow(session: Session) -> ShadowRow | None:
    """The shadow run under way."""
    found = session.scalars(select(Shadow).where(Shadow.is_open)).one_or_none()
    return None if found is None else _row(found)


def latest(session: Session, model_version_id: str | None = None) -> ShadowRow | None:
    """The newest shadow run, of any version or of one."""
    query = select(Shadow).order_by(Shadow.id.desc()).limit(1)
    if model_version_id is not None:
        query = query.where(Shadow.model_version_id == model_version_id)
    found = session.scalars(query).one_or_none()
    return None if found is None else _row(found)


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
    chosen = [
        ToCompare(upload_id, uri, digest, verdict, score, collection)
        for upload_id, uri, digest, verdict, score, _, collection in rows
        if digest
        and verdict  # The same bytes are compared once.
        and chance(f"shadow {shadow.id} {digest}") < shadow.share
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


def _row(shadow: Shadow) -> ShadowRow:
    return ShadowRow(
        shadow.id,
        shadow.model_version_id,
        shadow.beside_id,
        shadow.share,
        shadow.started_at,
        shadow.by,
        shadow.followed_to,
        shadow.ended_at,
        shadow.ended_because,
    )
