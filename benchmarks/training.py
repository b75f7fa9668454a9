"""How long `nophoto retrain` takes, and how much memory, by the default and the baseline recipe.

`python -m benchmarks.training` trains with each in a process of its own, on pictures that are made,
with nothing kept from an earlier training.
"""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import monotonic, sleep
from typing import Annotated, Literal

import typer

from benchmarks import machine
from benchmarks.corpus import ONE_PLACEHOLDER_IN, make_corpus
from benchmarks.environment import environment_of
from benchmarks.processes import resident
from benchmarks.table import Table, show
from nophoto.jobs.cli.parameters.recipe import RecipeChanges, recipe_field
from nophoto.jobs.cli.rendering.output import Advance, print_error, progress
from nophoto.jobs.database import open_database
from nophoto.jobs.operations.upgrade import upgrade_database
from nophoto.jobs.training.train import files_below
from nophoto.models.errors import NophotoError
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.vision.backbones.quantised import quantised_names
from nophoto.models.vision.backbones.weights import fetch
from nophoto.worker.retraining.request import RetrainParameters
from nophoto.worker.settings import Settings

PACKAGES = ("nophoto", "tensorflow-cpu", "keras", "openvino", "pillow", "numpy")

BARS = {"default": 10, "baseline": 30}
"""Minutes that a training by each recipe may take on two cores."""

_MEMORY_BAR = 4_000
"""Megabytes."""

_HELD_OUT = 2 / 3
"""Pictures to measure with for each one that is learnt: of 1,500 photographs the 1,000 that a
target of 0.1 % false alarms takes."""

_LOOKED_EVERY = 1.0
"""Seconds: stages are known to as much, and a peak of memory that is shorter may be missed."""


class TrainingFailedError(NophotoError):
    """The training that was to be measured ended with an error."""


@dataclass(frozen=True, slots=True)
class Folders:
    """The pictures of a training.

    Attributes:
        placeholders, real: to learn.
        held_out: holds `placeholder` and `real`, to measure with.
    """

    placeholders: Path
    real: Path
    held_out: Path

    def count(self) -> str:
        """How many there are, for people who read the figures."""
        folders = (self.placeholders, self.real, *(self.held_out / kind for kind in _KINDS))
        counts = [len(files_below([folder])) for folder in folders]
        return "{:,} placeholders and {:,} real pictures; {:,} and {:,} to measure with".format(
            *counts
        )


