"""nophoto end to end beside the way it began: Keras `predict`, one picture at a time.

`python -m benchmarks.beside_keras` measures in one run, on the same pictures, small ones and as
cameras make them: a worker from enqueueing to the last commit, and its bare engine on ready
tensors, as `benchmarks.end_to_end` measures both; ResNet50 in Keras as the baseline uses it, a
picture at a time from its file; the same in batches of 32; and our own network in Keras, in
batches of 32.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any, Final

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import end_to_end, machine
from benchmarks.corpus import CorpusFolder, take_corpus
from benchmarks.installation import Installation, install
from benchmarks.keras_network import full_network
from benchmarks.large_pictures import make_large_corpus
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.versions import shipped_version

_ONE_BY_ONE = 16
_BATCH = 32
_FEWEST = 2 * _BATCH
_SIDE = 224

BAR: Final = "40; 60 with VNNI"
"""Times the baseline that the worker is to be, end to end, on small pictures."""

OURS: Final = "nophoto, end to end"
ENGINE: Final = "nophoto's bare engine, on ready tensors"
BASELINE: Final = "Keras ResNet50, one at a time (the baseline)"

Step = Callable[[Sequence[Path]], object]
Way = tuple[str, Step, int]


def ways() -> Iterator[Way]:
    """By name: what judges pictures in Keras, and how many of them show its speed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    # As fast with any weights.
    baseline = keras.Sequential(
        [
            keras.applications.ResNet50(
                weights=None, include_top=False, input_shape=(_SIDE, _SIDE, 3)
            ),
            keras.layers.Flatten(),
            keras.layers.Dense(512, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(256, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(256),
        ]
    )
    version = shipped_version()
    ours = full_network(version)
    our_side = version.manifest.input_size

    def pixels(file: Path, side: int) -> NDArray[np.float32]:
        image = keras.utils.load_img(file, target_size=(side, side))
        return np.asarray(keras.utils.img_to_array(image), np.float32)

    def prepared(file: Path) -> Any:
        return keras.applications.resnet50.preprocess_input(pixels(file, _SIDE))

    yield (
        BASELINE,
        lambda files: [baseline.predict(prepared(file)[np.newaxis], verbose=0) for file in files],
        _ONE_BY_ONE,
    )
    yield (
        f"Keras ResNet50, batches of {_BATCH}",
        lambda files: baseline.predict(np.stack([prepared(f) for f in files]), _BATCH, verbose=0),
        _BATCH,
    )
    yield (
        f"Keras, our network in 32 bits, batches of {_BATCH}",
        lambda files: ours.predict(
            np.stack([pixels(f, our_side) for f in files]), _BATCH, verbose=0
        ),
        _FEWEST,
    )


def measure(
    installation: Installation, files: Sequence[Path], others: Sequence[Way], rounds: int
) -> dict[str, list[float]]:
    """Photos/s of each way, once for each round, the ways in turn."""
    for _, step, count in others:
        step(files[:count])  # TensorFlow builds its graphs
    found: dict[str, list[float]] = {name: [] for name in (OURS, ENGINE, *(o[0] for o in others))}
    for _ in range(rounds):
        figures = end_to_end.measure(installation, files, rounds=1)
        found[OURS].append(figures.end_to_end.median)
        found[ENGINE].append(figures.engine.median)
        for name, step, count in others:
            started = perf_counter()
            step(files[:count])
            found[name].append(count / (perf_counter() - started))
    return found


def table(title: str, found: Mapping[str, Sequence[float]], bar: str = "") -> Table:
    """The rates of `measure`, and how many times the baseline each is within a round."""
    rows = []
    for name, rates in found.items():
        times = Spread.of([rate / base for rate, base in zip(rates, found[BASELINE], strict=True)])
        of_baseline = (times.shown(), bar if name == OURS else "") if name != BASELINE else ("", "")
        spread = Spread.of(rates)
        values = (spread.median, spread.lowest, spread.highest)
        rows.append((name, *(f"{value:.1f}" for value in values), *of_baseline))
    return Table(
        f"{title}, photos/s",
        ("Way", "Median", "Lowest", "Highest", "Times the baseline", "At least"),
        rows,
        ("From files; Keras judges nothing and stores nothing.",),
    )


def main(
    pictures: Annotated[int, typer.Option(min=_FEWEST, help="Small ones, for the worker.")] = 1_000,
    large: Annotated[int, typer.Option(min=_FEWEST, help="Large ones, for the worker.")] = 192,
    megapixels: Annotated[float, typer.Option(min=1, help="Of the large ones.")] = 12,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 3,
    corpus: CorpusFolder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure photos/s of a worker, of its engine and of Keras on the same pictures."""
    try:
        with progress("measuring") as advance, install(corpus) as installation:
            others = list(ways())
            advance(0, 2)
            files = take_corpus(corpus, installation.folder, pictures, fewest=_FEWEST)
            small = measure(installation, files, others, rounds)
            advance(1, 2)
            files = make_large_corpus(installation.folder, large, megapixels)
            as_made = measure(installation, files, others, rounds)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    tables = [
        table(f"Pictures of {corpus}" if corpus else "Small JPEGs", small, BAR),
        # Decoding is the same work for all of them, and most of it here.
        table(f"JPEGs of {megapixels:g} megapixels", as_made),
    ]
    packages = (*machine.PACKAGES, "keras", "tensorflow-cpu")
    show(tables, machine.facts(packages), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
