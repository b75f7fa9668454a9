"""The frozen backbone for pictures of several sizes, in 32 and in 8 bits: how fast each is.

`python -m benchmarks.input_sizes` writes EfficientNet-Lite0 with its pooling for each size, as it
is and quantised as the shipped backbone is, and runs each in a process of its own, in turns. How
well heads judge on them is another question: `nophoto cross-validate` answers it.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from sys import stderr
from typing import Annotated, Final

import numpy as np
import typer

from benchmarks import backbone_weights, machine
from benchmarks.engines import run_engine
from benchmarks.instruction_sets import Instructions
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.pictures.prepare import prepare

SIZES: Final = (224, 192, 160, 128)
"""Heights and widths of pictures, in pixels; the first is what others are compared with."""

_CALIBRATION = 32
"""Drawings that fit numbers into 8 bits: enough for the speed, which does not depend on them."""

_PICTURES = 64

Form = tuple[int, int]
"""Pixels of a side, and bits of a number."""

FULL: Final[Form] = (SIZES[0], 32)


def write_forms(folder: Path) -> Iterator[tuple[Form, Path]]:
    """Write the backbone for each size, in 32 and in 8 bits."""
    from benchmarks.quantised_backbone import quantise
    from nophoto.models.vision.training.export import write_serving_form

    for size in SIZES:
        form = write_serving_form(
            backbone_weights.build_for_speed(backbone_weights.FULL, size), folder / f"{size}-32.xml"
        )
        yield (size, 32), form
        pictures = [prepare(draw(seed).image, size) for seed in range(_CALIBRATION)]
        yield (size, 8), quantise(form, pictures, folder / f"{size}-8.xml")


def measure(
    forms: Sequence[tuple[Form, Path]],
    folder: Path,
    rounds: int,
    seconds: float,
    instructions: str | None,
) -> dict[Form, list[float]]:
    """Photos a second of each form, round by round, all in turn in each."""
    found: dict[Form, list[float]] = {form: [] for form, _ in forms}
    for size in SIZES:
        drawn = [prepare(draw(seed).image, size) for seed in range(_PICTURES)]
        np.save(folder / f"{size}.npy", np.stack(drawn))
    for _ in range(rounds):
        for form, path in forms:
            pixels = folder / f"{form[0]}.npy"
            run = run_engine("OpenVINO", path, pixels, seconds, instructions)
            found[form].append(run.rate.median)
    return found


def table(found: dict[Form, list[float]], instructions: str | None) -> Table:
    """Rates, and how many times the full form's each is within a round."""
    rows = []
    for (size, bits), rates in found.items():
        times = [rate / full for rate, full in zip(rates, found[FULL], strict=True)]
        shown = (Spread.of(rates).shown(), Spread.of(times).shown("{:.2f}"))
        rows.append((f"{size} pixels, {bits} bits", *shown))
    return Table(
        f"Backbone on ready tensors, {instructions or 'all instructions of this processor'}",
        ("Form", "Photos/s, median (lowest–highest)", "Times 224 pixels in 32 bits"),
        rows,
    )


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Each measures all forms once.")] = 3,
    seconds: Annotated[float, typer.Option(min=0, help="For one form in a round.")] = 2.0,
    instructions: Instructions = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure the frozen backbone for pictures of several sizes, in 32 and in 8 bits."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    tables = []
    chosen: Sequence[str | None] = instructions or [None]
    try:
        with tempfile.TemporaryDirectory(prefix="nophoto-") as name, progress("measuring") as at:
            folder = Path(name)
            with redirect_stdout(stderr):  # on which exporters and quantisers talk
                forms = list(write_forms(folder))
            for done, some in enumerate(chosen):
                at(done, len(chosen))
                tables.append(table(measure(forms, folder, rounds, seconds, some), some))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    show(tables, machine.facts((*machine.PACKAGES, "nncf")), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