_KINDS = ("placeholder", "real")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a training took.

    Attributes:
        wall: seconds from the start of the command to its end.
        processors: seconds of all processors together.
        resident: bytes in all of its processes, at most.
        stages: seconds of each stage by its name, in their order; they add up to `wall`.
    """

    wall: float
    processors: float
    resident: int
    stages: Mapping[str, float]


def make_folders(
    folder: Path, placeholders: int, photographs: int, corpus: Path | None = None
) -> Folders:
    """Pictures to learn and others to measure with, below `folder`.

    Args:
        folder: for what is made.
        placeholders: to learn.
        photographs: to learn.
        corpus: holds `placeholder` and `real`, of which all is learnt instead; what is measured
            with is made in any case.
    """
    learn = {"placeholder": placeholders, "real": photographs}
    measure = {kind: round(count * _HELD_OUT) for kind, count in learn.items()}
    total = {kind: count + measure[kind] for kind, count in learn.items()}
    made = folder / "made"
    made.mkdir()
    one_in = ONE_PLACEHOLDER_IN
    files = make_corpus(
        made, max(total["placeholder"] * one_in, -(-total["real"] * one_in // (one_in - 1)))
    )
    drawn = files[::one_in]
    others = [file for place, file in enumerate(files) if place % one_in]
    for kind, some in (("placeholder", drawn), ("real", others)):
        _move(some[: learn[kind]], folder / "learnt" / kind)
        _move(some[learn[kind] : total[kind]], folder / "held-out" / kind)
    learnt = corpus.resolve() if corpus else folder / "learnt"
    return Folders(learnt / "placeholder", learnt / "real", folder / "held-out")


def _move(files: Sequence[Path], folder: Path) -> None:
    folder.mkdir(parents=True)
    for file in files:
        file.rename(folder / file.name)


def measure(
    recipe: str, changes: Sequence[str], folders: Folders, home: Path, on_look: Advance
) -> Cost:
    """Train once by `nophoto retrain`, in a process of its own.

    Args:
        recipe: `default` or `baseline`.
        changes: of fields of the recipe, NAME=VALUE.
        folders: the pictures.
        home: of an installation that is made for it.
        on_look: told of the steps of each stage.

    Raises:
        TrainingFailedError: with the end of what it printed, if it fails.
        WeightsError: if the weights cannot be had; fetching them is not measured.
    """
    fields = dict(map(recipe_field, changes))
    asked = RetrainParameters.of(
        {"recipe": fields | ({"recipe": recipe} if recipe == "baseline" else {})}
    )
    backbone = asked.to_recipe().backbone
    if backbone not in quantised_names():
        fetch(backbone)
    settings = Settings(_env_file=None, home=home)
    upgrade_database(settings)
    log = home / "training.log"
    before, started = _processor_seconds(), monotonic()
    stages: dict[str, float] = defaultdict(float)
    most = 0
    with (
        log.open("wb") as output,
        open_database(settings) as database,
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "nophoto.jobs.cli",
                "retrain",
                *_options(recipe, changes, folders, home),
            ],
            env=os.environ | environment_of(settings),
            cwd=home,
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            looked = started
            while process.poll() is None:
                most = max(most, resident(process.pid))
                stage, done, total = _standing(database)
                on_look(done, total)
                sleep(_LOOKED_EVERY)
                now = monotonic()
                stages[stage] += now - looked
                looked = now
        finally:
            process.kill()
    if process.returncode:
        text = log.read_text(encoding="utf-8", errors="replace")
        raise TrainingFailedError(f"the training failed; it said:\n{text[-2_000:]}")
    return Cost(monotonic() - started, _processor_seconds() - before, most, stages)


def _options(recipe: str, changes: Sequence[str], folders: Folders, home: Path) -> Iterator[str]:
    yield from ("--no-reviews", f"--recipe={recipe}", f"--real={folders.real}")
    yield from (f"--held-out={folders.held_out}", f"--activations={home / 'activations'}")
    if recipe == "default":
        yield f"--placeholders={folders.placeholders}"
    for change in changes:
        yield from ("--set", change)


def _processor_seconds() -> float:
    """Of all children that have ended, and theirs."""
    usage = getrusage(RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


_BETWEEN = "start, export, checks and what else lies between"


def _standing(database: Database) -> tuple[str, int, int]:
    """Which stage the training is at, and how far."""
    with database.reading() as session:
        run = next(iter(runs.list_runs(session, limit=1)), None)
    said = (run and run.progress) or {}
    stage, done, total = said.get("stage", ""), said.get("done", 0), said.get("total", 0)
    if done == total:
        return _BETWEEN, done, total
    return ("heads" if stage.startswith("head ") else stage), done, total


def _tables(recipe: str, cost: Cost) -> Iterator[Table]:
    rows = [
        ("from start to end, s", f"{cost.wall:,.0f}", f"{BARS[recipe] * 60:,}"),
        ("of all processors, s", f"{cost.processors:,.0f}", ""),
        ("resident at most, MB", f"{cost.resident / 1e6:,.0f}", f"{_MEMORY_BAR:,}"),
    ]
    yield Table(f"A training by the {recipe} recipe", ("", "Found", "At most"), rows)
    yield Table(
        f"Where its time goes, {recipe} recipe",
        ("Stage", "s", "Share"),
        [
            (stage, f"{seconds:,.0f}", f"{seconds / cost.wall:.0%}")
            for stage, seconds in cost.stages.items()
        ],
    )


def main(
    recipe: Annotated[
        Literal["default", "baseline"] | None, typer.Option(help="One alone; both if not given.")
    ] = None,
    placeholders: Annotated[int, typer.Option(min=6, help="To learn.")] = 300,
    photographs: Annotated[int, typer.Option(min=6, help="To learn.")] = 1_500,
    corpus: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Holds placeholder/ and real/: all of it is learnt in their place.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    changes: RecipeChanges = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure whole trainings in seconds, seconds of the processors, and megabytes.

    The default recipe learns from all of the pictures; the baseline's from 100 of the shipped
    references and as many of the photographs.
    """
    tables: list[Table] = []
    try:
        with (
            tempfile.TemporaryDirectory(prefix="nophoto-") as name,
            progress("training") as advance,
        ):
            folder = Path(name).resolve()
            folders = make_folders(folder, placeholders, photographs, corpus)
            for chosen in [recipe] if recipe else BARS:
                home = folder / chosen
                home.mkdir()
                cost = measure(chosen, changes or (), folders, home, advance)
                tables += _tables(chosen, cost)
            facts = machine.facts(PACKAGES) | {"pictures": folders.count()}
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    show(tables, facts, as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
