"""A whole training by the baseline recipe: from anchors to a sealed model version."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import keras

from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.evaluation.plots import plot_curves, plot_triplets
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.baseline.anchors import find_anchors
from nophoto.models.vision.training.baseline.card import baseline_card
from nophoto.models.vision.training.baseline.fitting import (
    BaselineEpoch,
    build_baseline_head,
    fit,
    split,
)
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.showing import (
    SHOWN,
    ShownTriplet,
    TripletSimilarity,
    own_triplet,
    show,
)
from nophoto.models.vision.training.baseline.triplets import Triplets, make_triplets
from nophoto.models.vision.training.checkpoints import Checkpoint, inputs_digest
from nophoto.models.vision.training.fitting import Epoch
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.training.held_out import check_readable, measure_held_out
from nophoto.models.vision.training.pictures import Pictures, TrainingError, check_held_out
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.sealing import (
    SERVING_FORM,
    Network,
    seal,
    write_forms,
)
from nophoto.models.vision.triplet.head import join
from nophoto.models.vision.versions import ModelVersion
from nophoto.models.vision.versions.learnt import write_data_digests


@dataclass(frozen=True, slots=True)
class BaselineTraining:
    """What a training by the baseline recipe came to.

    Attributes:
        version: sealed, in its folder.
        curve: both learning curves.
        samples: triplets that were not learnt.
        own: the user's picture, changed into its own positive; None where there was none.
    """

    version: ModelVersion
    curve: Sequence[BaselineEpoch]
    samples: Sequence[TripletSimilarity]
    own: TripletSimilarity | None


def train_baseline(
    recipe: BaselineRecipe,
    anchors: Path | None,
    pictures: Pictures,
    folder: Path,
    target: float,
    decoder: Decoder,
    reporter: Reporter,
    activations: Path | None = None,
    own: Path | None = None,
    checkpoints: Path | None = None,
) -> BaselineTraining:
    """Train by the baseline recipe, export, check, calibrate and seal a model version.

    Args:
        recipe: how.
        anchors: as `find_anchors` takes them.
        pictures: real ones to be negatives, and held-out ones; its placeholders are not learnt.
        folder: in which the version's own folder is made; nothing is left there by a failure.
        target: share of real pictures that the threshold may flag.
        decoder: decodes their files.
        reporter: told of the progress.
        activations: where they are kept for other trainings; None to keep nothing.
        own: a picture to tell the cosines of.
        checkpoints: a folder in which the states of this training are kept, so that the same call
            after a crash goes on from the last epoch; None to keep none.

    Raises:
        AnchorsError: if there are fewer than 2 anchors, or pairs that do not match.
        ArchiveError: if an archive of anchors is damaged or was made to do harm.
        NoNegativesError: if no real picture can be read.
        TrainingError: if nothing is held out, or `own` cannot be read.
        ParityError: if the serving form is not the network that was trained.
        WeightsError: if the backbone's weights cannot be had.
        ActivationCacheError: if `activations` cannot be read or written.
        CheckpointError: if there is no room for `checkpoints`.
    """
    _check(pictures, own, decoder)
    chosen = backbone(recipe.backbone)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".training-", dir=folder) as temporary:
        scratch = Path(temporary)
        found = find_anchors(anchors, scratch)
        network = chosen.build()
        frozen, tail = split_backbone(network, chosen.frozen_until, scratch, decoder, activations)
        triplets = make_triplets(recipe, found, list(_learnt_real(pictures)), frozen, reporter)
        keras.utils.set_random_seed(recipe.seed)
        head = build_baseline_head(network.output_shape[1:], recipe)
        curve: list[BaselineEpoch] = []

        def on_epoch(epoch: BaselineEpoch) -> None:
            curve.append(epoch)
            reporter.on_epoch(Epoch(recipe.seed, epoch.epoch, recipe.epochs, epoch.loss))

        checkpoint = (
            Checkpoint(checkpoints / "baseline.npz", _inputs(recipe, triplets))
            if checkpoints
            else None
        )
        fit(recipe, tail, head, triplets, on_epoch, checkpoint)
        trained = join(network, head)
        unsealed = scratch / "version"
        unsealed.mkdir()
        parity = write_forms(trained, unsealed)
        engine = OpenVinoEngine(unsealed / SERVING_FORM, recipe.dimension)
        samples = [triplets.samples[place] for place in split(recipe, triplets)[1][:SHOWN]]
        shown = show(samples, engine, frozen.size, decoder)
        _write_files(unsealed, recipe, curve, shown)
        subjects = [*found.subjects, *(found.positives or ())]
        write_data_digests(
            unsealed,
            {
                "anchors": [subject for subject in subjects if isinstance(subject, Path)],
                "real": list(_learnt_real(pictures)),
            },
        )
        version = seal(
            unsealed,
            folder,
            Network(chosen.name, chosen.alias, network.input_shape[1], recipe.dimension),
            measure_held_out(pictures, engine, frozen.size, decoder, reporter).similarities,
            parity,
            target,
            partial(baseline_card, recipe, len(triplets.samples), curve[-1], pictures.sources),
        )
        similarities = tuple(triplet.similarity for triplet in shown)
        theirs = show([own_triplet(own, samples[0])], engine, frozen.size, decoder) if own else []
    return BaselineTraining(version, curve, similarities, theirs[0].similarity if theirs else None)


def split_backbone(
    network: keras.Model,
    frozen_until: str,
    scratch: Path,
    decoder: Decoder,
    activations: Path | None,
) -> tuple[FrozenNetwork, keras.Model]:
    """A backbone as its frozen part, whose activations are flat, and what is trained of it.

    Args:
        network: from pixels to a feature map; its layers stay shared with both parts.
        frozen_until: the last layer of the frozen part.
        scratch: as in `FrozenNetwork.of`.
        decoder: as there.
        activations: as there.
    """
    between = network.get_layer(frozen_until).output
    frozen = keras.Model(network.input, keras.layers.Flatten()(between))
    tail = keras.Model(between, network.output, name=f"{network.name}-tail")
    name = f"{network.name} up to {frozen_until}"
    return FrozenNetwork.of(frozen, name, scratch, decoder, activations), tail


def _inputs(recipe: BaselineRecipe, triplets: Triplets) -> str:
    return inputs_digest(recipe.model_dump_json(), *triplets.arrays(range(len(triplets.samples))))


def _learnt_real(pictures: Pictures) -> Iterator[Path]:
    return chain.from_iterable([*pictures.real, *pictures.composed])


def _check(pictures: Pictures, own: Path | None, decoder: Decoder) -> None:
    check_held_out(pictures)
    check_readable(pictures, decoder)
    if own:
        try:
            decoder.load(own.read_bytes(), 32)
        except (PictureError, OSError) as error:
            raise TrainingError(f"{own} cannot be read ({error}); name a picture") from error


def _write_files(
    folder: Path,
    recipe: BaselineRecipe,
    curve: Sequence[BaselineEpoch],
    shown: Sequence[ShownTriplet],
) -> None:
    (folder / "recipe.json").write_text(recipe.model_dump_json(indent=2) + "\n")
    (folder / "curve.json").write_text(json.dumps([asdict(epoch) for epoch in curve]) + "\n")
    plot_curves(
        folder / "curve.png",
        "epoch",
        [epoch.epoch for epoch in curve],
        {
            "loss": {
                "training": [epoch.loss for epoch in curve],
                "validation": [epoch.validation_loss for epoch in curve],
            },
            "accuracy": {
                "training": [epoch.accuracy for epoch in curve],
                "validation": [epoch.validation_accuracy for epoch in curve],
            },
        },
    )
    plot_triplets(
        folder / "triplets.png",
        [triplet.pixels for triplet in shown],
        [(triplet.similarity.with_positive, triplet.similarity.with_negative) for triplet in shown],
    )
