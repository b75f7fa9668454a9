"""From URIs to embeddings, without a database: read, digest, decode, embed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.worker.concurrency.timeout_pool import GaveUp, PatientPool
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.batcher import BatchEmbedder
from nophoto.worker.inference.network import Network
from nophoto.worker.inference.reader import FETCHES, HeldFile, Reader, gave_up
from nophoto.worker.inference.results import PictureFailure, Pixels, decode_file
from nophoto.worker.settings import Settings
from nophoto.worker.telemetry.metrics import timed

__all__ = [
    "Embedded",
    "EmbeddingResult",
    "PictureEmbedder",
    "PictureFailure",
    "Vector",
    "none_known",
    "picture_embedder",
]

Vector = NDArray[np.float16]
Recall = Callable[[Sequence[str]], Mapping[str, Vector]]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture's digest, and its embedding of shape (dimension,) as it is stored."""

    digest: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class EmbeddingResult:
    """What became of some pictures.

    Attributes:
        outcomes: one for each URI, in their order.
        new: the embeddings that were not recalled but made, by digest.
    """

    outcomes: list[Embedded | PictureFailure]
    new: dict[str, Vector]


def none_known(_: Sequence[str]) -> Mapping[str, Vector]:
    """Recalls nothing: every picture is embedded."""
    return {}


def picture_embedder(
    network: Network, settings: Settings, decoders: Decoders, read: Callable[[str], bytes]
) -> "PictureEmbedder":
    """An embedder of what `read` reads, with the threads and the patience of `settings`."""
    return PictureEmbedder(
        network,
        decoders,
        read,
        threads=settings.thread_count,
        fetches=settings.fetches,
        patience=settings.picture_timeout,
    )


class PictureEmbedder:
    """Embeds pictures; threads read and decode some while the network embeds others.

    Args:
        network: what embeds; nobody else may use it at the same time.
        decoders: the processes that decode.
        read: the bytes at a URI; raises `PictureError`, and is called from several threads.
        threads: that wait for a decoder each, and as many that read local files.
        patience: seconds that reading one picture may take, and as many for decoding it.
        fetches: threads that read where files come from other hosts.
    """

    def __init__(
        self,
        network: Network,
        decoders: Decoders,
        read: Callable[[str], bytes],
        *,
        threads: int,
        patience: float,
        fetches: int = FETCHES,
    ) -> None:
        self._network = network
        self._decoders = decoders
        self._reader = Reader(read, threads, fetches, patience)
        self._decoding = PatientPool(threads, patience)

    def embed(self, uris: Sequence[str], recall: Recall = none_known) -> EmbeddingResult:
        """The embedding of each picture, or why it has none; the same bytes are embedded once.

        Args:
            uris: some hundred at most; the results of more are held in memory all at once.
            recall: those embeddings of the given digests that are known already; it is asked once
                for each block of pictures that were read.
        """
        return self.start(uris, recall)()

    def start(
        self, uris: Sequence[str], recall: Recall = none_known
    ) -> Callable[[], EmbeddingResult]:
        """Read, decode and begin to embed, and return what waits for what `embed` gives.

        That may be called in another thread, once; others may be started before.
        """
        embedder = BatchEmbedder(self._network)
        found: dict[str, Vector | PictureFailure] = {}
        read: dict[str, str | PictureFailure] = {}
        fresh = self._fresh(uris, recall, read, found)
        for decoded in self._decoding.run_blocks(self._decode, fresh):
            for file, result in decoded:
                if isinstance(result, Pixels):
                    embedder.add(result)
                elif isinstance(result, GaveUp):
                    file.let_go()
                    patience = self._decoding.patience
                    found[file.digest] = gave_up("decoding", patience, file.digest)
                else:
                    found[file.digest] = result

        def finish() -> EmbeddingResult:
            new = embedder.finish()
            every = found | new
            return EmbeddingResult([_outcome(read[uri], every) for uri in uris], new)

        return finish

    def _fresh(
        self,
        uris: Sequence[str],
        recall: Recall,
        read: dict[str, str | PictureFailure],
        found: dict[str, Vector | PictureFailure],
    ) -> Iterator[list[HeldFile]]:
        """The files that are to be decoded, block by block.

        What is at each URI is put into `read`, a digest or a failure, and what is recalled of them
        into `found`.
        """
        met: set[str] = set()
        # The same path twice is one file, of one moment.
        for block in self._reader.blocks(list(dict.fromkeys(uris))):
            fresh: dict[str, HeldFile] = {}
            for uri, file in block:
                if isinstance(file, PictureFailure):
                    read[uri] = file
                    continue
                read[uri] = file.digest
                if file.digest in met:
                    file.let_go()
                else:
                    met.add(file.digest)
                    fresh[file.digest] = file
            if fresh:
                known = recall(list(fresh))
                found |= known
                for digest in known:
                    fresh.pop(digest).let_go()
            yield list(fresh.values())

    def _decode(self, file: HeldFile) -> Pixels | PictureFailure:
        try:
            with timed("decode"):
                return decode_file(file.digest, file.data, self._network.input_size, self._decoders)
        finally:
            file.let_go()


def _outcome(
    file: str | PictureFailure, found: Mapping[str, Vector | PictureFailure]
) -> Embedded | PictureFailure:
    if isinstance(file, PictureFailure):
        return file
    result = found[file]
    return result if isinstance(result, PictureFailure) else Embedded(file, result)
