"""Claiming uploads under a lease, and writing what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import (
    ColumnElement,
    Executable,
    and_,
    bindparam,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from nophoto.models.reasons import Reason
from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows, update_rows
from nophoto.models.records.lifecycle.replacing import NO_VERDICT, withdraw_words
from nophoto.models.records.notifications import outbox
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import Score, Upload, UploadState
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class ClaimedUpload:
    """An upload that the claim's holder is to judge; `attempts` counts this claim."""

    id: int
    key: str
    uri: str
    attempts: int
    collection: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Uploads that belong to the holder of `token`, until the lease has passed."""

    token: UUID
    uploads: list[ClaimedUpload]


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on an upload; similarity and reference are None where the set was empty.

    Attributes:
        score: similarity minus reach; None like them.
        kind: of the reference; None like them.
        reason: why it is another than the similarity alone would make it.
    """

    upload_id: int
    digest: str
    verdict: Verdict
    needs_review: bool
    similarity: float | None
    nearest_reference_id: int | None
    reason: Reason | None = None
    score: float | None = None
    kind: Kind | None = None


_JUDGED = tuple(field.name for field in fields(Judged))


@dataclass(frozen=True, slots=True)
class Failed:
    """An upload that could not be judged; the digest is None where its bytes were not read."""

    upload_id: int
    digest: str | None
    code: FailureCode
    message: str


_VERDICT: dict[str, object] = {
    "state": UploadState.JUDGED,
    "failure": None,
    "failure_message": None,
}
_FAILURE: dict[str, object] = {"state": UploadState.FAILED, **NO_VERDICT}


def has_lapsed(now: datetime, lease_seconds: float) -> ColumnElement[bool]:
    """The condition that an upload's lease has passed, or was never given by this clock.

    One that ends later than twice `lease_seconds` from now was written before the clock was set
    back; its holder, if there is one, soon renews it.
    """
    kind = Upload.lease_until.type
    return _is_outside(literal(now, kind), literal(_implausible(now, lease_seconds), kind))


def _implausible(now: datetime, lease_seconds: float) -> datetime:
    return now + 2 * timedelta(seconds=lease_seconds)


