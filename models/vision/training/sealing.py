"""Sealing a trained network: both forms, threshold, figures and card, in one directory."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines.parity import parity_pixels
from nophoto.models.vision.evaluation import evaluate
from nophoto.models.vision.training.calibration import Calibration, calibrate
from nophoto.models.vision.training.export import (
    check_parity,
    write_serving_form,
    write_stacked_form,
)
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.training.keras_file import write_keras_form
from nophoto.models.vision.versions import ModelVersion, write_held_out, write_manifest
from nophoto.models.vision.versions.learnt import file_digest
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


@dataclass(frozen=True, slots=True)
class Network:
    """What a trained network is, for the manifest.

    Attributes:
        backbone: its name in its registry.
        alias: the short form that begins the id of a version.
        input_size: height and width of the pictures that it takes, in pixels.
        dimension: of an embedding.
        backbone_digest: of a quantised backbone; None for a full one.
    """

    backbone: str
    alias: str
    input_size: int
    dimension: int
    backbone_digest: str | None = None


def write_forms(network: keras.Model, folder: Path) -> float:
    """Write a whole network as it was trained and as it is served.

    Returns:
        The lowest cosine between what both make of a shipped reference.

    Raises:
        ParityError: if it is too low.
    """
    write_keras_form(network, folder / "network.keras")
    write_serving_form(network, folder / SERVING_FORM)
    pixels = parity_pixels(network.input_shape[1])
    trained = np.asarray(network.predict(pixels, verbose=0))
    return check_parity(trained, folder / SERVING_FORM, pixels)


def write_head_forms(frozen: FrozenNetwork, head: keras.Model, folder: Path) -> float:
    """Write a head as it was trained, and the network as it is served; see `write_forms`."""
    write_keras_form(head, folder / "head.keras")
    write_stacked_form(frozen.form, head, folder / SERVING_FORM)
    pixels = parity_pixels(frozen.size)
    trained = np.asarray(head.predict(frozen.engine.embed(pixels), verbose=0))
    return check_parity(trained, folder / SERVING_FORM, pixels)


def seal(
    unsealed: Path,
    folder: Path,
    network: Network,
    similarities: HeldOutSimilarities,
    parity: float,
    target: float,
    card: Callable[[Metrics, Calibration], str],
) -> ModelVersion:
    """Calibrate, write the card and the manifest, and move the version to its place.

    Args:
        unsealed: holds both forms and all else that belongs to the version; on `folder`'s disk.
        folder: of versions.
        network: what was trained.
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
        network.alias,
        backbone=network.backbone,
        backbone_digest=network.backbone_digest,
        input_size=network.input_size,
        dimension=network.dimension,
        threshold=calibration.threshold,
        review_low=calibration.review_low,
        review_high=calibration.review_high,
        metrics=metrics,
    )
    final = folder / version.id
    if not final.exists():
        unsealed.rename(final)
    return ModelVersion(final, version.digest, version.manifest)
