"""How fast `nophoto enqueue` takes paths from a file: into PostgreSQL, and into SQLite.

`python -m benchmarks.enqueue` runs the command itself, its start and its messages to Valkey
included.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.environment import environment_of
from benchmarks.installation import Installation, install
from benchmarks.spread import Spread
from benchmarks.table import Table, show
from nophoto.jobs.cli.rendering.output import print_error, progress
from nophoto.models.errors import NophotoError
from nophoto.models.records.tables import Upload


class EnqueueError(NophotoError):
    """The command failed."""


def measure(installation: Installation, paths: Path, count: int, rounds: int) -> Iterator[float]:
    """Uploads per second of the command, once for each round.

    Raises:
        EnqueueError: if it fails, or the uploads are not all there.
    """
    for _ in range(rounds):
        installation.forget_uploads()
        with paths.open("rb") as lines:
            started = perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "nophoto.jobs.cli", "enqueue", "-"],
                env=os.environ | environment_of(installation.settings),
                cwd=installation.folder,
                stdin=lines,
                capture_output=True,
                text=True,
            )
            seconds = perf_counter() - started
        with installation.database.reading() as session:
            stored = session.scalar(select(func.count()).select_from(Upload))
        if done.returncode or stored != count:
            raise EnqueueError(f"{stored} uploads of {count} are there; it said: {done.stderr}")
        yield count / seconds


def main(
    uploads: Annotated[int, typer.Option(min=1, help="Paths in the file.")] = 100_000,
    rounds: Annotated[int, typer.Option(min=1, help="On each database.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure uploads per second from a file of paths to the last commit and message."""
    rows = []
    try:
        with progress("measuring") as advance:
            for done, sqlite in enumerate((False, True)):
                advance(done, 2)
                with ExitStack() as stack:
                    installation = stack.enter_context(install(sqlite=sqlite))
                    paths = installation.folder / "paths.txt"
                    with paths.open("w", encoding="utf-8") as file:
                        file.writelines(
                            f"/srv/uploads/{n // 1000}/{n}.jpg\n" for n in range(uploads)
                        )
                    rates = Spread.of(list(measure(installation, paths, uploads, rounds)))
                name = "SQLite" if sqlite else "PostgreSQL"
                rows.append(
                    (name, *(f"{v:,.0f}" for v in (rates.median, rates.lowest, rates.highest)))
                )
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    table = Table(
        f"Enqueueing {uploads:,} paths from a file, uploads/s",
        ("Database", "Median", "Lowest", "Highest"),
        rows,
        ("The start of the command and the messages to the broker are included.",),
    )
    show([table], machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
