"""Judging a block of stored embeddings, and telling what is otherwise than before."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nophoto.models.records.collections import DEFAULT
from nophoto.models.records.rescoring import Block, Changes, joined
from nophoto.models.records.rescoring.tally import Tally
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import Verdicts, classify

SAME = 1e-6
"""Cosines that differ by less are the same: so much comes from the order of additions alone."""

SCORE_SAME = 0.01
"""Scores that differ by less are the same: reaches move a little with every night's cohort, and
millions of rows would be written for it, of which none says anything new."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a block: the changes, and how many of which kind."""

    changes: Changes
    tally: Tally


def compare(block: Block, judge: Judge, collections: Sequence[str] = ()) -> Compared:
    """Judge the uploads of `block` again, and keep those of which something else is to be said.

    Of an upload of which all is the same nothing is written: what its row names made that verdict,
    and this judge would make it again.

    Args:
        block: some uploads.
        judge: what judges now.
        collections: which the block names by their places.
    """
    places = np.unique(block.collections)
    if len(places) < 2:
        return _compare(block, judge.of(_name(places, collections)))
    parts = [
        _compare(
            block.take(np.flatnonzero(block.collections == place)),
            judge.of(_name(places[row : row + 1], collections)),
        )
        for row, place in enumerate(places)
    ]
    return Compared(joined([part.changes for part in parts]), _sum(part.tally for part in parts))


def _name(places: NDArray[np.int64], collections: Sequence[str]) -> str:
    return collections[places[0] - 1] if len(places) and places[0] else DEFAULT


def _sum(tallies: Iterable[Mapping[str, Any]]) -> Tally:
    total: dict[str, Any] = {}
    for tally in tallies:
        for name, value in tally.items():
            if isinstance(value, dict):
                total[name] = dict(Counter(total.get(name, {})) + Counter(value))
            else:
                total[name] = total.get(name, 0) + value
    return cast(Tally, total)


def _compare(block: Block, judge: Judge) -> Compared:
    verdicts = classify(block.digests, block.vectors, judge)
    changed = np.flatnonzero(_is_changed(block, verdicts, judge))
    places = {int(row): place for place, row in enumerate(changed)}
    changes = Changes(
        ids=block.ids[changed],
        judged_at=block.judged_at[changed],
        was_placeholder=block.is_placeholder[changed],
        is_placeholder=verdicts.is_placeholder[changed],
        needs_review=verdicts.needs_review[changed],
        similarity_before=block.similarity[changed],
        similarity=verdicts.similarity[changed],
        score_before=block.score[changed],
        score=verdicts.score[changed],
        nearest_before=block.nearest[changed],
        nearest=verdicts.nearest[changed],
        reasons={places[row]: why for row, why in verdicts.reasons.items() if row in places},
    )
    return Compared(changes, _tally(block, verdicts, len(changed)))


def _is_changed(block: Block, verdicts: Verdicts, judge: Judge) -> NDArray[np.bool_]:
    has_reason = np.zeros(len(block), np.bool_)
    has_reason[list(verdicts.reasons)] = True
    with np.errstate(invalid="ignore"):
        differs = np.abs(verdicts.similarity - block.similarity) > SAME
        differs |= np.abs(verdicts.score - block.score) > SCORE_SAME
    differs |= np.isnan(verdicts.similarity) != np.isnan(block.similarity)
    differs |= np.isnan(verdicts.score) != np.isnan(block.score)
    # Of two references that are as near, either may come first; but one that is retired goes.
    members = np.concatenate([judge.references.ids, judge.quarantined.ids])
    is_gone = (block.nearest > 0) & ~np.isin(block.nearest, members)
    changed: NDArray[np.bool_] = (
        ~block.is_by_model
        | (verdicts.is_placeholder != block.is_placeholder)
        | (verdicts.needs_review != block.needs_review)
        | (has_reason != block.has_reason)
        | differs
        | is_gone
    )
    return changed


def _tally(block: Block, verdicts: Verdicts, changed: int) -> Tally:
    gained = verdicts.is_placeholder & ~block.is_placeholder
    lost = ~verdicts.is_placeholder & block.is_placeholder
    return {
        "compared": len(block),
        "changed": changed,
        "to_placeholder": int(gained.sum()),
        "to_real": int(lost.sum()),
        # A moderator has decided on these: the platform learns nothing new.
        "decided": int(((gained | lost) & block.is_reviewed).sum()),
        "matched_before": _counts(block.nearest[block.is_placeholder]),
        "matched": _counts(verdicts.nearest[verdicts.is_placeholder]),
        "gained": _counts(verdicts.nearest[gained]),
        "gained_undecided": _counts(verdicts.nearest[gained & ~block.is_reviewed]),
    }


def _counts(ids: NDArray[np.int64]) -> dict[str, int]:
    found, counts = np.unique(ids[ids > 0], return_counts=True)
    return dict(zip(map(str, found.tolist()), counts.tolist(), strict=True))
