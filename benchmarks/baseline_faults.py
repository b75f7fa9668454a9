"""What each fault of the Keras example costs: the recipe is trained with it and without it."""

import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Annotated

import keras
import numpy as np
import typer
from keras import layers
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.known_pictures import KnownPictures, find_known, register_version
from benchmarks.learning_options import Corpus, Negatives, learnt_photographs
from benchmarks.shares import share
from nophoto.jobs.cli.rendering.output import print_error, stdout
from nophoto.jobs.cli.rendering.training_progress import TrainingProgress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.evaluation import Evaluation, evaluate
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.training.activations import default_activations
from nophoto.models.vision.training.baseline.anchors import find_anchors
from nophoto.models.vision.training.baseline.fitting import (
    BaselineEpoch,
    build_baseline_head,
    fit,
    split,
)
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.training import split_backbone
from nophoto.models.vision.training.baseline.triplets import make_triplets
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import upload_samples
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

_MADE = 1_000
_BATCH = 64

BuildHead = Callable[[tuple[int, ...], BaselineRecipe], keras.Model]


@dataclass(frozen=True, slots=True)
class Variant:
    """The recipe with one fault, or with none.

    Attributes:
        pixels: what the pixels are divided by before Caffe's preprocessing.
        head: builds it.
    """

    pixels: float = 1.0
    head: BuildHead = build_baseline_head


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a variant came to.

    Attributes:
        figures: on the known pictures.
        weights: of its head.
        seconds: of an epoch.
        accuracy: of the triplets that were only measured with, at the end.
        cosines: means of those triplets' anchors with their positives and with their negatives, and
            what Keras's metric says of the latter where it has counted the former before.
    """

    figures: Evaluation
    weights: int
    seconds: float
    accuracy: float
    cosines: tuple[float, float, float]


def unnormalised_head(shape: tuple[int, ...], recipe: BaselineRecipe) -> keras.Model:
    """The head without its last step: distances are between vectors of any length."""
    head = build_baseline_head(shape, recipe)
    return keras.Model(head.input, head.layers[-1].input)


def flattened_head(shape: tuple[int, ...], recipe: BaselineRecipe) -> keras.Model:
    """A head over all places of the map, rather than over their average."""
    inputs = keras.Input(shape)
    flat = layers.Flatten()(inputs)
    pooled = build_baseline_head((int(np.prod(shape)),), recipe)
    return keras.Model(inputs, pooled(flat))


def batch_normalised_head(shape: tuple[int, ...], recipe: BaselineRecipe) -> keras.Model:
    """A head with batch normalisation after each hidden layer of 512 and 256, as in the origin."""
    inputs = keras.Input(shape)
    x = layers.GlobalAveragePooling2D()(inputs)
    for width in (512, 256):
        x = layers.Dense(width, activation="relu")(x)
        x = layers.BatchNormalization()(x)
    return keras.Model(inputs, layers.UnitNormalization()(layers.Dense(recipe.dimension)(x)))


VARIANTS: Mapping[str, Variant] = {
    "mended": Variant(),
    "pixels in [0, 1] before Caffe's preprocessing": Variant(pixels=255.0),
    "trained on vectors of any length, judged by cosine": Variant(head=unnormalised_head),
    "map flattened, not averaged": Variant(head=flattened_head),
    "batch normalisation between dense layers": Variant(head=batch_normalised_head),
}


def measure(
    variant: Variant,
    recipe: BaselineRecipe,
    real: list[Path],
    known: KnownPictures,
    reporter: Reporter,
) -> Outcome:
    """Train one variant on shipped references and `real`, and judge `known` by it."""
    chosen = backbone(recipe.backbone)
    network = chosen.build()
    network.get_layer("preprocess").scale = 1 / variant.pixels
    with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
        frozen, tail = split_backbone(
            network,
            chosen.frozen_until,
            Path(scratch),
            decoders_of(Settings(_env_file=None)),
            default_activations(),
        )
        anchors = find_anchors(None, Path(scratch))
        triplets = make_triplets(recipe, anchors, real, frozen, reporter)
        keras.utils.set_random_seed(recipe.seed)
        head = variant.head(network.output_shape[1:], recipe)
        curve: list[BaselineEpoch] = []
        started = perf_counter()
        fit(recipe, tail, head, triplets, curve.append)
        seconds = (perf_counter() - started) / recipe.epochs
        embedded = [
            _embedded(values, tail, head)
            for values in (
                frozen.references(),
                _activations("placeholders", known.placeholders, frozen, reporter),
                _activations("real pictures", known.real, frozen, reporter),
            )
        ]
        measured = triplets.arrays(split(recipe, triplets)[1])
        cosines = _cosines(*(_embedded(values, tail, head) for values in measured))
    references, *both = embedded
    similarities = [nearest_references(vectors, references)[0] for vectors in both]
    figures = evaluate(similarities[0], similarities[1], threshold=0.0)
    accuracy = curve[-1].validation_accuracy
    return Outcome(figures, head.count_params(), seconds, accuracy, cosines)


def _cosines(
    anchors: NDArray[np.float32], positives: NDArray[np.float32], negatives: NDArray[np.float32]
) -> tuple[float, float, float]:
    reused = keras.metrics.CosineSimilarity()
    alone = keras.metrics.CosineSimilarity()
    reused.update_state(anchors, positives)
    with_positives = float(reused.result())
    for metric in (reused, alone):
        metric.update_state(anchors, negatives)
    return with_positives, float(alone.result()), float(reused.result())


def learnt_before(recipe: BaselineRecipe) -> list[float]:
    """The share of the validation triplets that were trained on by the end of an epoch, by epoch.

    As in the origin: triplets are split behind a shuffling that is another for every reader.
    """
    import tensorflow as tf

    count = recipe.anchors
    learnt = round(count * (1 - recipe.validation))
    shuffled = tf.data.Dataset.range(count).shuffle(count, seed=recipe.seed)
    seen: set[int] = set()
    shares = []
    for _ in range(recipe.epochs):
        seen |= set(shuffled.take(learnt).as_numpy_iterator())
        held = list(shuffled.skip(learnt).as_numpy_iterator())
        shares.append(sum(place in seen for place in held) / len(held))
    return shares


def _activations(
    stage: str, files: Sequence[Path], frozen: FrozenNetwork, reporter: Reporter
) -> NDArray[np.float16]:
    return frozen.compute(stage, upload_samples(files), reporter).values


def _embedded(
    values: NDArray[np.float16], tail: keras.Model, head: keras.Model
) -> NDArray[np.float32]:
    """Flat activations (n, values) to vectors of length 1."""
    parts = []
    for start in range(0, len(values), _BATCH):
        maps = values[start : start + _BATCH].reshape(-1, *tail.input_shape[1:]).astype("f4")
        parts.append(np.asarray(head(tail(maps, training=False), training=False)))
    vectors = np.concatenate(parts)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def main(
    corpus: Corpus = None,
    negatives: Negatives = None,
    epochs: Annotated[int, typer.Option(min=1, help="The recipe has 30.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Train the baseline recipe with each fault of its origin, and judge the same pictures."""
    recipe = BaselineRecipe(epochs=epochs)
    try:
        real = learnt_photographs(negatives)
        with (
            tempfile.TemporaryDirectory(prefix="nophoto-") as folder,
            TrainingProgress() as shown,
        ):
            known = find_known(corpus) if corpus else register_version(Path(folder), _MADE)
            found = {
                name: measure(variant, recipe, real, known, shown)
                for name, variant in VARIANTS.items()
            }
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts = machine.facts() | {"pictures": known.name, "epochs": str(epochs)}
    mixed = learnt_before(recipe)
    if as_json:
        figures = {
            name: {**outcome.figures.as_dict(), "head_weights": outcome.weights}
            for name, outcome in found.items()
        }
        json.dump(
            {"figures": figures, "learnt_before": mixed, "facts": facts}, sys.stdout, indent=2
        )
    else:
        _print(found, facts)
        stdout().print(
            f"shuffled before they are split, {mixed[-1]:.0%} of the validation triplets of the "
            f"last epoch had been learnt ({mixed[0]:.0%} in the first)"
        )
        positive, negative, reused = found["mended"].cosines
        stdout().print(
            f"cosines of anchors with positives {positive:.3f}, with negatives {negative:.3f}; of "
            f"the latter by a metric that has counted both: {reused:.3f}"
        )


def _print(found: dict[str, Outcome], facts: dict[str, str]) -> None:
    from rich.table import Table

    rates = next(iter(found.values())).figures.true_positives_at
    names = [f"Found at {rate:.1%}" for rate in rates]
    table = Table("Recipe", *names, "AUC", "Validation", "Head's weights", "s/epoch")
    for name, outcome in found.items():
        shares = map(share, outcome.figures.true_positives_at.values())
        table.add_row(
            name,
            *shares,
            f"{outcome.figures.auc:.4f}",
            f"{outcome.accuracy:.0%}",
            f"{outcome.weights:,}",
            f"{outcome.seconds:.1f}",
        )
    stdout().print(table)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
