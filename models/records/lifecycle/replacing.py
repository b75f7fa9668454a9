"""Another picture under a known key, and judging again what lies there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.bulk import update_rows
from nophoto.models.records.chunks import chunks
from nophoto.models.records.scoring.embeddings import forget
from nophoto.models.records.tables import Lane, Review, Upload, UploadState

_BY_NOPHOTO = "nophoto: another picture"
"""Who is named as having taken back a moderator's word on a picture that was replaced."""

_QUEUED: dict[str, object] = {
    "state": UploadState.QUEUED,
    "attempts": 0,
    # The worker that holds it writes nothing any more.
    "lease_token": None,
    "lease_until": None,
    "failure": None,
    "failure_message": None,
}
NO_VERDICT: dict[str, object] = {
    "verdict": None,
    "needs_review": False,
    "score": None,
    "similarity": None,
    "kind": None,
    "nearest_reference_id": None,
    "reason": None,
    "model_version_id": None,
    "reference_set_version": None,
}
"""The columns that a verdict fills, as they are without one."""
_UNJUDGED: dict[str, object] = {
    **NO_VERDICT,
    "digest": None,
    "judged_at": None,
    "reviewed": None,
    "reviewed_at": None,
}


@dataclass(frozen=True, slots=True)
class Replacement:
    """What lies under the key of an upload from now on; metadata of None leaves the former."""

    id: int
    uri: str
    version: int | None
    collection: str
    metadata: Mapping[str, Any] | None


def replace_pictures(
    session: Session, replacements: Sequence[Replacement], lane: Lane, *, published: bool
) -> None:
    """Queue known uploads with other pictures, whose rows are locked.

    The verdict and a moderator's word were about the picture before and stand no longer; the
    history keeps them.
    """
    if not replacements:
        return
    ids = [each.id for each in replacements]
    digests = _digests(session, ids)
    now = clock.now(session)
    shared = {
        **_QUEUED,
        **_UNJUDGED,
        "lane": lane,
        "published_at": now if published else None,
        "updated_at": now,
        "replaced_at": now,
    }
    for has_metadata in (False, True):
        rows: list[dict[str, object]] = [
            {
                "id": each.id,
                "uri": each.uri,
                "version": each.version,
                "collection": each.collection,
            }
            | ({"metadata": each.metadata} if has_metadata else {})
            for each in replacements
            if (each.metadata is not None) == has_metadata
        ]
        update_rows(session, Upload, rows, shared)
    withdraw_words(session, ids)
    forget(session, digests)


def withdraw_words(session: Session, upload_ids: Sequence[int]) -> None:
    """Take back moderators' words on uploads that are other pictures now."""
    now = clock.now(session)
    for some in chunks(upload_ids):
        session.execute(
            update(Review)
            .where(Review.upload_id.in_(some), Review.undone_at.is_(None))
            .values(undone_at=now, undone_by=_BY_NOPHOTO)
            .execution_options(synchronize_session=False)
        )


@dataclass(frozen=True, slots=True)
class Requested:
    """An upload that is to be judged again, and in which lane it waits."""

    id: int
    lane: Lane


def judge_again(session: Session, keys: Sequence[str]) -> dict[str, Requested]:
    """Queue the uploads with these keys as if they had just come, by key.

    They keep their verdicts until they get the next. Where other bytes lie there by then, that
    takes back a moderator's word on the former ones.
    Publish them only once the transaction has committed.
    """
    found: dict[str, Requested] = {}
    for some in chunks(keys):
        query = select(Upload.key, Upload.id, Upload.lane).where(Upload.key.in_(some))
        rows = session.execute(query.order_by(Upload.id).with_for_update()).all()
        found |= {key: Requested(upload_id, lane) for key, upload_id, lane in rows}
    queue_again(session, [each.id for each in found.values()])
    return found


def queue_again(session: Session, ids: Sequence[int], lane: Lane | None = None) -> None:
    """Queue uploads, whose rows are locked, as if they had just come."""
    now = clock.now(session)
    for some in chunks(ids):
        session.execute(
            update(Upload)
            .where(Upload.id.in_(some))
            .values(
                _QUEUED | {"lane": lane or Upload.lane, "published_at": None, "updated_at": now}
            )
            .execution_options(synchronize_session=False)
        )


def _digests(session: Session, ids: Sequence[int]) -> list[str]:
    found: set[str] = set()
    for some in chunks(ids):
        query = select(Upload.digest).where(Upload.id.in_(some), Upload.digest.is_not(None))
        found |= {digest for digest in session.scalars(query) if digest}
    return sorted(found)
