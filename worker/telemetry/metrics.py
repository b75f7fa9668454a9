"""What a worker counts for Prometheus, all of its processes together.

Nothing is counted, nor is the library imported, before `serve` or in a process that was not
forked after it.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from nophoto.models.vocabulary import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nophoto.models.records.scoring.outcomes import Failed, Judged
    from nophoto.worker.settings import Settings

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where the processes keep their figures; the library reads it when it is imported."""

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
_SIMILARITIES = tuple(tenths / 20 for tenths in range(-4, 21))
_SCORES = tuple(steps / 20 for steps in range(-10, 11))


class _Figures:
    def __init__(self) -> None:
        from prometheus_client import Counter, Histogram

        self.verdicts = Counter(
            "nophoto_verdicts",
            "Verdicts that were written.",
            ["verdict", "kind", "model_version", "collection"],
        )
        self.for_review = Counter(
            "nophoto_for_review", "Verdicts with a score close to zero.", ["collection"]
        )
        self.failures = Counter("nophoto_failures", "Uploads that failed.", ["code", "collection"])
        self.embedded = Counter("nophoto_embedded", "Pictures that went through the network.")
        self.recalled = Counter("nophoto_recalled", "Pictures whose embedding was known already.")
        self.similarity = Histogram(
            "nophoto_similarity", "With the nearest reference.", buckets=_SIMILARITIES
        )
        self.score = Histogram(
            "nophoto_score", "Similarity minus reach; placeholders from 0 on.", buckets=_SCORES
        )
        self.stage = Histogram(
            "nophoto_stage_seconds",
            "read and decode: of one picture; claim, embed, judge and write: of a chunk.",
            ["stage"],
            buckets=_SECONDS,
        )
        self.chunk = Histogram("nophoto_chunk_uploads", "Uploads of a chunk.", buckets=_SIZES)
        self.requeued = Counter("nophoto_requeued", "Uploads that the sweep sent again.")
        self.lapsed = Counter("nophoto_leases_lapsed", "Of these, those whose worker was lost.")
        self.given_up = Counter("nophoto_given_up", "Uploads that were failed as `crashed`.")


@contextmanager
def serve(settings: "Settings") -> Iterator[None]:
    """Count, and answer Prometheus on the port of `settings`, while the block runs.

    Does nothing where no port is set. Call it before anything is forked.

    Raises:
        MetricsPortError: if the port is taken.
    """
    if not settings.metrics_port:
        yield
        return
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="nophoto-"))
        os.environ[_FOLDER] = folder
        stack.callback(os.environ.pop, _FOLDER)
        from prometheus_client import CollectorRegistry

        from nophoto.worker.telemetry.ended_children import ChildrenCollector
        from nophoto.worker.telemetry.metrics_server import exposing

        registry = CollectorRegistry()
        registry.register(ChildrenCollector(Path(folder)))
        stack.enter_context(exposing(registry, settings.metrics_host, settings.metrics_port))
        yield


@contextmanager
def timed(stage: str) -> Iterator[None]:
    """Counts how long the block takes as time of `stage`."""
    if _FOLDER not in os.environ:
        yield
        return
    started = perf_counter()
    try:
        yield
    finally:
        _figures().stage.labels(stage).observe(perf_counter() - started)


def count_chunk(
    judged: "Sequence[Judged]",
    failed: "Sequence[Failed]",
    embedded: int,
    version_id: str,
    collections: "Mapping[int, str]",
) -> None:
    """Count the outcomes of a chunk that were written.

    Args:
        judged: verdicts.
        failed: failures.
        embedded: how many pictures went through the network.
        version_id: what judged.
        collections: of the uploads, by their ids.
    """
    if _FOLDER not in os.environ:
        return
    figures = _figures()
    figures.chunk.observe(len(judged) + len(failed))
    figures.embedded.inc(embedded)
    figures.recalled.inc(max(0, len(judged) - embedded))
    for verdict in judged:
        collection = collections[verdict.upload_id]
        figures.verdicts.labels(verdict.verdict, _kind(verdict), version_id, collection).inc()
        if verdict.needs_review:
            figures.for_review.labels(collection).inc()
        if verdict.similarity is not None:
            figures.similarity.observe(verdict.similarity)
        if verdict.score is not None:
            figures.score.observe(verdict.score)
    for failure in failed:
        figures.failures.labels(failure.code, collections[failure.upload_id]).inc()


def count_sweep(sent: int, lapsed: int, given_up: int) -> None:
    """Count what a sweep did."""
    if _FOLDER not in os.environ:
        return
    figures = _figures()
    figures.requeued.inc(sent)
    figures.lapsed.inc(lapsed)
    figures.given_up.inc(given_up)


def _kind(verdict: "Judged") -> str:
    """Of a placeholder; a real picture is of no kind."""
    return verdict.kind or "" if verdict.verdict == Verdict.PLACEHOLDER else ""


@lru_cache(maxsize=1)
def _figures() -> _Figures:
    return _Figures()
