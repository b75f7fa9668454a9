"""`python -m benchmarks.tuned_backbone`: trains the default backbone to see absence.

ImageNet taught it what things are, not whether a picture says that one is absent. Its deeper half
learns that here, with a head that is thrown away, from pictures of packages, drawings and pictures
that are laid out alone. It takes the extra `train`.
"""

import queue
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import keras
import numpy as np
import openvino
import tensorflow as tf
import typer
from numpy.typing import NDArray

from benchmarks.backbone_weights import FULL, SIZE, TunedWeights, build_full
from nophoto.jobs.cli.rendering.output import progress
from nophoto.jobs.configuration import load_settings
from nophoto.jobs.training.train import files_below
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.batches import Batch, batches
from nophoto.models.vision.training.export import write_serving_form
from nophoto.models.vision.training.features import Features, describe, make_pictures
from nophoto.models.vision.training.fitting import QUIET
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.samples import (
    Sample,
    given_kinds,
    given_samples,
    negative_samples,
    placeholder_samples,
)
from nophoto.models.vision.triplet.head import build_level_head
from nophoto.models.vision.triplet.level_loss import LevelLoss
from nophoto.models.vision.triplet.pooling import build_features
from nophoto.models.vocabulary import Kind
from nophoto.worker.decoding.pool import decoders_of

FROZEN_UNTIL = "block3_2_add"
"""The last layer that stays as ImageNet made it: what lies below sees edges and letters alike."""

LEVELS = ("block5_3_add", "block6_4_add")
"""Layers beyond the border whose maps the head sees besides the end."""

RECIPE = Recipe(
    steps=1300,
    learning_rate=4e-4,
    weight_decay=0.02,
    placeholders_per_batch=56,
    negatives_per_batch=72,
    given_share=0.68,
    reference_share=0.1,
    distractor_share=0.12,
    drawn=12_000,
    distractors=7_000,
    kind_weight=0.6,
    copy_weight=0.4,
    dropout=0.3,
)
"""Of this training; that of heads is another."""

LAID_OUT = RECIPE.model_copy(update={"variants": 1, "looks": 0, "hardened": 0})
"""Of pictures that are laid out, each of which is new: one changed copy is enough."""

WARM_UP = 50
"""Steps in which the learning rate rises."""

_BATCH = 16
_AHEAD = 4


def main(
    gathered: Annotated[
        Path,
        typer.Argument(
            metavar="GATHERED",
            help="Made by `benchmarks.training_pictures`.",
            exists=True,
            file_okay=False,
        ),
    ],
    laid_out: Annotated[
        Path,
        typer.Argument(
            metavar="LAID_OUT", help="Made by `benchmarks.laid_out`.", exists=True, file_okay=False
        ),
    ],
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Weights, `.weights.h5`, for `quantised_backbone`."),
    ],
    steps: Annotated[int, typer.Option(min=1, help="Batches.")] = RECIPE.steps,
    start: TunedWeights = None,
) -> None:
    """Train the deeper half of EfficientNet-Lite0, and write the weights of all of it.

    It takes 40 minutes and 8 GB of disk for maps on two cores of an AMD Zen 5.
    """
    for folder in (gathered / "placeholders", gathered / "real", gathered / "composed"):
        _check_folder(folder, "benchmarks.training_pictures")
    for folder in (laid_out / "placeholders", laid_out / "real"):
        _check_folder(folder, "benchmarks.laid_out")
    recipe = RECIPE.model_copy(update={"steps": steps})
    network = build_full(SIZE, start)
    border = network.get_layer(FROZEN_UNTIL).output
    deeper = keras.Model(border, build_features(network, LEVELS, FULL.end).output)
    with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
        maps = _Maps(keras.Model(network.input, border), Path(scratch))
        decoder = decoders_of(load_settings())
        placeholders = maps.compute("placeholders", _placeholders(gathered, laid_out), decoder)
        negatives = maps.compute("real pictures", _negatives(gathered, laid_out), decoder)
        _fit(deeper, placeholders, negatives, recipe)
    network.save_weights(out)


def _check_folder(folder: Path, command: str) -> None:
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no {folder}; `python -m {command}` makes it")


