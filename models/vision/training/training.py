"""A whole training: from pictures and a recipe to a sealed model version."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from models.errors import NophotoError
from models.vision.backbones import backbone
from models.vision.engines import Engine
from models.vision.engines.openvino_engine import OpenVinoEngine
from models.vision.evaluation import evaluate
from models.vision.pictures import PictureError, load
from models.vision.references import shipped_references
from models.vision.similarity import nearest_references
from models.vision.training.calibration import calibrate
from models.vision.training.card import model_card
from models.vision.training.export import check_parity, write_serving_form
from models.vision.training.features import Features, compute_features
from models.vision.training.fitting import Epoch, fit_head
from models.vision.training.recipes import Recipe
from models.vision.training.samples import Sample, negative_samples, placeholder_samples
from models.vision.triplet.head import join
from models.vision.triplet.pooling import build_features
from models.vision.versions import ModelVersion, write_manifest


class TrainingError(NophotoError):
    """The pictures given do not suffice for a training."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The picture files of a training.

    Attributes:
        placeholders: to learn as placeholders, beside the drawings; may be empty.
        real: to learn as real, by source; every source shows whatever its size.
        held_out_placeholders: to measure with.
        held_out_real: to measure with and to set the threshold by.
        sources: Markdown on where they come from, for the model card.
    """

    placeholders: Sequence[Path]
    real: Sequence[Sequence[Path]]
    held_out_placeholders: Sequence[Path]
    held_out_real: Sequence[Path]
    sources: str = ""


class Reporter(Protocol):
    """Told how a training gets on."""

    def on_picture(self, stage: str, done: int, total: int) -> None:
        """After every picture of a stage."""

    def on_epoch(self, epoch: Epoch) -> None:
        """After every point of the learning curve."""

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out."""


def train(
    recipe: Recipe, pictures: Pictures, folder: Path, target: float, reporter: Reporter
) -> ModelVersion:
    """Train, export, check, calibrate and seal a model version.

    Args:
        recipe: how.
        pictures: on what, and measured by what.
        folder: in which the version's own folder is made; nothing is left there by a failure.
        target: share of real pictures that the threshold may flag.
        reporter: told of the progress.

    Returns:
        The version, in `folder / version.id`.

    Raises:
        TrainingError: if there are no real pictures, or none held out.
        ParityError: if the serving form is not the network that was trained.
        WeightsError: if the backbone's weights cannot be had.
    """
    _check(pictures)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = backbone(recipe.backbone)
    features = build_features(chosen.build(), chosen.levels)
    features.trainable = False
    curve: list[Epoch] = []

    def on_epoch(epoch: Epoch) -> None:
        curve.append(epoch)
        reporter.on_epoch(epoch)

    with tempfile.TemporaryDirectory(prefix=".training-", dir=folder) as temporary:
        scratch = Path(temporary)
        size = features.input_shape[1]
        # Several times as fast on a processor as Keras.
        engine = OpenVinoEngine(
            write_serving_form(features, scratch / "features.xml"), features.output_shape[1]
        )
        placeholders, negatives = _features(recipe, pictures, engine, size, reporter)
        held_out = _held_out(pictures, engine, size, reporter)
        recipe, head = _best_head(recipe, placeholders, negatives, held_out, on_epoch)
        network = join(features, head)
        sealed = scratch / "version"
        sealed.mkdir()
        network.save(sealed / "network.keras")
        write_serving_form(network, sealed / "network.xml")
        found, alarms = held_out.similarities(head)
        calibration = calibrate(alarms, target)
        metrics: dict[str, Any] = evaluate(found, alarms, calibration.threshold).as_dict()
        metrics["parity"] = check_parity(network, sealed / "network.xml", _some_references(size))
        card = model_card(
            recipe, _counts(placeholders, negatives), metrics, calibration, pictures.sources
        )
        (sealed / "card.md").write_text(card, encoding="utf-8")
        (sealed / "recipe.json").write_text(recipe.model_dump_json(indent=2) + "\n")
        kept = [asdict(epoch) for epoch in curve if epoch.seed == recipe.seed]
        (sealed / "curve.json").write_text(json.dumps(kept) + "\n")
        version = write_manifest(
            sealed,
            chosen.alias,
            backbone=chosen.name,
            input_size=size,
            dimension=recipe.dimension,
            threshold=calibration.threshold,
            review_low=calibration.review_low,
            review_high=calibration.review_high,
            metrics=metrics,
        )
        final = folder / version.id
        if not final.exists():
            sealed.rename(final)
    return ModelVersion(final, version.digest, version.manifest)


