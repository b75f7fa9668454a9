"""nophoto end to end beside the way it began: Keras `predict`, one picture at a time.

`python -m benchmarks.beside_keras` measures in one run, on the same pictures: a worker from
enqueueing to the last commit; ResNet50 in Keras as the seed used it, a picture at a time from its
file; the same in batches of 32; and our own network in Keras, in batches of 32.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.corpus import make_corpus
from benchmarks.end_to_end import finish
from benchmarks.installation import Installation, install
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from benchmarks.worker_process import run_worker
from jobs.cli.output import print_error, progress
from models.errors import NophotoError
from models.vision.versions import shipped_version

_ONE_BY_ONE = 16
_BATCH = 32
_SIDE = 224

Step = Callable[[Sequence[Path]], object]


def end_to_end(installation: Installation, files: Sequence[Path]) -> float:
    """Photos/s of a warm worker from enqueueing to the last commit."""
    installation.forget_uploads()
    installation.enqueue(files[:1])
    with run_worker(installation) as worker:
        finish(installation, worker)
        started = perf_counter()
        installation.enqueue(files)
        finish(installation, worker)
        return (len(files) - 1) / (perf_counter() - started)


def ways() -> Iterator[tuple[str, Step, int]]:
    """By name: what judges pictures in Keras, and how many of them show its speed."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import keras

    # As fast with any weights.
    seed = keras.Sequential(
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
    ours = keras.saving.load_model(version.keras_form, compile=False, safe_mode=True)

    def pixels(file: Path) -> NDArray[np.float32]:
        image = keras.utils.load_img(file, target_size=(_SIDE, _SIDE))
        return np.asarray(keras.utils.img_to_array(image), np.float32)

    def prepared(file: Path) -> Any:
        return keras.applications.resnet50.preprocess_input(pixels(file))

    yield (
        "Keras ResNet50, one at a time (the seed's way)",
        lambda files: [seed.predict(prepared(file)[np.newaxis], verbose=0) for file in files],
        _ONE_BY_ONE,
    )
    yield (
        f"Keras ResNet50, batches of {_BATCH}",
        lambda files: seed.predict(np.stack([prepared(f) for f in files]), _BATCH, verbose=0),
        _BATCH,
    )
    yield (
        f"Keras, our network, batches of {_BATCH}",
        lambda files: ours.predict(np.stack([pixels(f) for f in files]), _BATCH, verbose=0),
        2 * _BATCH,
    )


def measure(
    installation: Installation, files: Sequence[Path], rounds: int
) -> dict[str, list[float]]:
    """Photos/s of each way, once for each round, the ways in turn."""
    others = list(ways())
    for _, step, count in others:
        step(files[:count])  # TensorFlow builds its graphs
    found: dict[str, list[float]] = {"nophoto, end to end": []}
    for _ in range(rounds):
        found["nophoto, end to end"].append(end_to_end(installation, files))
        for name, step, count in others:
            started = perf_counter()
            step(files[:count])
            found.setdefault(name, []).append(count / (perf_counter() - started))
    return found


def main(
    pictures: Annotated[int, typer.Option(min=64, help="For the worker.")] = 1_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures everything once.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure photos/s of a worker and of Keras on the same pictures."""
    try:
        with progress("measuring"), install() as installation:
            files = make_corpus(installation.folder, pictures)
            found = measure(installation, files, rounds)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    ours = found["nophoto, end to end"]
    rows = []
    for name, rates in found.items():
        spread = Spread.of(rates)
        times = Spread.of([mine / other for mine, other in zip(ours, rates, strict=True)])
        values = (spread.median, spread.lowest, spread.highest)
        rows.append((name, *(f"{value:.1f}" for value in values), f"{times.median:.1f}"))
    table = Table(
        "Small JPEGs, photos/s",
        ("Way", "Median", "Lowest", "Highest", "nophoto is faster by"),
        rows,
        ("From files; Keras judges nothing and stores nothing.",),
    )
    packages = (*machine.PACKAGES, "keras", "tensorflow-cpu")
    show([table], machine.facts(packages), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