def _placeholders(gathered: Path, laid_out: Path) -> list[Sample]:
    samples = list(placeholder_samples(RECIPE, []))
    for folder in sorted((gathered / "placeholders").iterdir()):
        paths = files_below([folder])
        for path, (kind, source) in zip(paths, given_kinds(paths), strict=True):
            # By kind where each project has one: else they are lost among avatars.
            pool = f"{folder.name}-{kind}" if folder.name == "named" else folder.name
            samples += given_samples(RECIPE, path, pool, kind, source)
    for folder in sorted((laid_out / "placeholders").iterdir()):
        for path in files_below([folder]):
            samples += given_samples(LAID_OUT, path, f"laid-{folder.name}", Kind(folder.name), "")
    return samples


def _negatives(gathered: Path, laid_out: Path) -> list[Sample]:
    real = [
        files_below([folder])
        for part in ("real", "composed")
        for folder in sorted((gathered / part).iterdir())
    ]
    samples = list(negative_samples(RECIPE, real))
    for folder in sorted((laid_out / "real").iterdir()):
        laid = negative_samples(
            LAID_OUT.model_copy(update={"distractors": 0}), [files_below([folder])]
        )
        samples += [replace(one, pool=f"laid-{folder.name}") for one in laid]
    return samples


class _Maps:
    """Feature maps of the part that stays as it is, on disk: they are larger than memory.

    Args:
        network: from pixels to maps.
        folder: to keep them in.
    """

    def __init__(self, network: keras.Model, folder: Path) -> None:
        self._folder = folder
        self._size = int(network.input_shape[1])
        self._shape = network.output_shape[1:]
        form = write_serving_form(network, folder / "shallow.xml")
        hints = {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_PRECISION_HINT": "f32"}
        self._compiled = openvino.Core().compile_model(form, "CPU", hints)

    def compute(self, name: str, samples: Sequence[Sample], decoder: Decoder) -> Features:
        maps = np.lib.format.open_memmap(
            self._folder / f"{name}.npy", "w+", np.float16, (len(samples), *self._shape)
        )
        places: list[int] = []
        unreadable: dict[Path, str] = {}

        def keep(request: openvino.InferRequest, start: int) -> None:
            values = request.get_output_tensor(0).data
            maps[start : start + len(values)] = values

        running = openvino.AsyncInferQueue(self._compiled)
        running.set_callback(keep)
        batch: list[NDArray[np.uint8]] = []
        with progress(f"maps of {name}") as advance:
            for place, picture in enumerate(make_pictures(samples, self._size, decoder)):
                if isinstance(picture, str):
                    unreadable[Path(str(samples[place].subject))] = picture
                else:
                    batch.append(picture)
                    places.append(place)
                if batch and (len(batch) == _BATCH or place + 1 == len(samples)):
                    running.start_async({0: np.stack(batch)}, len(places) - len(batch))
                    batch = []
                advance(place + 1, len(samples))
            running.wait_all()
        return describe(samples, places, maps[: len(places)], unreadable)


def _fit(deeper: keras.Model, placeholders: Features, negatives: Features, recipe: Recipe) -> None:
    """Train a network from maps to features, with a head that nobody keeps."""
    keras.utils.set_random_seed(recipe.seed)
    head = build_level_head(
        deeper.output_shape[1],
        recipe.dimension,
        recipe.hidden,
        recipe.dropout,
        recipe.absence_weight,
    )
    network = keras.Model(deeper.input, head(deeper.output))
    rate = keras.optimizers.schedules.CosineDecay(
        0.0,
        max(1, recipe.steps - WARM_UP),
        warmup_target=recipe.learning_rate,
        warmup_steps=WARM_UP,
    )
    # The mean of the weights along the way generalises better than the last ones.
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=recipe.weight_decay, clipnorm=5.0, use_ema=True, ema_momentum=0.99
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    network.compile(optimizer, LevelLoss(QUIET, recipe.kind_weight, recipe.copy_weight))
    with progress("training") as advance:
        for step, (maps, marks) in enumerate(_ahead(batches(placeholders, negatives, recipe)), 1):
            network.train_on_batch(tf.constant(maps), tf.constant(marks))
            advance(step, recipe.steps)
    optimizer.finalize_variable_values(network.trainable_variables)


def _ahead(drawn: Iterator[Batch]) -> Iterator[Batch]:
    """Batches, read from disk while others are trained on."""
    waiting: queue.Queue[Batch | None] = queue.Queue(_AHEAD)

    def read() -> None:
        for batch in drawn:
            waiting.put(batch)
        waiting.put(None)

    threading.Thread(target=read, daemon=True).start()
    while batch := waiting.get():
        yield batch


if __name__ == "__main__":
    typer.run(main)
