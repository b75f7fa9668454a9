"""This nophoto beside another one, such as the last release: engine and end to end, in turns.

`python -m benchmarks.beside_checkout TREE` takes the folder of another checkout with an environment
of its own (`git worktree add TREE COMMIT`, then `make dev` in it), and has both measure themselves
on the same pictures by their own `benchmarks.end_to_end`, one after the other in every round.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from benchmarks import machine
from benchmarks.corpus import make_corpus
from benchmarks.instruction_sets import Instructions, restricted
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError

_HERE = Path(__file__).parents[1]

_SHOWN: Final = (
    ("bare engine, photos/s", "engine", "{:.1f}", 1.0),
    ("decoding, photos/s", "decoding", "{:.1f}", 1.0),
    ("end to end, photos/s", "end_to_end", "{:.1f}", 1.0),
    ("end to end / bound", "of_bound", "{:.3f}", 1.0),
    ("start to first verdict, s", "first_verdict", "{:.2f}", 1.0),
    ("worker resident at most, MB", "resident", "{:.0f}", 1e6),
)
"""A row's name, which of `end_to_end`'s figures it shows, its form and its unit."""


class CheckoutError(NophotoError):
    """Another checkout does not measure itself."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """A folder of nophoto's, and the Python that runs it."""

    folder: Path
    python: str

    def measure(self, corpus: Path, pictures: int, environment: Mapping[str, str]) -> Any:
        """What one round of its `benchmarks.end_to_end` prints.

        Raises:
            CheckoutError: with the end of what it said.
        """
        command = ("-m", "benchmarks.end_to_end", "--json", "--rounds", "1")
        done = subprocess.run(
            [self.python, *command, "--pictures", str(pictures), "--corpus", str(corpus)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CheckoutError(f"{self.folder} does not measure itself: {done.stderr[-1_000:]}")
        return json.loads(done.stdout.splitlines()[-1])


def other_checkout(folder: Path) -> Checkout:
    """The checkout in a folder.

    Raises:
        CheckoutError: if it has no environment.
    """
    python = folder.resolve() / ".venv/bin/python"
    if not python.exists():
        raise CheckoutError(f"{folder} has no .venv/bin/python: run `make dev` in it first")
    return Checkout(folder.resolve(), str(python))


def measure(
    checkouts: Sequence[Checkout],
    corpus: Path,
    pictures: int,
    rounds: int,
    instructions: str | None,
) -> list[list[Any]]:
    """What each of the checkouts found, round by round, one after the other in each."""
    environment = restricted(os.environ, instructions)
    found: list[list[Any]] = [[] for _ in checkouts]
    for place in range(rounds):
        # The first finds the machine otherwise than the second: they take turns at being it.
        for which in range(len(checkouts))[:: 1 if place % 2 == 0 else -1]:
            found[which].append(checkouts[which].measure(corpus, pictures, environment))
    return found


def table(found: Sequence[Sequence[Any]], instructions: str | None) -> Table:
    """Both checkouts' figures, and the ratios within each round."""
    other, ours = found
    rows = []
    for name, figure, form, unit in _SHOWN:
        columns = [[run["figures"][figure]["median"] for run in runs] for runs in (other, ours)]
        ratios = [after / before for before, after in zip(*columns, strict=True)]
        shown = (Spread.of(column).shown(form, unit) for column in columns)
        rows.append((name, *shown, Spread.of(ratios).shown("{:.2f}")))
    names = [str(runs[0]["facts"]["network"]) for runs in found]
    return Table(
        f"Old beside new, {instructions or 'all instructions of this processor'}",
        ("", *names, "New / old"),
        rows,
        ("Medians with the lowest and the highest round; each ratio is of one round.",),
    )


def main(
    tree: Annotated[
        Path, typer.Argument(metavar="TREE", help="The other checkout.", file_okay=False)
    ],
    pictures: Annotated[int, typer.Option(min=64, help="Uploads of one round.")] = 1_000,
    rounds: Annotated[int, typer.Option(min=1, help="Each measures both once.")] = 3,
    instructions: Instructions = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure another checkout of nophoto and this one in turns, on the same pictures."""
    tables = []
    chosen: Sequence[str | None] = instructions or [None]
    try:
        checkouts = (other_checkout(tree), Checkout(_HERE, sys.executable))
        with progress("measuring") as advance, tempfile.TemporaryDirectory() as folder:
            corpus = Path(folder)
            make_corpus(corpus, pictures)
            for done, some in enumerate(chosen):
                advance(done, len(chosen))
                tables.append(table(measure(checkouts, corpus, pictures, rounds, some), some))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    show(tables, machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
