"""Rescoring synthetic collections on PostgreSQL, and what an interactive upload waits meanwhile.

`python -m benchmarks.rescoring` starts PostgreSQL and Valkey, stores uploads with embeddings, and
has real workers rescore them: once after a reference was added, where few verdicts change, once
where every verdict turns over. A cohort was drawn of them before, as a platform has it that was
rescored the night before: a first one moves every reach, and with them every score.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from tempfile import mkdtemp
from threading import Event, Thread
from time import perf_counter, sleep
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from sqlalchemy import delete, select
from threadpoolctl import threadpool_limits

from benchmarks import machine
from benchmarks.corpus import make_corpus
from benchmarks.installation import Installation, install
from benchmarks.worker_process import WorkerProcess, run_worker
from nophoto.jobs.cli.rendering.output import print_error, stderr, stdout
from nophoto.models.errors import NophotoError
from nophoto.models.records import references, runs
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.references import NewReference
from nophoto.models.records.rescoring import RescoreParameters, copying
from nophoto.models.records.runs import OPEN, RunRow
from nophoto.models.records.tables import CohortPicture, Lane, RunState, Upload, UploadState
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.broker.app import create_app
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.dispatch.runs import request_rescore
from nophoto.worker.inference.network import open_network
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.matching.judge import Judge
from nophoto.worker.matching.verdicts import classify
from nophoto.worker.rescoring.cohort import refresh_cohort

_BLOCK = 20_000
_NIGHTS = 3
"""Rescorings after which the cohort stays as it is: what it flags leaves it."""

_LIKE_PLACEHOLDERS = 0.02
"""The share of uploads that resemble a reference."""

_COMPARED = 200_000
"""Embeddings that each process compares to measure the comparison alone."""


@dataclass(frozen=True, slots=True)
class Rescored:
    """One rescoring: seconds from its first step to its result, and what it came to."""

    uploads: int
    changed: int
    written: int
    seconds: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured with a number of uploads.

    Attributes:
        all_change: every verdict turns over.
        few_change: a reference was added.
        resident: bytes of the bulk worker and its two processes, at most, in both runs.
        idle, meanwhile: seconds from enqueueing an interactive upload to its commit, before the
            runs and during them.
    """

    all_change: Rescored
    few_change: Rescored
    resident: int
    idle: list[float]
    meanwhile: list[float]


def measure(installation: Installation, uploads: int, say: Callable[[str], None]) -> Figures:
    """Store `uploads`, rescore them twice, and watch.

    Raises:
        WorkerError: if a worker stops.
    """
    _draw_cohort(installation, min(_BLOCK, uploads))
    say(f"storing {uploads:,} uploads")
    _store_all(installation, uploads)
    two = replace(installation, settings=installation.settings.model_copy(update={"processes": 2}))
    with run_worker(installation, "interactive") as interactive, run_worker(two, "bulk") as bulk:
        _warm_up(installation, interactive)
        with _probes(installation) as idle:
            sleep(5)
        _add_reference(installation)
        say("rescoring, few verdicts change")
        with _probes(installation) as meanwhile:
            few_change = _rescore(installation, bulk)
        _store_all(installation, uploads, turned=True)
        say("rescoring, every verdict turns over")
        with _probes(installation) as meanwhile_all:
            all_change = _rescore(installation, bulk)
    return Figures(all_change, few_change, bulk.peak, idle, [*meanwhile, *meanwhile_all])


