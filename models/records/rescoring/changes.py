"""What a rescoring found to be otherwise, kept until it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    exists,
    insert,
    or_,
)
from sqlalchemy.orm import Session

from nophoto.models.reasons import Reason, encode
from nophoto.models.records.dialects import is_postgresql
from nophoto.models.records.lifecycle import erasing
from nophoto.models.records.rescoring import copying
from nophoto.models.records.rescoring.blocks import time_of
from nophoto.models.records.rescoring.chunks import Span
from nophoto.models.records.tables import RunChange, Upload


@dataclass(frozen=True, slots=True)
class Changes:
    """Of n uploads, in columns, what is said of them now and what was said before.

    Attributes:
        ids: (n,).
        judged_at: when the verdict before was written, microseconds since 2000, (n,).
        was_placeholder, is_placeholder, needs_review: (n,).
        similarity_before, similarity: (n,), NaN where there is none.
        score_before, score: (n,), NaN where there is none.
        nearest_before, nearest: ids of references, (n,), 0 where there is none.
        reasons: by row, why the verdict is another than the similarity alone would make it.
    """

    ids: NDArray[np.int64]
    judged_at: NDArray[np.int64]
    was_placeholder: NDArray[np.bool_]
    is_placeholder: NDArray[np.bool_]
    needs_review: NDArray[np.bool_]
    similarity_before: NDArray[np.float64]
    similarity: NDArray[np.float64]
    score_before: NDArray[np.float64]
    score: NDArray[np.float64]
    nearest_before: NDArray[np.int64]
    nearest: NDArray[np.int64]
    reasons: Mapping[int, Reason]

    def __len__(self) -> int:
        return len(self.ids)


def joined(parts: Sequence[Changes]) -> Changes:
    """All of some changes as one."""
    starts = np.cumsum([0, *map(len, parts)])
    return Changes(
        **{
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(Changes)
            if each.name != "reasons"
        },
        reasons={
            int(start) + row: reason
            for start, part in zip(starts, parts, strict=False)
            for row, reason in part.reasons.items()
        },
    )


def keep(session: Session, run_id: int, spans: Sequence[Span], changes: Changes) -> None:
    """Keep what a run found among the ids of `spans`, in place of the former.

    Of what was erased since it was read nothing is kept.
    """
    erasing.hold_off_erasures(session)
    session.execute(delete(RunChange).where(of_ids(run_id, spans)))
    if not len(changes):
        return
    if is_postgresql(session):
        _copy(session, run_id, changes)
    else:
        session.execute(insert(RunChange), _rows(run_id, changes))
    if erasing.erased_lately(session):
        is_there = exists().where(Upload.id == RunChange.upload_id)
        session.execute(delete(RunChange).where(of_ids(run_id, spans), ~is_there))


def forget(session: Session, run_id: int) -> None:
    """Drop what a run kept."""
    session.execute(delete(RunChange).where(RunChange.run_id == run_id))


def of_ids(run_id: int, spans: Sequence[Span]) -> ColumnElement[bool]:
    """The condition that a change is of this run and of an upload in one of `spans`."""
    within = or_(*(RunChange.upload_id.between(first_id, last_id) for first_id, last_id in spans))
    return and_(RunChange.run_id == run_id, within)


def _copy(session: Session, run_id: int, changes: Changes) -> None:
    columns: list[tuple[str, NDArray[Any], NDArray[np.bool_] | None]] = [
        ("run_id", np.full(len(changes), run_id, ">i8"), None),
        ("upload_id", changes.ids.astype(">i8"), None),
        ("judged_at", changes.judged_at.astype(">i8"), None),
        ("was_placeholder", changes.was_placeholder, None),
        ("is_placeholder", changes.is_placeholder, None),
        ("needs_review", changes.needs_review, None),
        *(
            (name, numbers.astype(">f8"), np.isnan(numbers))
            for name, numbers in (
                ("similarity_before", changes.similarity_before),
                ("similarity", changes.similarity),
                ("score_before", changes.score_before),
                ("score", changes.score),
            )
        ),
        (
            "nearest_before_id",
            changes.nearest_before.astype(">i8"),
            changes.nearest_before == 0,
        ),
        ("nearest_reference_id", changes.nearest.astype(">i8"), changes.nearest == 0),
    ]
    # Whatever is copied at once has one size, and thousands of rows share a handful of reasons.
    places = {reason: place for place, reason in enumerate([None, *set(changes.reasons.values())])}
    which = np.full(len(changes), places[None])
    for row, why in changes.reasons.items():
        which[row] = places[why]
    for reason, place in places.items():
        of_reason = which == place
        count = int(of_reason.sum())
        if not count:
            continue
        text = b"-" if reason is None else encode(reason).encode()
        copying.write(
            session,
            RunChange.__tablename__,
            [
                *(
                    (name, values[of_reason], None if nulls is None else nulls[of_reason])
                    for name, values, nulls in columns
                ),
                ("reason", np.full(count, text, f"S{len(text)}"), np.full(count, reason is None)),
            ],
        )


def _rows(run_id: int, changes: Changes) -> list[dict[str, object]]:
    return [
        {
            "run_id": run_id,
            "upload_id": int(changes.ids[row]),
            "judged_at": time_of(changes.judged_at[row]),
            "was_placeholder": bool(changes.was_placeholder[row]),
            "is_placeholder": bool(changes.is_placeholder[row]),
            "needs_review": bool(changes.needs_review[row]),
            "similarity_before": _number(changes.similarity_before[row]),
            "similarity": _number(changes.similarity[row]),
            "score_before": _number(changes.score_before[row]),
            "score": _number(changes.score[row]),
            "nearest_before_id": int(changes.nearest_before[row]) or None,
            "nearest_reference_id": int(changes.nearest[row]) or None,
            "reason": changes.reasons.get(row),
        }
        for row in range(len(changes))
    ]


def _number(value: np.float64) -> float | None:
    return None if isnan(value) else float(value)
