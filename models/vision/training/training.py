"""A whole training: from pictures and a recipe to a sealed model version."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.backbones.quantised import quantised_backbone
from nophoto.models.vision.evaluation.plots import plot_curves
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.calibration import Calibration
from nophoto.models.vision.training.card import model_card
from nophoto.models.vision.training.cohort import in_cohort, write_cohort
from nophoto.models.vision.training.data_digests import write_data_digests
from nophoto.models.vision.training.features import Features
from nophoto.models.vision.training.fitting import Epoch, embed, fit_head, head_checkpoint
from nophoto.models.vision.training.frozen import (
    FrozenNetwork,
    claiming_references,
    pooled_backbone,
)
from nophoto.models.vision.training.keras_file import write_keras_form
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import (
    negative_samples,
    placeholder_samples,
    upload_samples,
)
from nophoto.models.vision.training.sealing import (
    HeldOutSimilarities,
    Metrics,
    Network,
    seal,
    write_head_forms,
)
from nophoto.models.vision.triplet.head import join
from nophoto.models.vision.versions import ModelVersion


class TrainingError(NophotoError):
    """The pictures given do not suffice for a training."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The picture files of a training.

    Attributes:
        placeholders: to learn as placeholders, beside the drawings, by source; may be empty.
        real: to learn as real, by source; every source shows whatever its size.
        held_out_placeholders: to measure with.
        held_out_real: to measure with and to set the threshold by.
        sources: Markdown on where they come from, for the model card.
    """

    placeholders: Sequence[Sequence[Path]]
    real: Sequence[Sequence[Path]]
    held_out_placeholders: Sequence[Path]
    held_out_real: Sequence[Path]
    sources: str = ""


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
    _check(pictures)
    folder.mkdir(parents=True, exist_ok=True)
    curve: list[Epoch] = []

    def on_epoch(epoch: Epoch) -> None:
        curve.append(epoch)
        reporter.on_epoch(epoch)

    with tempfile.TemporaryDirectory(prefix=".training-", dir=folder) as temporary:
        scratch = Path(temporary)
        frozen = pooled_backbone(recipe, scratch, decoder, activations)
        placeholders, real, held_out = _features(recipe, pictures, frozen, reporter)
        is_kept = in_cohort(real.pictures, recipe.cohort_share)
        negatives = real.where(~is_kept)
        checkpoint = (
            head_checkpoint(checkpoints, placeholders, negatives, recipe) if checkpoints else None
        )
        head = fit_head(placeholders, negatives, recipe, on_epoch, checkpoint)
        unsealed = scratch / "version"
        unsealed.mkdir()
        parity = write_head_forms(frozen, head, unsealed)
        if frozen.network:
            write_keras_form(join(frozen.network, head), unsealed / "network.keras")
        others = np.concatenate([real.where(is_kept).values, held_out.real])
        write_cohort(unsealed, embed(head, others))
        (unsealed / "recipe.json").write_text(recipe.model_dump_json(indent=2) + "\n")
        (unsealed / "curve.json").write_text(json.dumps([asdict(epoch) for epoch in curve]) + "\n")
        _plot(unsealed / "curve.png", curve)

        def card(metrics: Metrics, calibration: Calibration) -> str:
            counts = _counts(placeholders, negatives)
            return model_card(recipe, counts, metrics, calibration, pictures.sources)

        sources = {"placeholders": pictures.placeholders, "real": pictures.real}
        write_data_digests(
            unsealed,
            {f"{kind} {n}": paths for kind in sources for n, paths in enumerate(sources[kind])},
        )
        network = _network(recipe, frozen)
        similarities = held_out.similarities(head)
        return seal(unsealed, folder, network, similarities, parity, target, card)


def _network(recipe: Recipe, frozen: FrozenNetwork) -> Network:
    if frozen.network:
        chosen = backbone(recipe.backbone)
        return Network(chosen.name, chosen.alias, frozen.size, recipe.dimension)
    quantised = quantised_backbone(recipe.backbone)
    alias, digest = quantised.manifest.alias, quantised.digest
    return Network(recipe.backbone, alias, frozen.size, recipe.dimension, digest)


def _check(pictures: Pictures) -> None:
    if not any(pictures.real):
        raise TrainingError(
            "there are no real pictures to train with. Name a folder of photographs with --real"
        )
    check_held_out(pictures)


def check_held_out(pictures: Pictures) -> None:
    """Refuse a training that could not be measured.

    Raises:
        TrainingError: if no placeholder or no real picture is held out.
    """
    if not pictures.held_out_placeholders or not pictures.held_out_real:
        raise TrainingError(
            "the held-out folder must have pictures in `placeholder/` and in `real/`, to measure "
            "the new version with"
        )


def _features(
    recipe: Recipe, pictures: Pictures, frozen: FrozenNetwork, reporter: Reporter
) -> tuple[Features, Features, "_HeldOut"]:
    """Of the placeholders, of the real pictures, and of what is held out."""

    def held_out(kind: str, paths: Sequence[Path]) -> Features:
        computed = frozen.compute(f"held-out {kind}", upload_samples(paths), reporter)
        if not len(computed.values):
            raise TrainingError(f"none of the held-out {kind} can be read; see the reasons above")
        return computed

    placeholders = frozen.compute(
        "placeholders", list(placeholder_samples(recipe, pictures.placeholders)), reporter
    )
    negatives = frozen.compute(
        "real pictures", list(negative_samples(recipe, pictures.real)), reporter
    )
    found = held_out("placeholders", pictures.held_out_placeholders)
    real = held_out("real pictures", pictures.held_out_real)
    measured = _HeldOut(
        frozen.references()[claiming_references()],
        found.values,
        real.values,
        [pictures.held_out_placeholders[place] for place in found.places],
        [pictures.held_out_real[place] for place in real.places],
    )
    return placeholders, negatives, measured


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


class _HeldOut(NamedTuple):
    """Features of the held-out pictures and of the references that they are compared with."""

    references: NDArray[np.float16]
    placeholders: NDArray[np.float16]
    real: NDArray[np.float16]
    placeholder_files: Sequence[Path]
    real_files: Sequence[Path]

    def similarities(self, head: keras.Model) -> HeldOutSimilarities:
        """Of the placeholders and of the real pictures, with their nearest references."""
        references, placeholders, real = (
            embed(head, values) for values in (self.references, self.placeholders, self.real)
        )
        return HeldOutSimilarities(
            nearest_references(placeholders, references)[0],
            nearest_references(real, references)[0],
            self.placeholder_files,
            self.real_files,
        )
