"""Which real pictures are not learnt, so that their embeddings make a cohort."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.versions import COHORT


def in_cohort(pictures: NDArray[np.int64], share: float) -> NDArray[np.bool_]:
    """Which rows (n,) belong to the share of pictures that is kept out of a training.

    A picture's copies stay together. The choice depends on the numbers alone.

    Args:
        pictures: the number of each row's picture, (n,).
        share: of the pictures, in [0, 1).
    """
    count = int(pictures.max(initial=-1)) + 1
    is_kept = np.random.default_rng(0).random(count) < share
    return is_kept[pictures]


def write_cohort(folder: Path, embeddings: NDArray[np.float32]) -> None:
    """Write embeddings of real pictures (n, dimension), L2-normalised, as a version's cohort."""
    np.save(folder / COHORT, embeddings.astype(np.float16))
