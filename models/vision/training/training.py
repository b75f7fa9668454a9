"""A whole training: from pictures and a recipe to a sealed model version."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.backbones.quantised import quantised_backbone
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.evaluation.plots import plot_curves
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.calibration import Calibration
from nophoto.models.vision.training.card import model_card
from nophoto.models.vision.training.cohort import split_cohort, write_cohort
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import Epoch, embed, fit_head, head_checkpoint
from nophoto.models.vision.training.frozen import (
    FrozenNetwork,
    claiming_references,
    pooled_backbone,
)
from nophoto.models.vision.training.held_out import check_readable, measure_held_out
from nophoto.models.vision.training.keras_file import write_keras_form
from nophoto.models.vision.training.pictures import Pictures, check_pictures
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import (
    cohort_samples,
    negative_samples,
    placeholder_samples,
)
from nophoto.models.vision.training.sealing import (
    SERVING_FORM,
    Metrics,
    Network,
    seal,
    write_head_forms,
)
from nophoto.models.vision.triplet.head import join
from nophoto.models.vision.versions import ModelVersion
from nophoto.models.vision.versions.learnt import write_data_digests


def train(
    recipe: Recipe,
    pictures: Pictures,
    folder: Path,
    target: float,
    decoder: Decoder,
    reporter: Reporter,
    activations: Path | None = None,
    checkpoints: Path | None = None,
) -> ModelVersion:
    """Train, export, check, calibrate and seal a model version.

    Args:
        recipe: how.
        pictures: on what, and measured by what.
        folder: in which the version's own folder is made; nothing is left there by a failure.
        target: share of real pictures that the threshold may flag.
        decoder: decodes their files.
        reporter: told of the progress.
        activations: where what the frozen network makes of pictures is kept for other trainings;
            None to keep nothing.
        checkpoints: a folder in which the states of this training are kept, so that the same call
            after a crash goes on from the last epoch; None to keep none.

    Returns:
        The version, in `folder / version.id`.

    Raises:
        TrainingError: if there are no real pictures, or none held out.
        ParityError: if the serving form is not the network that was trained.
        WeightsError: if the backbone's weights cannot be had.
        ActivationCacheError: if `activations` cannot be read or written.
        CheckpointError: if there is no room for `checkpoints`.
    """
    check_pictures(pictures)
    check_readable(pictures, decoder)
    folder.mkdir(parents=True, exist_ok=True)
    curve: list[Epoch] = []

    def on_epoch(epoch: Epoch) -> None:
        curve.append(epoch)
        reporter.on_epoch(epoch)

    with tempfile.TemporaryDirectory(prefix=".training-", dir=folder) as temporary:
        scratch = Path(temporary)
        frozen = pooled_backbone(recipe, scratch, decoder, activations)
        learnt, kept = split_cohort(pictures.real, recipe.cohort_share)
        placeholders, negatives = _features(
            recipe, pictures.placeholders, [*learnt, *pictures.composed], frozen, reporter
        )
        unlearnt = frozen.compute("the cohort", list(cohort_samples(kept)), reporter)
        checkpoint = (
            head_checkpoint(checkpoints, placeholders, negatives, recipe) if checkpoints else None
        )
        head = fit_head(placeholders, negatives, recipe, on_epoch, checkpoint)
        unsealed = scratch / "version"
        unsealed.mkdir()
        parity = write_head_forms(frozen, head, unsealed)
        if frozen.network:
            write_keras_form(join(frozen.network, head), unsealed / "network.keras")
        serving = OpenVinoEngine(unsealed / SERVING_FORM, recipe.dimension)
        held_out = measure_held_out(
            pictures, serving, frozen.size, decoder, reporter, claiming_references()
        )
        kept_embeddings = embed(head, unlearnt.values)
        write_cohort(unsealed, np.concatenate([kept_embeddings, held_out.real]))
        (unsealed / "recipe.json").write_text(recipe.model_dump_json(indent=2) + "\n")
        (unsealed / "curve.json").write_text(json.dumps([asdict(epoch) for epoch in curve]) + "\n")
        _plot(unsealed / "curve.png", curve)

        def card(metrics: Metrics, calibration: Calibration) -> str:
            counts = _counts(placeholders, negatives)
            return model_card(recipe, counts, metrics, calibration, pictures.sources)

        sources = {
            "placeholders": pictures.placeholders,
            "real": [*pictures.real, *pictures.composed],
        }
        write_data_digests(
            unsealed,
            {f"{kind} {n}": paths for kind in sources for n, paths in enumerate(sources[kind])},
        )
        network = _network(recipe, frozen)
        return seal(unsealed, folder, network, held_out.similarities, parity, target, card)


def _network(recipe: Recipe, frozen: FrozenNetwork) -> Network:
    if frozen.network:
        chosen = backbone(recipe.backbone)
        return Network(chosen.name, chosen.alias, frozen.size, recipe.dimension)
    quantised = quantised_backbone(recipe.backbone)
    alias, digest = quantised.manifest.alias, quantised.digest
    return Network(recipe.backbone, alias, frozen.size, recipe.dimension, digest)


def _features(
    recipe: Recipe,
    placeholders: Sequence[Sequence[Path]],
    real: Sequence[Sequence[Path]],
    frozen: FrozenNetwork,
    reporter: Reporter,
) -> tuple[Features, Features]:
    """Of the placeholders, and of the real pictures."""
    positives = list(placeholder_samples(recipe, placeholders))
    negatives = list(negative_samples(recipe, real))
    return (
        frozen.compute("placeholders", positives, reporter),
        frozen.compute("real pictures", negatives, reporter),
    )


def _plot(path: Path, curve: Sequence[Epoch]) -> None:
    """The loss along the steps."""
    steps = [epoch.step for epoch in curve]
    plot_curves(path, "step", steps, {"loss": {"training": [epoch.loss for epoch in curve]}})


def _counts(placeholders: Features, negatives: Features) -> dict[str, int]:
    drawn = np.isin(placeholders.pools, ("drawn", "references"))
    distractors = negatives.pools == "distractors"
    files = negatives.pictures[~distractors]
    return {
        "drawn placeholders, with their changed copies": int(drawn.sum()),
        "given placeholders, with their changed copies": int((~drawn).sum()),
        "distractors (drawn logos, covers, documents, screens, goods ...)": int(distractors.sum()),
        "real pictures": len(set(files.tolist())),
        "real pictures with their changed and hardened copies": len(files),
    }
