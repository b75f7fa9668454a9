"""Judging embeddings by the reaches of a reference set."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.matching.nearest import strongest_claims
from nophoto.models.vision.matching.reach import Calibration, Exemplars
from nophoto.models.vocabulary import Kind, Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the network says of one picture.

    Attributes:
        score: similarity minus reach of the reference that claims it most; `placeholder` means
            that it is not negative. None where no reference claims anything.
        similarity: cosine with that reference; None as above.
        nearest: that reference's place in the set; None as above.
        kind: that reference's; None as above.
    """

    verdict: Verdict
    needs_review: bool
    score: float | None
    similarity: float | None
    nearest: int | None
    kind: Kind | None


@dataclass(frozen=True, slots=True)
class Judgements:
    """What the network says of n pictures, a column for each question.

    Attributes:
        is_placeholder: (n,).
        needs_review: (n,).
        score: similarity minus reach of the reference that claims most, (n,); NaN where none
            claims anything.
        similarity: cosine with that reference, (n,); NaN as above.
        nearest: that reference's place in the set, (n,); -1 as above.
        rejected_by: the place among `Matcher.rejecting` of the reference that makes a picture
            real which another would claim or have reviewed, (n,); -1 where none does.
    """

    is_placeholder: NDArray[np.bool_]
    needs_review: NDArray[np.bool_]
    score: NDArray[np.float64]
    similarity: NDArray[np.float64]
    nearest: NDArray[np.intp]
    rejected_by: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Some:
    """Some of the claiming references, put together once, and not for every picture.

    Attributes:
        rows: theirs among all, (s,).
        vectors: (s, d).
        reaches: (s,).
    """

    rows: NDArray[np.intp]
    vectors: NDArray[np.float32]
    reaches: NDArray[np.float64]

    def strongest(
        self, embeddings: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The similarity and the row among all of the one that claims each embedding most."""
        similarities, rows = strongest_claims(embeddings, self.vectors, self.reaches)
        return similarities, self.rows[rows]


@dataclass(frozen=True, slots=True)
class Matcher:
    """References with their reaches.

    Attributes:
        claiming: the references that claim pictures.
        places: their places in the set that was given, (r,).
        calibration: their reaches, and what they rest on.
        rejecting: references of kinds that are switched off, or of which none is active. A picture
            that one of these claims most is real.
        rejecting_places: their places in the sets that were given, (x,).
        rejecting_reaches: (x,).
    """

    claiming: Exemplars
    places: NDArray[np.intp]
    calibration: Calibration
    rejecting: Exemplars
    rejecting_places: NDArray[np.intp]
    rejecting_reaches: NDArray[np.float64]
    _by_scope: "tuple[_Some, _Some] | None" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        only_copies = self.calibration.only_copies
        is_mixed = only_copies.any() and not only_copies.all()
        some = (self._some(~only_copies), self._some(only_copies)) if is_mixed else None
        object.__setattr__(self, "_by_scope", some)

    def judge_all(self, embeddings: NDArray[np.floating[Any]]) -> Judgements:
        """Judgements on embeddings (n, d); where no reference claims anything, all are real."""
        count = len(embeddings)
        none = np.full(count, -1, np.intp)
        if not len(self.claiming):
            nothing, unknown = np.zeros(count, np.bool_), np.full(count, np.nan)
            return Judgements(nothing, nothing, unknown, unknown, none, none)
        reaches = self.calibration.reaches
        similarities, rows = self._claims(embeddings)
        scores = similarities - reaches[rows]
        low, high = self.calibration.band
        is_placeholder = scores >= 0
        needs_review = (scores >= low) & (scores <= high)
        rejected_by = none
        if len(self.rejecting):
            against, nearness, others = self._rejections(embeddings)
            rejected = (against >= 0) & (nearness > similarities)
            rejected_by = np.where(rejected & (is_placeholder | needs_review), others, -1)
            # As if the reach began where the other reference is as near.
            scores = np.where(rejected & is_placeholder, similarities - nearness, scores)
            is_placeholder &= ~rejected
            needs_review &= ~rejected
        return Judgements(
            is_placeholder, needs_review, scores, similarities, self.places[rows], rejected_by
        )

    def judge(self, embeddings: NDArray[np.floating[Any]]) -> list[Judgement]:
        """What `judge_all` says, one judgement for each embedding (n, d)."""
        found = self.judge_all(embeddings)
        kinds = {
            int(place): kind for place, kind in zip(self.places, self.claiming.kinds, strict=True)
        }
        return [
            Judgement(
                Verdict.PLACEHOLDER if is_placeholder else Verdict.REAL,
                needs_review,
                None if nearest < 0 else score,
                None if nearest < 0 else similarity,
                None if nearest < 0 else nearest,
                kinds.get(nearest),
            )
            for is_placeholder, needs_review, score, similarity, nearest in zip(
                found.is_placeholder.tolist(),
                found.needs_review.tolist(),
                found.score.tolist(),
                found.similarity.tolist(),
                found.nearest.tolist(),
                strict=True,
            )
        ]

    def _some(self, wanted: NDArray[np.bool_]) -> _Some:
        rows = np.flatnonzero(wanted)
        return _Some(rows, self.claiming.vectors[rows], self.calibration.reaches[rows])

    def _claims(
        self, embeddings: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """The similarity and the row of the reference that claims each embedding most.

        One that claims its copies alone counts only where it claims: it lies among real pictures,
        which are always near its reach, so that falling short of that says nothing about them.
        """
        reaches = self.calibration.reaches
        if self._by_scope is None:
            return strongest_claims(embeddings, self.claiming.vectors, reaches)
        (similarities, rows), (others, other_rows) = (
            some.strongest(embeddings) for some in self._by_scope
        )
        claims = others - reaches[other_rows]
        is_copy = (claims >= 0) & (claims >= similarities - reaches[rows])
        return np.where(is_copy, others, similarities), np.where(is_copy, other_rows, rows)

    def _rejections(
        self, embeddings: NDArray[np.floating[Any]]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
        """Score, similarity and row of the rejecting reference that claims each embedding most."""
        reaches = self.rejecting_reaches
        similarities, rows = strongest_claims(embeddings, self.rejecting.vectors, reaches)
        return similarities - reaches[rows], similarities, rows
