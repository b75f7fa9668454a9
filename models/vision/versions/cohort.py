"""The cohort that a model version brings: embeddings of real pictures, no pictures."""

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.versions.directory import ModelVersion, ModelVersionError

COHORT = "cohort.npy"


def read_cohort(version: ModelVersion) -> NDArray[np.float32]:
    """The embeddings, (n, dimension); none where the version was sealed without a cohort.

    Raises:
        ModelVersionError: if they are not embeddings of this version.
    """
    dimension = version.manifest.dimension
    file = version.folder / COHORT
    # Only a file that the manifest names is known to be the one that was sealed.
    if COHORT not in version.manifest.files:
        return np.empty((0, dimension), np.float32)
    try:
        vectors = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelVersionError(
            f"the cohort {file} cannot be read ({error}). Install nophoto again, or import the "
            "model version again"
        ) from error
    if vectors.ndim != 2 or vectors.shape[1] != dimension:
        raise ModelVersionError(
            f"the cohort {file} has the shape {vectors.shape}, and {version.id} makes embeddings "
            f"of {dimension} numbers: it belongs to another version. Import the version again"
        )
    return np.asarray(vectors, np.float32)
