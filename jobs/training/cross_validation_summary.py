"""The figures of judged pictures: what is found and flagged, in all, by kind and by project."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nophoto.jobs.training.cross_validation_figures import CrossValidation, Decision, Found
from nophoto.models.vision.evaluation import Rate, auc, threshold_at
from nophoto.models.vision.evaluation.metrics import FALSE_POSITIVE_RATES
from nophoto.models.vocabulary import DEFAULT_FALSE_POSITIVE_RATE

if TYPE_CHECKING:
    from nophoto.models.vision.training.nearness import Judged, Nearness

HARD = "hard"
"""The folder in `real/` whose pictures are not counted when thresholds are set."""

_RESAMPLES = 2_000


def summarise(judged: "Sequence[Judged]", nearness: "Nearness") -> CrossValidation:
    """The figures of judged pictures, at least one of either sort and one real one not hard."""
    from nophoto.models.vision.training.nearness import is_clear

    placeholders = [item for item in judged if item.picture.is_placeholder]
    real = [item for item in judged if not item.picture.is_placeholder]
    ordinary = _scores(item for item in real if not _is_hard(item))
    clear = [item for item in placeholders if is_clear(item.picture)]
    return CrossValidation(
        auc(_scores(clear or placeholders), _scores(real)),
        Decision(
            DEFAULT_FALSE_POSITIVE_RATE,
            _rate(clear, 0.0),
            _rates(clear, 0.0, lambda item: item.picture.kind or "unnamed"),
            _rate(real, 0.0),
            _worst_first(_rates(real, 0.0, lambda item: item.picture.group)),
            _worst_first(_rates(real, 0.0, lambda item: item.picture.project)),
        ),
        nearness,
        [
            _found(rate, threshold_at(ordinary, rate), placeholders, real)
            for rate in FALSE_POSITIVE_RATES
        ],
        judged,
    )


def _worst_first(rates: dict[str, Rate]) -> dict[str, Rate]:
    return dict(sorted(rates.items(), key=lambda item: (-item[1].value, -item[1].total)))


def _found(
    rate: float, threshold: float, placeholders: "list[Judged]", real: "list[Judged]"
) -> Found:
    by_project = _rates(placeholders, threshold, lambda item: item.picture.project)
    shares = np.array([share.value for share in by_project.values()])
    rng = np.random.default_rng(0)
    means = rng.choice(shares, (_RESAMPLES, len(shares))).mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975)).tolist()
    return Found(
        rate,
        threshold,
        _rate(placeholders, threshold),
        float(shares.mean()),
        (low, high),
        by_project,
        _rates(placeholders, threshold, lambda item: item.picture.group),
        _rates(real, threshold, lambda item: item.picture.group),
        _rate([item for item in real if _is_hard(item)], threshold),
    )


def _rates(
    judged: "list[Judged]", threshold: float, name: "Callable[[Judged], str]"
) -> dict[str, Rate]:
    totals = Counter(map(name, judged))
    hits = Counter(name(item) for item in judged if item.score >= threshold)
    return {key: Rate(hits[key], totals[key]) for key in sorted(totals)}


def _rate(judged: "list[Judged]", threshold: float) -> Rate:
    return Rate(sum(item.score >= threshold for item in judged), len(judged))


def _scores(judged: "Iterable[Judged]") -> NDArray[np.float64]:
    return np.array([item.score for item in judged])


def _is_hard(item: "Judged") -> bool:
    return Path(item.picture.group).parts[:1] == (HARD,)
