"""Which model version judged since when, who decided it, and what to go back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from nophoto.models.records import clock
from nophoto.models.records.tables import Promotion, PromotionKind
from nophoto.models.records.text import storable


@dataclass(frozen=True, slots=True)
class Decision:
    """Why another model version is to judge.

    Attributes:
        kind: of the change.
        by: who decided.
        reason: in their words; a forced promotion needs one.
        forced: whether the gate was overruled.
        gate: what the comparison with the version before found, as plain values.
    """

    kind: PromotionKind = PromotionKind.PROMOTED
    by: str = ""
    reason: str = ""
    forced: bool = False
    gate: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PromotionRow:
    """A change that was made, by its `Decision`.

    Attributes:
        model_version_id: which version judges since.
        replaced_id: the one that judged until then; None for the first.
    """

    at: datetime
    model_version_id: str
    replaced_id: str | None
    kind: PromotionKind
    by: str
    reason: str
    forced: bool
    gate: Mapping[str, Any] | None


def record(session: Session, version_id: str, replaced_id: str | None, decision: Decision) -> None:
    """Note that `version_id` judges from now on; `model_versions.activate` calls this."""
    session.add(
        Promotion(
            at=clock.now(session),
            kind=decision.kind,
            model_version_id=version_id,
            replaced_id=replaced_id,
            by=storable(decision.by)[:255],
            reason=storable(decision.reason),
            forced=decision.forced,
            gate=None if decision.gate is None else dict(decision.gate),
        )
    )
    session.flush()


def history(session: Session) -> list[PromotionRow]:
    """Every change, the newest first."""
    query = select(Promotion).order_by(Promotion.id.desc())
    return [
        PromotionRow(
            at=row.at,
            model_version_id=row.model_version_id,
            replaced_id=row.replaced_id,
            kind=row.kind,
            by=row.by,
            reason=row.reason,
            forced=row.forced,
            gate=row.gate,
        )
        for row in session.scalars(query)
    ]


def previous(session: Session) -> str | None:
    """The model version that a rollback leads to; None if none judged before.

    Rollbacks go back like undoing: a second one leads to the version before that, not forward to
    the one that was just rolled back.
    """
    judged: list[str] = []
    query = select(Promotion.kind, Promotion.model_version_id).order_by(Promotion.id)
    for kind, version_id in session.execute(query):
        if kind == PromotionKind.ROLLED_BACK:
            judged.pop()
        else:
            judged.append(version_id)
    return judged[-2] if len(judged) > 1 else None
