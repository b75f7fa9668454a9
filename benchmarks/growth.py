"""How costs grow: with the uploads that are stored, with the references, with worker processes.

`python -m benchmarks.growth` fills PostgreSQL with made rows, as many again for each step, and
measures at every size what happens to new uploads; pictures are not the point there, and their
embeddings are made numbers. `--plot FILE` draws it all on logarithmic axes beside the linear line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Annotated

import numpy as np
import typer
from sqlalchemy import text

from benchmarks import machine
from benchmarks.corpus import make_corpus
from benchmarks.end_to_end import finish
from benchmarks.growth_plot import draw_growth
from benchmarks.installation import Installation, install
from benchmarks.made_rows import fill, sizes
from benchmarks.table import Table, show
from benchmarks.worker_process import run_worker
from jobs.cli.output import print_error, progress
from models.errors import NophotoError
from models.processors import processors
from models.records import claims, embeddings, model_versions
from models.records.claims import Judged
from models.records.sweep import due
from models.records.tables import Lane
from models.records.uploads import NewUpload, add_uploads
from models.vision.similarity import nearest_references
from models.vocabulary import Verdict

_NEW = 2_000
"""Uploads that are taken in and judged at every size."""

_CHUNK = 64
_DIMENSION = 128


@dataclass(frozen=True, slots=True)
class AtSize:
    """What uploads cost beside `stored` others.

    Attributes:
        enqueue: seconds to take in one, in batches of a thousand.
        write: seconds to claim one, to look for its embedding and to write its verdict, by chunks.
        sweep: seconds of the sweep's question.
        size: bytes of the database for each upload, indexes, embeddings and history included.
    """

    stored: int
    enqueue: float
    write: float
    sweep: float
    size: float


def with_uploads(installation: Installation, most: int) -> Iterator[AtSize]:
    """Measure at 10³ uploads, 10⁴ and so on up to `most`."""
    installation.forget_uploads()
    with installation.database.reading() as session:
        version = model_versions.active(session)
        assert version is not None
    stored = 0
    for size in sizes(1_000, most):
        fill(installation.database, stored, size, version.id, _DIMENSION)
        yield _at_size(installation, size, version.id)
        stored = size + _NEW


def _at_size(installation: Installation, size: int, version_id: str) -> AtSize:
    database = installation.database
    started = perf_counter()
    ids: list[int] = []
    for start in range(0, _NEW, 1_000):
        keys = range(start, min(start + 1_000, _NEW))
        items = [NewUpload(f"new/{size}/{n}", f"/new/{size}/{n}.jpg") for n in keys]
        with database.transaction() as session:
            ids += add_uploads(session, items, Lane.BULK).ids
    enqueue = (perf_counter() - started) / _NEW
    started = perf_counter()
    with database.transaction() as session:
        due(session, _CHUNK, 60.0, [Lane.BULK])
    sweep = perf_counter() - started
    times = []
    rng = np.random.default_rng(size)
    for start in range(0, _NEW, _CHUNK):
        some = ids[start : start + _CHUNK]
        vectors = {rng.bytes(32).hex(): _vector(rng) for _ in some}
        started = perf_counter()
        with database.transaction() as session:
            claim = claims.claim(session, some, 60.0)
        with database.reading() as session:
            embeddings.recall(session, list(vectors), version_id)
        with database.transaction() as session:
            embeddings.remember(session, version_id, vectors)
            judged = [
                Judged(upload.id, digest, Verdict.REAL, False, 0.5, 1)
                for upload, digest in zip(claim.uploads, vectors, strict=True)
            ]
            claims.record_outcomes(session, claim.token, judged, [], version_id, 1)
        times.append((perf_counter() - started) / len(some))
    with database.reading() as session:
        size_now = session.scalar(text("SELECT pg_database_size(current_database())")) or 0
        count = session.scalar(text("SELECT count(*) FROM uploads")) or 1
    return AtSize(size, enqueue, median(times), sweep, size_now / count)


def _vector(rng: np.random.Generator) -> "np.ndarray[tuple[int], np.dtype[np.float16]]":
    vector = rng.normal(size=_DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float16)


def with_references(most: int) -> Iterator[tuple[int, float, float]]:
    """References, seconds to compare one upload with them in chunks, and bytes of the matrix."""
    rng = np.random.default_rng(0)
    uploads = rng.normal(size=(_CHUNK, _DIMENSION)).astype(np.float16)
    for count in sizes(100, most):
        references = rng.normal(size=(count, _DIMENSION)).astype(np.float32)
        times = []
        for _ in range(9):
            started = perf_counter()
            nearest_references(uploads, references)
            times.append((perf_counter() - started) / _CHUNK)
        yield count, median(times), float(references.nbytes)


def with_processes(
    installation: Installation, files: Sequence[Path]
) -> Iterator[tuple[str, float, float]]:
    """Processes and threads of a worker, photos/s end to end, and bytes of its memory."""
    for children, threads in ((1, 1), (1, 2), (2, 1), (2, 2)):
        tuned = replace(
            installation,
            settings=installation.settings.model_copy(
                update={"processes": children, "threads": threads}
            ),
        )
        tuned.forget_uploads()
        tuned.enqueue(files[:1])
        with run_worker(tuned) as worker:
            finish(tuned, worker)
            started = perf_counter()
            tuned.enqueue(files)
            finish(tuned, worker)
            rate = (len(files) - 1) / (perf_counter() - started)
        yield f"{children} x {threads}", rate, float(worker.peak)


def main(
    uploads: Annotated[int, typer.Option(min=1_000, help="Stored, at most.")] = 1_000_000,
    references: Annotated[int, typer.Option(min=100, help="At most.")] = 100_000,
    pictures: Annotated[int, typer.Option(min=64, help="For worker processes.")] = 1_000,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw it there.", dir_okay=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure what an upload costs as uploads, references and worker processes grow."""
    try:
        with progress("measuring") as advance, install() as installation:
            advance(0, 3)
            stored = list(with_uploads(installation, uploads))
            advance(1, 3)
            compared = list(with_references(references))
            advance(2, 3)
            files = make_corpus(installation.folder, pictures)
            children = list(with_processes(installation, files))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    if plot:
        draw_growth(_lines(stored, compared), plot)
    show(_tables(stored, compared, children), machine.facts(), as_json=as_json)


