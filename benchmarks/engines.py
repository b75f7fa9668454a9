"""Engines beside each other: speed, memory, fidelity, and what it does to verdicts.

`python -m benchmarks.engines` writes the shipped network and a ResNet50 for OpenVINO, ONNX Runtime,
LiteRT and TensorFlow, as they are and in 8 bits, and runs each in a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.bars import Panel, PlotFile, draw_bars
from benchmarks.corpus import make_corpus
from benchmarks.instruction_sets import restricted
from benchmarks.keras_network import full_network
from benchmarks.known_pictures import KnownPictures, find_known, register_version
from benchmarks.shares import share
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.evaluation import evaluate
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version

_CALIBRATION = 64
_RESNET_EVERY = 3
"""Of the references and of the pictures, one in so many: ResNet50 takes ten times as long."""

AS_SHIPPED = ", as shipped"
"""After the name of the engine that runs the shipped serving form, whose backbone has 8 bits."""

VERDICTS = (
    "Engine",
    "Found",
    "False alarms",
    "Found at 1 % false alarms",
    "at 0.1 %",
    "Other verdicts",
)
COLUMNS = (
    "Engine",
    "Photos/s, median (lowest–highest)",
    "Resident, MB",
    "Lowest cosine",
    "Mean cosine",
)


class EngineRunError(NophotoError):
    """An engine did not do its work."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one engine on one form.

    Attributes:
        rate: photos/s, of passes of some pictures each.
        resident: bytes of its process.
        embeddings: (pictures, dimension), L2-normalised here.
    """

    rate: Spread
    resident: int
    embeddings: NDArray[np.float32]


def run_engine(
    name: str, form: Path, pixels: Path, seconds: float, instructions: str | None = None
) -> Found:
    """Run an engine in a process of its own, which uses no newer instructions than these.

    Raises:
        EngineRunError: with the end of what it said.
    """
    embeddings = form.with_name(f"{form.name}.npy")
    engine = name.removesuffix(" int8").removesuffix(AS_SHIPPED)
    command = (engine, str(form), str(pixels), str(embeddings), str(seconds))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.engine_run", *command],
        env=restricted(os.environ, instructions) | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise EngineRunError(f"{name} failed: {done.stderr[-500:]}")
    figures = json.loads(done.stdout.splitlines()[-1])
    made = np.load(embeddings).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return Found(Spread.of(figures["rates"]), figures["resident"], made)


def measure(
    backbone: str, pixels: NDArray[np.uint8], folder: Path, seconds: float
) -> dict[str, Found]:
    """Each engine on each form of a network, by name; the last `_CALIBRATION` pictures fit int8."""
    # TensorFlow, which the other processes are measured without, must not be loaded before it is
    # needed: importing this module stays cheap.
    from benchmarks.engine_forms import write_forms

    file = folder / "pixels.npy"
    np.save(file, pixels[:-_CALIBRATION])
    with redirect_stdout(sys.stderr):  # on which exporters and quantisers talk
        forms = dict(write_forms(_network(backbone), pixels[-_CALIBRATION:], folder))
    if backbone == shipped_version().manifest.backbone:
        # First: the others are held against what it judges.
        forms = {f"OpenVINO{AS_SHIPPED}": _shipped_form(folder), **forms}
    return {name: run_engine(name, form, file, seconds) for name, form in forms.items()}


def _shipped_form(folder: Path) -> Path:
    """A copy of the shipped serving form, beside which embeddings may be written."""
    form, own = shipped_version().serving_form, folder / "shipped"
    own.mkdir()
    shutil.copy(form.with_suffix(".bin"), own)
    return Path(shutil.copy(form, own))


def _network(backbone: str):  # type: ignore[no-untyped-def]
    import keras

    version = shipped_version()
    if backbone == version.manifest.backbone:
        return full_network(version)
    from nophoto.models.vision import backbones
    from nophoto.models.vision.backbones.weights import WeightsError

    chosen = backbones.backbone(backbone)
    try:
        network = chosen.build()
    except WeightsError:  # where no package index is reached: as fast with any weights
        network = chosen.build(weights=None)
    pooled = keras.layers.GlobalAveragePooling2D()(network.output)
    return keras.Model(network.input, pooled)


def _rows(found: dict[str, Found]) -> Iterator[tuple[str, ...]]:
    origin = found["TensorFlow"].embeddings
    for name, figures in found.items():
        cosines = (figures.embeddings * origin).sum(axis=1)
        yield (
            name,
            figures.rate.shown(),
            f"{figures.resident / 1e6:.0f}",
            f"{cosines.min():.5f}",
            f"{cosines.mean():.5f}",
        )


def _verdict_rows(
    found: dict[str, Found], references: int, placeholders: int, threshold: float | None = None
) -> Iterator[tuple[str, ...]]:
    """What each engine says of the pictures after the first `references`.

    Without a threshold it is the one by which the first engine raises 1 % false alarms.
    """
    origin = None
    for name, figures in found.items():
        known = figures.embeddings[:references]
        likeness, _ = nearest_references(figures.embeddings[references:], known)
        real = likeness[placeholders:]
        if threshold is None:
            threshold = float(np.quantile(real, 0.99))
        evaluation = evaluate(likeness[:placeholders], real, threshold)
        verdicts = likeness >= threshold
        origin = verdicts if origin is None else origin
        yield (
            name,
            share(evaluation.true_positives),
            share(evaluation.false_positives),
            *map(share, evaluation.true_positives_at.values()),
            f"{(verdicts != origin).sum()} of {len(verdicts)}",
        )


def _panels(found: dict[str, Found], title: str) -> list[Panel]:
    origin = found["TensorFlow"].embeddings
    apart = {n: float(1 - (f.embeddings * origin).sum(axis=1).mean()) for n, f in found.items()}
    return [
        Panel.of(f"{title}, photos/s, median and range", {n: f.rate for n, f in found.items()}),
        Panel("resident, MB", {name: f.resident / 1e6 for name, f in found.items()}),
        Panel("1 - mean cosine with TensorFlow, ‰", {n: 1000 * v for n, v in apart.items()}),
    ]


def main(
    corpus: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="Holds placeholder/ and real/. Without it pictures are made.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    pictures: Annotated[int, typer.Option(min=20, help="To make, where no DIR is named.")] = 500,
    seconds: Annotated[float, typer.Option(min=0, help="For the speed of one engine.")] = 4.0,
    plot: PlotFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure every engine on both backbones, as trained and in 8 bits."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    version = shipped_version()
    try:
        with tempfile.TemporaryDirectory(prefix="nophoto-") as name, progress("measuring") as at:
            known = find_known(corpus) if corpus else register_version(Path(name), pictures)
            references = [reference.data for reference in shipped_references()]
            files = _bytes(known)
            size = version.manifest.input_size
            # Other cuttings and drawings than any that is measured with.
            others = make_corpus(_folder(name, "calibration"), _CALIBRATION, seed=1)
            spare = [file.read_bytes() for file in others]
            shipped = np.stack([load(data, size) for data in (*references, *files, *spare)])
            at(0, 2)
            found = measure(version.manifest.backbone, shipped, _folder(name, "a"), seconds)
            at(1, 2)
            some = shipped[:-_CALIBRATION:_RESNET_EVERY]
            few = np.concatenate([some, shipped[-_CALIBRATION:]])
            resnet = measure("resnet50", few, _folder(name, "b"), seconds)
            known_ones = len(references), len(references) + len(known.placeholders)
            first, last = (-(-count // _RESNET_EVERY) for count in known_ones)
            rows = _verdict_rows(
                found, len(references), len(known.placeholders), version.manifest.threshold
            )
            tables = [
                Table(
                    f"Engines, the shipped head on {version.manifest.backbone} and on its "
                    "backbone in 32 bits",
                    COLUMNS,
                    list(_rows(found)),
                    ("The head was trained on the 8-bit features, so that only they are judged.",),
                ),
                Table(
                    "Verdicts by the shipped version's own threshold, with 95 % intervals",
                    VERDICTS,
                    list(rows),
                    (f"Pictures {known.name}.",),
                ),
                Table("Engines, resnet50", COLUMNS, list(_rows(resnet))),
                Table(
                    "Verdicts of resnet50 as ImageNet taught it, threshold at 1 % false alarms",
                    VERDICTS,
                    list(_verdict_rows(resnet, first, last - first)),
                    (f"One in {_RESNET_EVERY} of the references and of the same pictures.",),
                ),
            ]
            if plot:
                shipped_panels = _panels(found, version.manifest.backbone)
                draw_bars([*shipped_panels, *_panels(resnet, "resnet50")], plot)
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    packages = (*machine.PACKAGES, "onnxruntime", "ai-edge-litert", "tensorflow-cpu", "nncf")
    show(tables, machine.facts(packages), as_json=as_json)


def _bytes(known: KnownPictures) -> Sequence[bytes]:
    return [file.read_bytes() for file in (*known.placeholders, *known.real)]


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent, name)
    folder.mkdir()
    return folder


if __name__ == "__main__":
    typer.run(main)
