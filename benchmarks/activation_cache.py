"""How much sooner the baseline ends with kept activations than if each epoch computed them."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Annotated

import keras
import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.spread import Spread
from nophoto.jobs.cli.rendering.output import print_error, progress, stdout
from nophoto.jobs.cli.rendering.training_progress import TrainingProgress
from nophoto.jobs.demo.pictures import photographs
from nophoto.models.errors import NophotoError
from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.training.baseline.anchors import find_anchors
from nophoto.models.vision.training.baseline.fitting import BaselineEpoch, build_baseline_head, fit
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.training import split_backbone
from nophoto.models.vision.training.baseline.triplets import Triplets, make_triplets
from nophoto.models.vision.training.frozen import FrozenNetwork
from nophoto.models.vision.training.sample_pictures import decode_subject, make_picture
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

_EPOCHS = 3
"""Of one measurement; the first, in which TensorFlow builds its graph, does not count."""


Costs = dict[str, NDArray[np.float64]]
"""Of one round, by what was measured: (seconds, seconds of all processors)."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one epoch takes, and how much sooner a whole training ends, by one clock.

    Attributes:
        kept: an epoch over activations that are kept.
        by_keras: one in which the pictures are made and Keras computes the frozen part, as in the
            origin.
        by_openvino: one in which the pictures are made and OpenVINO computes it.
        once: to make the pictures and compute the activations of all triplets by OpenVINO.
        over_keras: all epochs by Keras, by those of `once` and all epochs with `kept`.
        over_openvino: likewise.
    """

    kept: Spread
    by_keras: Spread
    by_openvino: Spread
    once: Spread
    over_keras: Spread
    over_openvino: Spread


@contextmanager
def _prepared(recipe: BaselineRecipe) -> Iterator[tuple[keras.Model, FrozenNetwork, keras.Model]]:
    with tempfile.TemporaryDirectory(prefix="nophoto-") as scratch:
        network = backbone(recipe.backbone).build()
        frozen_until = backbone(recipe.backbone).frozen_until
        decoders = decoders_of(Settings(_env_file=None))
        yield (network, *split_backbone(network, frozen_until, Path(scratch), decoders, None))


def measure(
    recipe: BaselineRecipe, rounds: int, on_progress: Callable[[int, int], None] = lambda *_: None
) -> tuple[Figures, Figures]:
    """Measure everything once a round, on triplets of shipped references and photographs.

    Returns:
        By the clock on the wall, and by the time of all processors, which other programs hardly
        change.
    """
    found: list[Costs] = []
    with (
        tempfile.TemporaryDirectory(prefix="nophoto-") as scratch,
        _prepared(recipe) as (network, frozen, tail),
        TrainingProgress() as shown,
    ):
        anchors = find_anchors(None, Path(scratch))
        triplets = make_triplets(recipe, anchors, list(photographs()), frozen, shown)
        samples = [sample for triplet in triplets.samples for sample in triplet]
        for done in range(rounds):
            on_progress(done, rounds)
            started = _clocks()
            pixels = np.stack(
                [
                    make_picture(
                        sample, frozen.size, decode_subject(sample, frozen.size, frozen.decoder)
                    )
                    for sample in samples
                ]
            )
            made = _clocks() - started
            frozen.engine.embed(pixels)
            once = _clocks() - started
            kept = _epoch(recipe, tail, triplets)
            rows = pixels.reshape(len(samples), -1).astype(np.float16)
            pictures = Triplets(triplets.samples, dict(zip(samples, rows, strict=True)))
            by_keras = made + _epoch(recipe, network, pictures)
            whole = once + recipe.epochs * kept
            found.append(
                {
                    "kept": kept,
                    "by_keras": by_keras,
                    "by_openvino": once + kept,
                    "once": once,
                    "over_keras": recipe.epochs * by_keras / whole,
                    "over_openvino": recipe.epochs * (once + kept) / whole,
                }
            )
    wall, processors = (
        Figures(**{name: Spread.of([costs[name][clock] for costs in found]) for name in found[0]})
        for clock in range(2)
    )
    return wall, processors


def _clocks() -> NDArray[np.float64]:
    return np.array([perf_counter(), process_time()])


def _epoch(recipe: BaselineRecipe, trained: keras.Model, triplets: Triplets) -> NDArray[np.float64]:
    """What one epoch, after the first, of training `trained` and a new head takes."""
    ends: list[NDArray[np.float64]] = []

    def on_epoch(epoch: BaselineEpoch) -> None:  # noqa: ARG001
        ends.append(_clocks())

    head = build_baseline_head(trained.output_shape[1:], recipe)
    fit(recipe.model_copy(update={"epochs": _EPOCHS}), trained, head, triplets, on_epoch)
    return (ends[-1] - ends[0]) / (_EPOCHS - 1)


def main(
    anchors: Annotated[int, typer.Option(min=2, help="Triplets; the recipe has 100.")] = 100,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure an epoch of the baseline recipe with and without kept activations.

    Without them, the pictures are read, decoded and changed again for every epoch as well.
    """
    recipe = BaselineRecipe(anchors=anchors)
    try:
        with progress("measuring") as advance:
            figures = measure(recipe, rounds, advance)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts = machine.facts() | {"training": f"{anchors} triplets, {recipe.epochs} epochs"}
    if as_json:
        wall, processors = map(asdict, figures)
        json.dump({"wall": wall, "processors": processors, "facts": facts}, sys.stdout, indent=2)
    else:
        _print(*figures, facts)


def _print(wall: Figures, processors: Figures, facts: dict[str, str]) -> None:
    from rich.table import Table

    table = Table("", "Median", "Lowest", "Highest", "Of processors")
    for name, text, form in (
        ("kept", "an epoch over kept activations, s", "{:.2f}"),
        ("by_keras", "an epoch in which Keras computes them, s", "{:.2f}"),
        ("by_openvino", "an epoch in which OpenVINO computes them, s", "{:.2f}"),
        ("once", "all pictures and their activations once, by OpenVINO, s", "{:.2f}"),
        ("over_keras", "whole training, sooner than by Keras, times", "{:.1f}"),
        ("over_openvino", "whole training, sooner than by OpenVINO, times", "{:.1f}"),
    ):
        spread: Spread = getattr(wall, name)
        of_processors: Spread = getattr(processors, name)
        values = (spread.median, spread.lowest, spread.highest, of_processors.median)
        table.add_row(text, *map(form.format, values))
    stdout().print(table)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