def _lines(
    stored: Sequence[AtSize], compared: Sequence[tuple[int, float, float]]
) -> Mapping[str, Mapping[str, tuple[list[int], list[float]]]]:
    """What is drawn: by plot and by line, sizes and microseconds for one upload."""
    counts = [at.stored for at in stored]
    return {
        "uploads stored": {
            "enqueue": (counts, [at.enqueue * 1e6 for at in stored]),
            "claim, recall, write": (counts, [at.write * 1e6 for at in stored]),
        },
        "references": {
            "compare": ([c for c, _, _ in compared], [seconds * 1e6 for _, seconds, _ in compared])
        },
    }


def _tables(
    stored: Sequence[AtSize],
    compared: Sequence[tuple[int, float, float]],
    children: Sequence[tuple[str, float, float]],
) -> list[Table]:
    return [
        Table(
            "One upload beside those that are stored, PostgreSQL",
            ("Stored", "Enqueue, µs", "Claim, recall, write, µs", "Sweep, ms", "Bytes an upload"),
            [
                (
                    f"{at.stored:,}",
                    f"{at.enqueue * 1e6:.0f}",
                    f"{at.write * 1e6:.0f}",
                    f"{at.sweep * 1e3:.1f}",
                    f"{at.size:,.0f}",
                )
                for at in stored
            ],
        ),
        Table(
            "One upload beside the reference set, 128 dimensions, in chunks of 64",
            ("References", "Compare, µs", "Matrix, MB"),
            [(f"{n:,}", f"{s * 1e6:.1f}", f"{size / 1e6:.1f}") for n, s, size in compared],
        ),
        Table(
            f"Processes x threads of one worker, {processors()} processors",
            ("Processes x threads", "Photos/s end to end", "Resident, MB"),
            [(name, f"{rate:.1f}", f"{memory / 1e6:.0f}") for name, rate, memory in children],
        ),
    ]


if __name__ == "__main__":
    typer.run(main)