def compare_alone(uploads: int = _COMPARED) -> float:
    """Comparisons per second with the shipped references of two processes, as a worker's are."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        return sum(pool.map(_compare, [uploads] * 2))


def _compare(uploads: int) -> float:
    from nophoto.jobs.evaluation.reference_sources import choose_set
    from nophoto.worker.settings import Settings

    settings = Settings(_env_file=None)
    network = open_network(shipped_version(), settings)
    references = choose_set(network, settings, decoders_of(settings))
    vectors = _vectors(np.random.default_rng(1), uploads, references.matrix.vectors)
    rates = []
    with threadpool_limits(1, user_api="blas"):
        for _ in range(5):
            started = perf_counter()
            references.matcher.judge_all(vectors)
            rates.append(uploads / (perf_counter() - started))
    return median(rates)


def _vectors(
    rng: np.random.Generator, count: int, matrix: NDArray[np.float32]
) -> NDArray[np.float16]:
    vectors = rng.normal(size=(count, matrix.shape[1])).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    like = rng.random(count) < _LIKE_PLACEHOLDERS
    vectors[like] = 0.3 * vectors[like] + matrix[rng.integers(0, len(matrix), like.sum())]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float16)


def _draw_cohort(installation: Installation, uploads: int) -> None:
    """Leave a cohort that the next rescoring hardly changes."""
    with installation.database.transaction() as session:
        session.execute(delete(CohortPicture))
    for _ in range(_NIGHTS):
        _store_all(installation, uploads)
        refresh_cohort(installation.database)


def _store_all(installation: Installation, uploads: int, *, turned: bool = False) -> None:
    """Put uploads in the place of those that there are, with what the judge of now says of them.

    Args:
        installation: where to.
        uploads: how many.
        turned: whether they have the opposite verdicts.
    """
    installation.forget_uploads()
    decoders = decoders_of(installation.settings)
    judge = ActiveJudge(installation.database, installation.settings, decoders).current()
    for start in range(0, uploads, _BLOCK):
        _store(installation, judge, start, min(_BLOCK, uploads - start), turned=turned)
    with installation.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM ANALYZE uploads, embeddings, run_changes, scores")


def _store(
    installation: Installation, judge: Judge, start: int, count: int, *, turned: bool
) -> None:
    vectors = _vectors(np.random.default_rng(start), count, judge.references.vectors)
    digests = np.array([f"{number:064x}" for number in range(start, start + count)], "S64")
    keys = np.array([f"/pictures/{number:09d}.jpg" for number in range(start, start + count)], "S")
    verdicts = classify(digests, vectors, judge)
    with installation.database.transaction() as session:
        now = np.int64(820_000_000_000_000)  # microseconds since 2000, of a night in 2025
        model = np.array(judge.network.version.id.encode(), "S")
        is_placeholder = verdicts.is_placeholder ^ turned
        for word, chosen in (
            ("placeholder", np.flatnonzero(is_placeholder)),
            ("real", np.flatnonzero(~is_placeholder)),
        ):
            if not len(chosen):
                continue
            n = len(chosen)
            columns: list[tuple[str, NDArray[Any], None]] = [
                ("key", keys[chosen], None),
                ("uri", keys[chosen], None),
                ("lane", _same(b"bulk", n), None),
                ("state", _same(b"judged", n), None),
                ("digest", digests[chosen], None),
                ("verdict", _same(word.encode(), n), None),
                ("needs_review", verdicts.needs_review[chosen], None),
                ("similarity", (verdicts.similarity[chosen] - 0.01 * turned).astype(">f8"), None),
                ("score", verdicts.score[chosen].astype(">f8"), None),
                ("nearest_reference_id", verdicts.nearest[chosen].astype(">i8"), None),
                ("model_version_id", np.full(n, model), None),
                ("reference_set_version", np.full(n, judge.references.version, ">i4"), None),
                *((name, np.full(n, now, ">i8"), None) for name in _TIMES),
            ]
            copying.write(session, "uploads", columns)
        copying.write(
            session,
            "embeddings",
            [
                ("digest", digests, None),
                ("model_version_id", np.full(count, model), None),
                (
                    "vector",
                    np.ascontiguousarray(vectors).view(f"V{vectors.shape[1] * 2}")[:, 0],
                    None,
                ),
            ],
        )


_TIMES = ("created_at", "updated_at", "judged_at")


def _same(word: bytes, count: int) -> NDArray[Any]:
    return np.full(count, np.array(word, "S"))


def _rescore(installation: Installation, bulk: WorkerProcess) -> Rescored:
    with installation.database.reading() as session:
        trusted = tuple(member.id for member in references.active(session).members)
    run_id = request_rescore(
        installation.database,
        create_app(installation.settings),
        RescoreParameters(yes=True, trusted=trusted),
        "benchmark",
    )

    def run() -> RunRow:
        with installation.database.reading() as session:
            return runs.get(session, run_id)

    bulk.wait(lambda: run().state not in OPEN)
    done = run()
    result = runs.rescore_result(done)
    if done.state != RunState.DONE or result is None:
        raise NophotoError(f"the run is {done.state}: {done.error}")
    seconds = ((done.finished_at or done.created_at) - done.created_at) / timedelta(seconds=1)
    compared = result["compared"]
    return Rescored(compared, result["changed"], result["written"], seconds, compared / seconds)


def _add_reference(installation: Installation) -> None:
    folder = Path(mkdtemp(dir=installation.folder))
    (picture,) = make_corpus(folder, 1)
    with installation.database.transaction() as session:
        references.add(session, [NewReference("added", picture.read_bytes() + b"\0")])


def _warm_up(installation: Installation, worker: WorkerProcess) -> None:
    with _probes(installation) as times:
        worker.wait(lambda: len(times) > 2)


@contextmanager
def _probes(installation: Installation) -> Iterator[list[float]]:
    """Enqueues an interactive upload again and again; gives the seconds that each took."""
    times: list[float] = []
    ended = Event()
    folder = Path(mkdtemp(dir=installation.folder))
    picture = make_corpus(folder, 2)[1].read_bytes()

    def work() -> None:
        number = 0
        while not ended.wait(0.1):
            # Other bytes each time, so that it is read, decoded and embedded.
            file = folder / f"probe-{number}.jpg"
            file.write_bytes(picture + f"{folder}-{number}".encode())
            times.append(_wait(installation, file))
            number += 1

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        yield times
    finally:
        ended.set()
        thread.join()


def _wait(installation: Installation, file: Path) -> float:
    """Seconds from enqueueing an upload to its outcome."""
    app = create_app(installation.settings)
    started = perf_counter()
    items = [NewUpload(str(file), str(file))]
    (upload_id,) = ingest_uploads(installation.database, app, items, Lane.INTERACTIVE, 1).ids
    while True:
        with installation.database.reading() as session:
            state = session.scalar(select(Upload.state).where(Upload.id == upload_id))
        if state in (UploadState.JUDGED, UploadState.FAILED):
            return perf_counter() - started
        sleep(0.003)


def _print(figures: dict[int, Figures], alone: float, facts: dict[str, str]) -> None:
    from rich.table import Table

    table = Table(
        "Uploads",
        "Case",
        "Changed",
        "Seconds",
        "Uploads/s",
        "Bulk worker, MB",
        title="Rescoring",
        title_justify="left",
    )
    waits = Table("Uploads", "Meanwhile", "p50, ms", "p99, ms", "Of", title="An interactive upload")
    for column in (*table.columns[2:], *waits.columns[2:]):
        column.justify = "right"
    for uploads, found in figures.items():
        for name, run in (("few change", found.few_change), ("all change", found.all_change)):
            table.add_row(
                f"{uploads:,}",
                name,
                f"{run.changed:,}",
                f"{run.seconds:.1f}",
                f"{run.per_second:,.0f}",
                f"{found.resident / 1e6:.0f}",
            )
        for name, times in (("nothing", found.idle), ("both runs", found.meanwhile)):
            waits.add_row(
                f"{uploads:,}",
                name,
                f"{1e3 * median(times):.0f}",
                f"{1e3 * _percentile(times, 99):.0f}",
                f"{len(times):,}",
            )
    stdout().print(table)
    stdout().print(waits)
    stdout().print(f"comparison alone, two processes: {alone:,.0f} uploads/s")
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)


def _percentile(values: Sequence[float], which: int) -> float:
    return quantiles(values, n=100, method="inclusive")[which - 1] if len(values) > 1 else values[0]


def main(
    uploads: Annotated[
        list[int] | None, typer.Option(min=100, help="How many; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")] = False,
) -> None:
    """Measure rescoring on PostgreSQL with two bulk processes and an interactive one."""
    facts = machine.facts()
    figures: dict[int, Figures] = {}
    busy = machine.other_work()
    try:
        alone = compare_alone()
        with install() as installation:
            for count in uploads or [10_000, 100_000, 1_000_000]:
                figures[count] = measure(installation, count, lambda line: stderr().print(line))
    except NophotoError as error:
        print_error(error)
        raise typer.Exit(1) from error
    facts |= {"other work": f"{max(busy, machine.other_work()):.0%} of the processors"}
    if as_json:
        shown = {str(count): asdict(found) for count, found in figures.items()}
        json.dump({"figures": shown, "comparison": alone, "facts": facts}, sys.stdout, indent=2)
    else:
        _print(figures, alone, facts)


if __name__ == "__main__":
    typer.run(main)
