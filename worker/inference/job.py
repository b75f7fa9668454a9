"""Some pictures on their way through the decoders and the network."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from types import TracebackType
from typing import Self

from nophoto.models.vision.pictures import PictureError
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.batcher import BatchEmbedder
from nophoto.worker.inference.network import Network
from nophoto.worker.inference.reader import BufferedFile, FileBlock
from nophoto.worker.inference.results import (
    Embedded,
    EmbeddingResult,
    PictureFailure,
    Pixels,
    Vector,
)
from nophoto.worker.telemetry.logs import log_context
from nophoto.worker.telemetry.metrics import timed


class EmbeddingJob:
    """Pictures that are decoded and embedded, the same bytes once.

    At the end of its block all are decoded, and the network has been given them; `result` waits for
    what the network still computes, in any thread, once. If the block ends by an exception, what
    has not begun is given up.

    Args:
        network: what embeds; nobody else may give it pictures while the block runs.
        decoders: the processes that decode.
        threads: that wait for a decoder each, and then give its pixels to the network.
    """

    def __init__(self, network: Network, decoders: Decoders, threads: int) -> None:
        self._size = network.input_size
        self._decoders = decoders
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="picture")
        self._batch = BatchEmbedder(network)
        self._read: dict[str, str | PictureFailure] = {}
        self._known: dict[str, Vector] = {}
        self._decoding: dict[str, Future[PictureFailure | None]] = {}

    def add(self, block: FileBlock) -> dict[str, BufferedFile]:
        """Note what is at each URI, and return those files by digest that were not met before."""
        new: dict[str, BufferedFile] = {}
        for uri, file in block:
            if isinstance(file, PictureFailure):
                self._read[uri] = file
                continue
            self._read[uri] = file.digest
            if file.digest in new or file.digest in self._decoding or file.digest in self._known:
                file.release()
            else:
                new[file.digest] = file
        return new

    def decode_and_embed(
        self, files: Mapping[str, BufferedFile], known: Mapping[str, Vector] | None = None
    ) -> None:
        """Have files decoded and embedded by threads, but for those whose embeddings are known."""
        self._known |= known or {}
        for digest, file in files.items():
            if digest in self._known:
                file.release()
            else:
                # In this context, so that what the thread logs says what it is about.
                run = copy_context().run
                self._decoding[digest] = self._threads.submit(run, self._decode_one, file)

    def embeds_any(self, digests: Sequence[str]) -> bool:
        """Whether one of these pictures is among those that it decodes and embeds."""
        return not self._decoding.keys().isdisjoint(digests)

    def result(self, uris: Sequence[str]) -> EmbeddingResult:
        """What became of the picture at each of `uris`, once the network has embedded all."""
        new = self._batch.finish()
        embedded = self._known | new

        def outcome(uri: str) -> Embedded | PictureFailure:
            read = self._read[uri]
            if isinstance(read, PictureFailure):
                return read
            failure = self._decoding[read].result() if read in self._decoding else None
            return failure or Embedded(read, embedded[read])

        return EmbeddingResult([outcome(uri) for uri in uris], new)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                # First until all are done: one that waits for each in turn wakes up for each.
                wait(self._decoding.values())
                for future in self._decoding.values():
                    future.result()
                self._batch.flush()
        finally:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _decode_one(self, file: BufferedFile) -> PictureFailure | None:
        """Decode a file and give it to the network, or say why not; runs in a thread."""
        try:
            with timed("decode"), log_context(digest=file.digest):
                pixels = self._decoders.load(file.data, self._size)
        except PictureError as error:
            return PictureFailure(error.code, str(error), file.digest)
        finally:
            file.release()
        self._batch.add(Pixels(file.digest, pixels))
        return None
