"""Which real pictures are not learnt, so that their embeddings make a cohort."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.versions import COHORT


def split_cohort(
    real: Sequence[Sequence[Path]], share: float
) -> tuple[list[list[Path]], list[list[Path]]]:
    """Real pictures to learn, and those that are kept for the cohort, by source as they are given.

    Which ones are kept depends on how many there are, and on nothing else.

    Args:
        real: by source.
        share: of all that is kept, in [0, 1).
    """
    order = np.random.default_rng(0).permutation(sum(map(len, real)))
    is_kept = iter(order < int(share * len(order)))
    learnt: list[list[Path]] = []
    kept: list[list[Path]] = []
    for paths in real:
        learnt.append([])
        kept.append([])
        for path in paths:
            (kept if next(is_kept) else learnt)[-1].append(path)
    return learnt, kept


def write_cohort(folder: Path, embeddings: NDArray[np.float32]) -> None:
    """Write embeddings of real pictures (n, dimension), L2-normalised, as a version's cohort."""
    np.save(folder / COHORT, embeddings.astype(np.float16))
