"""How long after a promotion running workers still judge by the old version, and when by the new.

`python -m benchmarks.change_over` promotes one version after the other while a worker of the bulk
lane is kept busy and another is asked ten times a second, as the compose file runs them.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import func, select

from benchmarks import machine
from benchmarks.corpus import make_corpus
from benchmarks.installation import Installation, install
from benchmarks.large_pictures import encode
from benchmarks.loads import bulk_load, interactive_load
from benchmarks.table import Table, show
from benchmarks.worker_process import WorkerError, run_worker
from nophoto.jobs.cli.rendering.output import Advance, print_error, progress
from nophoto.jobs.versions.promotion import import_version, promote
from nophoto.models.errors import NophotoError
from nophoto.models.records import references
from nophoto.models.records.references import NewReference
from nophoto.models.records.tables import Lane, Score, Upload
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.promotions import Decision
from nophoto.models.vision.drawing import draw
from nophoto.models.vision.versions import MANIFEST, shipped_version, write_manifest
from nophoto.worker.decoding.pool import decoders_of

_PICTURES = 64
_BAR = 10
"""Seconds."""

_TIMEOUT = 180.0
"""Seconds in which both workers have to follow."""

_SETTLED = 3.0
"""Seconds without a verdict by the old version, after which none is expected."""

_FIRST_REFERENCE = 300_000
"""The seed of the references that are drawn, far from those of the set and of the pictures."""


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds from a promotion to verdicts of one lane.

    Attributes:
        first: to the first by the version that was promoted.
        last: to the last by the one before; below 0 where it came before the promotion.
    """

    first: float
    last: float


def make_version(installation: Installation, number: int) -> str:
    """Make a version known that is the shipped one but for its card, and return its id."""
    folder = installation.folder / f"version-{number}"
    shutil.copytree(shipped_version().folder, folder)
    (folder / MANIFEST).unlink()
    (folder / "card.md").write_text(f"# The shipped version, copy {number}\n")
    fields = shipped_version().manifest.model_dump(exclude={"id", "files"})
    version = write_manifest(folder, "copy", **fields)
    import_version(installation.database, installation.settings, folder)
    return version.id


def add_references(installation: Installation, count: int) -> None:
    """Draw so many references, beside those that there are."""
    drawn = [
        NewReference(str(seed), encode(draw(seed).image, "PNG"))
        for seed in range(_FIRST_REFERENCE, _FIRST_REFERENCE + count)
    ]
    with installation.database.transaction() as session:
        references.add(session, drawn)


def measure(
    installation: Installation, files: Sequence[Path], changes: int, on_progress: Advance
) -> Iterator[dict[Lane, Delays]]:
    """Promote so many versions under load, and find the delays of each by lane."""
    versions = [make_version(installation, number) for number in range(changes)]
    decoders = decoders_of(installation.settings)
    decision = Decision(by="benchmark", reason="to measure", forced=True)
    with ExitStack() as stack:
        for lane in (Lane.INTERACTIVE, Lane.BULK):
            stack.enter_context(run_worker(installation, lane))
        stack.enter_context(bulk_load(installation, files))
        stack.enter_context(interactive_load(installation, files))
        replaced = shipped_version().id
        _wait_for_both(installation, replaced)
        for done, version in enumerate(versions):
            on_progress(done, changes)
            promote(installation.database, installation.settings, decoders, version, decision)
            _wait_for_both(installation, version)
            sleep(_SETTLED)
            yield _delays(installation, version, replaced)
            replaced = version


def _wait_for_both(installation: Installation, version: str) -> None:
    deadline = monotonic() + _TIMEOUT
    while len(_verdicts(installation, version, first=True)) < 2:
        if monotonic() > deadline:
            raise WorkerError(f"not both workers judged by {version} in {_TIMEOUT:g} seconds")
        sleep(0.2)


def _verdicts(installation: Installation, version: str, *, first: bool) -> dict[Lane, datetime]:
    """When the first verdict by a version was, or the last, by lane."""
    when = func.min(Score.at) if first else func.max(Score.at)
    query = (
        select(Upload.lane, when)
        .join(Upload, Upload.id == Score.upload_id)
        .where(Score.model_version_id == version)
        .group_by(Upload.lane)
    )
    with installation.database.reading() as session:
        return dict(session.execute(query).all())


def _delays(installation: Installation, version: str, replaced: str) -> dict[Lane, Delays]:
    with installation.database.reading() as session:
        promoted = model_versions.get(session, version).promoted_at
    assert promoted is not None
    first = _verdicts(installation, version, first=True)
    last = _verdicts(installation, replaced, first=False)
    return {
        lane: Delays((at - promoted).total_seconds(), (last[lane] - promoted).total_seconds())
        for lane, at in first.items()
    }


def _table(found: Sequence[dict[Lane, Delays]], count: int) -> Table:
    rows = []
    for lane in found[0]:
        for text, delays in (
            ("first verdict by the new version", [change[lane].first for change in found]),
            ("last verdict by the old one", [change[lane].last for change in found]),
        ):
            shown = (float(np.median(delays)), max(delays), _BAR)
            rows.append((f"{lane} lane, {text}", *(f"{value:.1f}" for value in shown)))
    return Table(
        f"Seconds after a promotion, {count:,} references, {len(found)} promotions",
        ("", "Median", "Longest", "At most"),
        rows,
    )


def main(
    changes: Annotated[int, typer.Option(min=1, help="Promotions.")] = 5,
    more: Annotated[
        int, typer.Option("--references", min=0, help="To draw, beside the shipped ones.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure seconds from a promotion to the first verdict by it and the last by another."""
    try:
        with progress("promoting", changes) as advance, install() as installation:
            add_references(installation, more)
            with installation.database.reading() as session:
                count = len(references.active(session).members)
            files = make_corpus(installation.folder, _PICTURES)
            found = list(measure(installation, files, changes, advance))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    show([_table(found, count)], machine.facts(), as_json=as_json)


if __name__ == "__main__":
    typer.run(main)