def _is_outside(now: ColumnElement[Any], implausible: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(Upload.lease_until < now, Upload.lease_until > implausible)


def claim(
    session: Session,
    ids: Sequence[int],
    lease_seconds: float,
    token: UUID | None = None,
    *,
    is_durable: bool = False,
) -> Claim:
    """Take those of `ids` that are queued, or whose holder's lease has passed.

    Ids that are unknown, done, or held by another are left out: a message that comes twice
    claims nothing the second time.

    Args:
        session: in a transaction.
        ids: of uploads.
        lease_seconds: for how long they are held.
        token: to hold them by, where the caller has to know it even if the commit's answer is lost.
        is_durable: whether the commit waits for the disk, since the transaction writes more.
    """
    token = token or uuid4()
    # As a rule the commit does not wait for the disk. A claim that a server forgets as it falls is
    # no harm: the uploads are queued again, and what its holder writes under the token is void.
    now = clock.now(session) if is_durable else clock.now_without_flush(session)
    parameters = {
        "ids": list(ids),
        "now": now,
        "implausible": _implausible(now, lease_seconds),
        "token": token,
        "until": now + timedelta(seconds=lease_seconds),
    }
    rows = session.connection().execute(_claiming(), parameters)
    return Claim(token, sorted((ClaimedUpload(*row) for row in rows), key=lambda row: row.id))


@cache
def _claiming() -> Executable:
    # Made once: to put it together takes as long as to run it.
    now = bindparam("now", type_=Upload.updated_at.type)
    implausible = bindparam("implausible", type_=Upload.lease_until.type)
    free = or_(
        Upload.state == UploadState.QUEUED,
        and_(Upload.state == UploadState.CLAIMED, _is_outside(now, implausible)),
    )
    takeable = (
        select(Upload.id)
        .where(Upload.id.in_(bindparam("ids", expanding=True)), free)
        .order_by(Upload.id)
        .with_for_update(skip_locked=True)
    )
    return (
        update(Upload)
        .where(Upload.id.in_(takeable))
        .values(
            state=UploadState.CLAIMED,
            attempts=Upload.attempts + 1,
            lease_token=bindparam("token", type_=Upload.lease_token.type),
            lease_until=bindparam("until", type_=Upload.lease_until.type),
            failure=None,
            failure_message=None,
            updated_at=now,
        )
        .returning(Upload.id, Upload.key, Upload.uri, Upload.attempts, Upload.collection)
    )


def renew(session: Session, token: UUID, lease_seconds: float) -> int:
    """Hold what `token` still holds for `lease_seconds` from now, and return how many that are."""
    now = clock.now(session)
    # In one order, so that it and the writing of outcomes wait for each other and never in a ring.
    held = select(Upload.id).where(_held_by(token)).order_by(Upload.id).with_for_update()
    statement = (
        update(Upload)
        .where(Upload.id.in_(held))
        .values(lease_until=now + timedelta(seconds=lease_seconds))
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return len(session.scalars(statement).all())


def record_outcomes(
    session: Session,
    token: UUID,
    judged: Sequence[Judged],
    failed: Sequence[Failed],
    model_version_id: str,
    reference_set_version: int,
    vectors: "Mapping[str, NDArray[np.floating[Any]]] | None" = None,
) -> int:
    """Write verdicts, their history, failures and notices, of uploads that `token` still holds.

    What a later claim has taken over is left to it, and what was replaced or erased meanwhile is
    not brought back: a late worker writes nothing. Where an upload's bytes are others than those
    that a moderator decided on, the decision is taken back.

    Args:
        session: in a transaction.
        token: of the claim.
        judged: verdicts.
        failed: failures.
        model_version_id: what judged.
        reference_set_version: against what.
        vectors: embeddings of judged uploads by digest, which are kept with their outcomes.

    Returns:
        How many outcomes were written; the rest were void.
    """
    ids = [outcome.upload_id for outcome in judged] + [outcome.upload_id for outcome in failed]
    rows = session.connection().execute(_held(), {"ids": ids, "token": token})
    held = {upload_id: (digest, reviewed) for upload_id, digest, reviewed in rows}
    now = clock.now(session)
    verdicts = [outcome for outcome in judged if outcome.upload_id in held]
    failures = [outcome for outcome in failed if outcome.upload_id in held]
    finished = {"lease_token": None, "lease_until": None, "judged_at": now, "updated_at": now}
    source = {
        "model_version_id": model_version_id,
        "reference_set_version": reference_set_version,
    }
    if vectors:
        digests = {outcome.digest for outcome in verdicts}
        kept = {digest: vectors[digest] for digest in digests if digest in vectors}
        embeddings.remember(session, model_version_id, kept)
    update_rows(
        session,
        Upload,
        [_verdict_row(outcome) for outcome in verdicts],
        _VERDICT | source | finished,
    )
    update_rows(
        session, Upload, [_failure_row(outcome) for outcome in failures], _FAILURE | finished
    )
    insert_rows(session, Score, [_score_row(outcome) for outcome in verdicts], source | {"at": now})
    _note_other_bytes(session, [*verdicts, *failures], held)
    outbox.add(session, sorted(held))
    return len(held)


@cache
def _held() -> Executable:
    token = bindparam("token", type_=Upload.lease_token.type)
    return (
        select(Upload.id, Upload.digest, Upload.reviewed)
        .where(Upload.id.in_(bindparam("ids", expanding=True)), _held_by(token))
        .order_by(Upload.id)
        .with_for_update()
    )


def _note_other_bytes(
    session: Session,
    outcomes: Sequence[Judged | Failed],
    held: Mapping[int, tuple[str | None, Verdict | None]],
) -> None:
    """Forget the pictures that lay there before, and what moderators said of them."""
    before = {outcome.upload_id: held[outcome.upload_id][0] for outcome in outcomes}
    changed = [o for o in outcomes if before[o.upload_id] not in (None, o.digest)]
    if not changed:
        return
    decided = [o.upload_id for o in changed if o.digest and held[o.upload_id][1]]
    if decided:
        withdraw_words(session, decided)
        session.execute(
            update(Upload)
            .where(Upload.id.in_(decided))
            .values(reviewed=None, reviewed_at=None)
            .execution_options(synchronize_session=False)
        )
    embeddings.forget(session, sorted({before[o.upload_id] or "" for o in changed}))


def release(session: Session, token: UUID) -> list[int]:
    """Queue again what `token` holds, as if it had never been claimed, and return the ids.

    For a worker that stops, and for one whose database failed: the attempt is not counted, since
    nothing was wrong with the uploads.
    A chunk that ran out of time is not to be released but left to its lease, which counts.
    """
    now = clock.now(session)
    statement = (
        update(Upload)
        .where(_held_by(token))
        .values(
            state=UploadState.QUEUED,
            attempts=Upload.attempts - 1,
            lease_token=None,
            lease_until=None,
            published_at=None,
            updated_at=now,
        )
        .returning(Upload.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(session.scalars(statement))


def _verdict_row(outcome: Judged) -> dict[str, object]:
    row = {name: getattr(outcome, name) for name in _JUDGED}
    return {"id": row.pop("upload_id")} | row


def _failure_row(outcome: Failed) -> dict[str, object]:
    return {
        "id": outcome.upload_id,
        "digest": outcome.digest,
        "failure": outcome.code,
        "failure_message": storable(outcome.message),
    }


def _score_row(outcome: Judged) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in _JUDGED if name != "digest"}


def _held_by(token: UUID | ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(Upload.state == UploadState.CLAIMED, Upload.lease_token == token)
