"""The overlap of chunks: one is completed while the next one starts."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from nophoto.models import outages
from nophoto.models.records.database import DATABASE_ERRORS
from nophoto.worker.concurrency.background import BackgroundWriter
from nophoto.worker.inference.embedder import Vector
from nophoto.worker.scoring.chunk import Chunk, ChunkReport
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.telemetry.logs import log_context

_log = logging.getLogger(__name__)


class OverlappingChunks:
    """Runs chunks so that the next is claimed, read and decoded while the last is written.

    Args:
        pipeline: judges each of them.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._writer = BackgroundWriter()
        self._last: Chunk | None = None

    def run(self, ids: Sequence[int], on_written: Callable[[ChunkReport], None]) -> None:
        """Start a chunk, and return when its last picture is in the network's hands.

        What cannot be written, or was not when the process ends, is left to its lease.

        Args:
            ids: as of `Pipeline.score_chunk`.
            on_written: called with what became of the chunk, in another thread.
        """
        chunk = self._pipeline.start(ids, self._borrow)
        if chunk.claim.uploads:
            with self._pipeline.holding(chunk):
                self._writer.wait()
            self._last = chunk
        self._writer.run(partial(self._complete, chunk, on_written))

    def close(self) -> None:
        """Wait until all that was started is written."""
        self._writer.wait()
        self._pipeline.close()

    def _complete(self, chunk: Chunk, on_written: Callable[[ChunkReport], None]) -> None:
        try:
            report = self._pipeline.complete(chunk)
        except DATABASE_ERRORS as error:
            with log_context(chunk=chunk.name):
                outages.warn(_log, "a chunk was not written", error)
        else:
            on_written(report)

    def _borrow(self, version_id: str, digests: Sequence[str]) -> Mapping[str, Vector]:
        """What the chunk before has embedded and may not have written yet."""
        last = self._last
        if last is None or last.version_id != version_id or not last.job.embeds_any(digests):
            return {}
        self._writer.wait()
        return {digest: last.vectors[digest] for digest in digests if digest in last.vectors}
