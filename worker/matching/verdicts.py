"""The verdicts of a judge on embeddings: the one place where they are made for the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records.references import Member
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.vocabulary import Verdict
from nophoto.worker.matching.judge import Judge


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on n pictures, a column for each question.

    Attributes:
        is_placeholder: (n,).
        needs_review: (n,).
        score: similarity minus reach, (n,); NaN where the reference set was empty.
        similarity: (n,); NaN where the reference set was empty.
        nearest: the ids of the nearest references, (n,); 0 where the set was empty.
        reasons: by row, why a verdict is another than the similarity alone would make it.
    """

    is_placeholder: NDArray[np.bool_]
    needs_review: NDArray[np.bool_]
    score: NDArray[np.float64]
    similarity: NDArray[np.float64]
    nearest: NDArray[np.int64]
    reasons: Mapping[int, Reason] = field(default_factory=dict)


def classify_by_collection(
    digests: NDArray[np.bytes_],
    vectors: NDArray[np.floating[Any]],
    judge: Judge,
    collections: Sequence[str],
) -> Verdicts:
    """The verdicts on some pictures, each by the judge of the collection (n) that it is in."""
    groups: dict[int, tuple[Judge, list[int]]] = {}
    for row, name in enumerate(collections):
        one = judge.of(name)
        groups.setdefault(id(one), (one, []))[1].append(row)
    if len(groups) == 1:
        ((one, _),) = groups.values()
        return classify(digests, vectors, one)
    count, reasons = len(digests), dict[int, Reason]()
    verdicts = Verdicts(
        np.zeros(count, np.bool_),
        np.zeros(count, np.bool_),
        np.full(count, np.nan),
        np.full(count, np.nan),
        np.zeros(count, np.int64),
        reasons,
    )
    for one, rows in groups.values():
        some = classify(digests[rows], vectors[rows], one)
        for name in ("is_placeholder", "needs_review", "score", "similarity", "nearest"):
            getattr(verdicts, name)[rows] = getattr(some, name)
        reasons |= {rows[row]: reason for row, reason in some.reasons.items()}
    return verdicts


def classify(
    digests: NDArray[np.bytes_],
    vectors: NDArray[np.floating[Any]],
    judge: Judge,
) -> Verdicts:
    """The verdicts of `judge` on some pictures.

    One that a quarantined reference alone would flag is real, and held for review with that
    reference as its nearest.

    Args:
        digests: SHA-256 in hexadecimal, (n,) of 64 bytes each.
        vectors: their embeddings by the judge's network, (n, dimension).
        judge: network, references and allow-list.
    """
    verdicts = _held_back(_claimed(vectors, judge), vectors, judge)
    reasons = judge.allowed.reasons(
        digests, vectors, verdicts.similarity, verdicts.is_placeholder | verdicts.needs_review
    )
    is_allowed = np.zeros(len(digests), np.bool_)
    is_allowed[list(reasons)] = True
    return replace(
        verdicts,
        is_placeholder=verdicts.is_placeholder & ~is_allowed,
        needs_review=verdicts.needs_review & ~is_allowed,
        reasons={**verdicts.reasons, **reasons},
    )


def _claimed(vectors: NDArray[np.floating[Any]], judge: Judge) -> Verdicts:
    matches = judge.matcher.judge_all(vectors)
    return Verdicts(
        matches.is_placeholder,
        matches.needs_review,
        matches.score,
        matches.similarity,
        judge.references.ids[matches.nearest],
        {
            int(row): _rejected(judge.rejecting[matches.rejected_by[row]])
            for row in np.flatnonzero(matches.rejected_by >= 0)
        },
    )


def _held_back(verdicts: Verdicts, vectors: NDArray[np.floating[Any]], judge: Judge) -> Verdicts:
    if not judge.quarantined.members:
        return verdicts
    suspect = judge.holding.judge_all(vectors)
    ids = judge.quarantined.ids[suspect.nearest]
    held = suspect.is_placeholder & ~verdicts.is_placeholder
    return Verdicts(
        is_placeholder=verdicts.is_placeholder,
        needs_review=verdicts.needs_review | held,
        score=np.where(held, suspect.score, verdicts.score),
        similarity=np.where(held, suspect.similarity, verdicts.similarity),
        nearest=np.where(held, ids, verdicts.nearest),
        reasons={
            **verdicts.reasons,
            **{int(row): _held(int(ids[row])) for row in np.flatnonzero(held)},
        },
    )


def _rejected(member: Member) -> Reason:
    return Reason(
        ReasonCode.KIND_NOT_CLAIMED,
        ReasonParameters(reference_id=member.id, name=member.name, kind=member.kind),
    )


def _held(reference_id: int) -> Reason:
    return Reason(ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=reference_id))


def classify_uploads(
    upload_ids: Sequence[int],
    digests: Sequence[str],
    vectors: Sequence[NDArray[np.floating[Any]]],
    judge: Judge,
    collections: Sequence[str] = (),
) -> list[Judged]:
    """The verdict on each upload, as claims record it.

    Args:
        upload_ids: n of them.
        digests: n of their pictures.
        vectors: n embeddings.
        judge: what judges.
        collections: n names; none where all are in the judge's own.
    """
    if not upload_ids:
        return []
    bytes_of = np.array(digests, "S64")
    if collections:
        verdicts = classify_by_collection(bytes_of, np.stack(vectors), judge, collections)
    else:
        verdicts = classify(bytes_of, np.stack(vectors), judge)
    return [
        Judged(
            upload_id=upload_id,
            digest=digests[row],
            verdict=Verdict.PLACEHOLDER if verdicts.is_placeholder[row] else Verdict.REAL,
            needs_review=bool(verdicts.needs_review[row]),
            similarity=float(verdicts.similarity[row]) if verdicts.nearest[row] else None,
            nearest_reference_id=int(verdicts.nearest[row]) or None,
            reason=verdicts.reasons.get(row),
            score=float(verdicts.score[row]) if verdicts.nearest[row] else None,
            kind=judge.kinds.get(int(verdicts.nearest[row])),
        )
        for row, upload_id in enumerate(upload_ids)
    ]
