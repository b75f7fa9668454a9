"""Writing what came of claimed uploads: verdicts with their history, and failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, select, update
from sqlalchemy.orm import Session

from nophoto.models.reasons import Reason
from nophoto.models.records import clock
from nophoto.models.records.bulk import insert_rows, update_rows
from nophoto.models.records.lifecycle.replacing import NO_VERDICT, withdraw_words
from nophoto.models.records.notifications import outbox
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.scoring.claims import held_by
from nophoto.models.records.tables import Score, Upload, UploadState
from nophoto.models.records.text import storable
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
        .where(Upload.id.in_(bindparam("ids", expanding=True)), held_by(token))
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
