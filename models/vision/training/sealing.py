"""Sealing a trained network: both forms, threshold, figures and card, in one directory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.backbones import Backbone
from nophoto.models.vision.engines.parity import parity_pixels
from nophoto.models.vision.evaluation import evaluate
from nophoto.models.vision.training.calibration import Calibration, calibrate
from nophoto.models.vision.training.data_digests import file_digest
from nophoto.models.vision.training.export import check_parity, write_serving_form
from nophoto.models.vision.training.keras_file import write_keras_form
from nophoto.models.vision.versions import ModelVersion, write_held_out, write_manifest
from nophoto.models.vocabulary import Verdict

Metrics = Mapping[str, Any]

SERVING_FORM = "network.xml"


@dataclass(frozen=True, slots=True)
class HeldOutSimilarities:
    """What the trained network makes of the held-out pictures.

    Attributes:
        placeholders, real: the similarity of each with its nearest reference.
        placeholder_files, real_files: the file of each.
    """

    placeholders: NDArray[np.float64]
    real: NDArray[np.float64]
    placeholder_files: Sequence[Path]
    real_files: Sequence[Path]

    def by_digest(self) -> dict[Verdict, dict[str, float]]:
        """The similarities by the digest of the file."""
        return {
            kind: {
                digest: similarity
                for path, similarity in zip(files, similarities.tolist(), strict=True)
                if (digest := file_digest(path))
            }
            for kind, files, similarities in (
                (Verdict.PLACEHOLDER, self.placeholder_files, self.placeholders),
                (Verdict.REAL, self.real_files, self.real),
            )
        }


def write_forms(network: keras.Model, folder: Path) -> float:
    """Write a network as it was trained and as it is served; both are of a version's files.

    Returns:
        The lowest cosine between what both make of a shipped reference.

    Raises:
        ParityError: if it is too low.
    """
    write_keras_form(network, folder / "network.keras")
    write_serving_form(network, folder / SERVING_FORM)
    return check_parity(network, folder / SERVING_FORM, parity_pixels(network.input_shape[1]))


def seal(
    unsealed: Path,
    folder: Path,
    backbone: Backbone,
    network: keras.Model,
    similarities: HeldOutSimilarities,
    parity: float,
    target: float,
    card: Callable[[Metrics, Calibration], str],
) -> ModelVersion:
    """Calibrate, write the card and the manifest, and move the version to its place.

    Args:
        unsealed: holds both forms and all else that belongs to the version; on `folder`'s disk.
        folder: of versions.
        backbone: of the network.
        network: from pixels to embeddings.
        similarities: of the held-out pictures.
        parity: of both forms.
        target: share of real pictures that the threshold may flag.
        card: makes the model card.

    Returns:
        The version, in `folder / version.id`.
    """
    calibration = calibrate(similarities.real, target, similarities.placeholders)
    figures = evaluate(similarities.placeholders, similarities.real, calibration.threshold)
    metrics = {**figures.as_dict(), "parity": parity}
    write_held_out(unsealed, similarities.by_digest())
    (unsealed / "card.md").write_text(card(metrics, calibration), encoding="utf-8")
    version = write_manifest(
        unsealed,
        backbone.alias,
        backbone=backbone.name,
        input_size=network.input_shape[1],
        dimension=network.output_shape[1],
        threshold=calibration.threshold,
        review_low=calibration.review_low,
        review_high=calibration.review_high,
        metrics=metrics,
    )
    final = folder / version.id
    if not final.exists():
        unsealed.rename(final)
    return ModelVersion(final, version.digest, version.manifest)