def _check(pictures: Pictures) -> None:
    if not any(pictures.real):
        raise TrainingError(
            "there are no real pictures to train with. Name a folder of photographs with --real"
        )
    if not pictures.held_out_placeholders or not pictures.held_out_real:
        raise TrainingError(
            "the held-out folder must have pictures in `placeholder/` and in `real/`, to measure "
            "the new version with"
        )


def _features(
    recipe: Recipe, pictures: Pictures, engine: Engine, size: int, reporter: Reporter
) -> tuple[Features, Features]:
    def compute(stage: str, samples: Sequence[Sample]) -> Features:
        computed = compute_features(
            samples, engine, size, lambda done, total: reporter.on_picture(stage, done, total)
        )
        for path, reason in computed.unreadable.items():
            reporter.on_unreadable(path, reason)
        return computed

    return (
        compute("placeholders", list(placeholder_samples(recipe, pictures.placeholders))),
        compute("real pictures", list(negative_samples(recipe, pictures.real))),
    )


def _counts(placeholders: Features, negatives: Features) -> dict[str, int]:
    drawn = placeholders.pools == "drawn"
    distractors = negatives.pools == "distractors"
    files = negatives.labels[~distractors]
    return {
        "drawn placeholders, with their changed copies": int(drawn.sum()),
        "given placeholders, with their changed copies": int((~drawn).sum()),
        "distractors (drawn documents, charts, screenshots, goods)": int(distractors.sum()),
        "real pictures": len(set(files.tolist())),
        "real pictures with their changed and hardened copies": len(files),
    }


class _HeldOut(NamedTuple):
    """Features of the held-out pictures and of the references that they are compared with."""

    references: NDArray[np.float16]
    placeholders: NDArray[np.float16]
    real: NDArray[np.float16]

    def similarities(self, head: keras.Model) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Of the placeholders and of the real pictures, with their nearest references."""
        references, placeholders, real = (
            np.asarray(head.predict(values.astype(np.float32), batch_size=1024, verbose=0))
            for values in self
        )
        return (
            nearest_references(placeholders, references)[0],
            nearest_references(real, references)[0],
        )


def _held_out(pictures: Pictures, engine: Engine, size: int, reporter: Reporter) -> _HeldOut:
    def compute(stage: str, paths: Sequence[Path]) -> NDArray[np.float16]:
        values = []
        for done, path in enumerate(paths, start=1):
            try:
                values.append(engine.embed(load(path.read_bytes(), size)[None])[0])
            except PictureError as error:
                reporter.on_unreadable(path, str(error))
            reporter.on_picture(stage, done, len(paths))
        return np.array(values, np.float16)

    references = np.stack([load(item.data, size) for item in shipped_references()])
    return _HeldOut(
        engine.embed(references).astype(np.float16),
        compute("held-out placeholders", pictures.held_out_placeholders),
        compute("held-out real pictures", pictures.held_out_real),
    )


def _best_head(
    recipe: Recipe,
    placeholders: Features,
    negatives: Features,
    held_out: _HeldOut,
    on_epoch: Callable[[Epoch], None],
) -> tuple[Recipe, keras.Model]:
    """The best of the recipe's attempts, and the recipe with its seed."""
    best: tuple[tuple[int, float], Recipe, keras.Model] | None = None
    for attempt in range(recipe.attempts):
        tried = recipe.model_copy(update={"seed": recipe.seed + attempt})
        head = fit_head(placeholders, negatives, tried, on_epoch)
        figures = evaluate(*held_out.similarities(head), threshold=0.0, rates=(0.01,))
        merit = (figures.true_positives_at[0.01].hits, figures.auc)
        if best is None or merit > best[0]:
            best = merit, tried, head
    assert best is not None  # noqa: S101 -- a recipe has at least one attempt
    return best[1], best[2]


def _some_references(size: int) -> NDArray[np.uint8]:
    """Pictures to compare both forms of the network on."""
    return np.stack([load(item.data, size) for item in shipped_references()[::8]])
