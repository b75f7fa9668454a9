"""Finding references that suddenly claim far more uploads than they did, while it happens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import (
    Reference,
    ReferenceSetChange,
    ReferenceSetVersion,
    ReferenceState,
    Run,
    RunKind,
    RunState,
    SetChange,
    Upload,
    UploadState,
)
from nophoto.models.vocabulary import Verdict

WINDOW = timedelta(minutes=1)
"""The time that is looked at."""

LEAST_HISTORY = 1_000
"""Uploads judged before, from which on they say what is usual: a new database has no usual yet."""

_HISTORY = 10_000
"""Uploads judged before that are looked at, the last ones: a bounded cost for every sweep."""

_HELD_FOR = timedelta(hours=1)
"""How far back the matches of a reference in quarantine are judged again."""

_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Sudden:
    """A reference that claims far more than it did.

    Attributes:
        matched: uploads that it claimed within `WINDOW`.
        expected: how many it would by its history.
    """

    reference_id: int
    matched: int
    expected: float


def sudden_references(
    session: Session, *, factor: float, minimum: int, least_share: float
) -> list[Sudden]:
    """The active references that claimed far more within the last minute than before.

    A reference that a person has restored is spared, and so is everything while a rescoring writes
    verdicts, which has a guard of its own.

    Args:
        session: any.
        factor: times as many as its history makes expect.
        minimum: uploads that it may claim in any case.
        least_share: of what was judged, which every reference may be expected to claim.
    """
    now = clock.now(session)
    start = now - WINDOW
    if _is_rescored(session, start):
        return []
    recent = _claims(session, Upload.judged_at > start)
    if max(recent.values(), default=0) <= minimum:
        return []
    before = (
        select(Upload.nearest_reference_id, Upload.verdict)
        .where(Upload.judged_at <= start, Upload.judged_at.is_not(None))
        .order_by(Upload.judged_at.desc())
        .limit(_HISTORY)
    )
    history = session.execute(before).all()
    if len(history) < LEAST_HISTORY:
        return []
    usual = Counter(place for place, verdict in history if verdict == Verdict.PLACEHOLDER)
    judged = session.scalar(select(func.count()).where(Upload.judged_at > start)) or 0
    spared = _restored(session, list(recent))
    found = []
    for reference_id, matched in sorted(recent.items()):
        share = max(usual[reference_id] / len(history), least_share)
        if matched > max(minimum, factor * share * judged) and reference_id not in spared:
            found.append(Sudden(reference_id, matched, share * judged))
    return found


def queue_matches(session: Session, *, by: str) -> list[int]:
    """Queue again what references that `by` quarantined have claimed, so that it is held.

    Uploads that were judged since the hour before the quarantine, by the set as it was before it;
    those that a worker judges by the old set a moment later are found the next time.

    Returns:
        The ids of the uploads. Send messages for them only once the transaction has committed.
    """
    now = clock.now(session)
    query = (
        select(Upload.id)
        .join(Reference, Reference.id == Upload.nearest_reference_id)
        .join(_LAST, _LAST.c.reference_id == Reference.id)
        .join(ReferenceSetVersion, ReferenceSetVersion.version == _LAST.c.version)
        .where(
            Reference.state == ReferenceState.QUARANTINED,
            ReferenceSetVersion.by == by,
            ReferenceSetVersion.at > now - _HELD_FOR,
            Upload.state == UploadState.JUDGED,
            Upload.verdict == Verdict.PLACEHOLDER,
            Upload.reference_set_version < _LAST.c.version,
            Upload.judged_at > now - 2 * _HELD_FOR,
        )
        .order_by(Upload.id)
        .limit(_MOST)
    )
    ids = list(session.scalars(query))
    session.execute(
        update(Upload)
        .where(Upload.id.in_(ids), Upload.state == UploadState.JUDGED)
        .values(state=UploadState.QUEUED, attempts=0, published_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    return ids


_LAST = (
    select(ReferenceSetChange.reference_id, func.max(ReferenceSetChange.version).label("version"))
    .group_by(ReferenceSetChange.reference_id)
    .subquery()
)


def _claims(session: Session, when: ColumnElement[bool]) -> dict[int, int]:
    query = (
        select(Upload.nearest_reference_id, func.count())
        .join(Reference, Reference.id == Upload.nearest_reference_id)
        .where(
            when,
            Upload.verdict == Verdict.PLACEHOLDER,
            Upload.reviewed.is_(None),
            Reference.state == ReferenceState.ACTIVE,
        )
        .group_by(Upload.nearest_reference_id)
    )
    return {place: count for place, count in session.execute(query) if place is not None}


def _restored(session: Session, ids: Sequence[int]) -> set[int]:
    query = (
        select(_LAST.c.reference_id)
        .join(ReferenceSetVersion, ReferenceSetVersion.version == _LAST.c.version)
        .where(_LAST.c.reference_id.in_(ids), ReferenceSetVersion.change == SetChange.RESTORED)
    )
    return set(session.scalars(query))


def _is_rescored(session: Session, since: datetime) -> bool:
    writes = or_(
        Run.state == RunState.RUNNING,
        and_(Run.finished_at.is_not(None), Run.finished_at > since),
    )
    query = select(Run.id).where(Run.kind == RunKind.RESCORE, writes).limit(1)
    return session.scalar(query) is not None
