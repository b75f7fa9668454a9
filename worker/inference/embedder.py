"""From URIs to embeddings, without a database: read, digest, decode, embed."""

from collections.abc import Callable, Iterator, Sequence

from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.inference.job import EmbeddingJob
from nophoto.worker.inference.network import Network
from nophoto.worker.inference.reader import FETCHES, FileBlock, Reader
from nophoto.worker.inference.results import Embedded, EmbeddingResult, PictureFailure, Vector
from nophoto.worker.settings import Settings

__all__ = [
    "Embedded",
    "EmbeddingResult",
    "PictureEmbedder",
    "PictureFailure",
    "Vector",
    "picture_embedder",
]


def picture_embedder(
    network: Network, settings: Settings, decoders: Decoders, read: Callable[[str], bytes]
) -> "PictureEmbedder":
    """An embedder of what `read` reads, with the threads and the timeout of `settings`."""
    return PictureEmbedder(
        network,
        decoders,
        read,
        threads=settings.thread_count,
        fetches=settings.fetches,
        timeout=settings.picture_timeout,
    )


class PictureEmbedder:
    """Embeds pictures; threads read and decode some while the network embeds others.

    Args:
        network: what embeds; nobody else may give it pictures at the same time.
        decoders: the processes that decode, each picture for a limited time.
        read: the bytes at a URI; raises `PictureError`, and is called from several threads.
        threads: that wait for a decoder each, and as many that read local files.
        timeout: seconds that reading one picture may take.
        fetches: threads that read where files come from other hosts.
    """

    def __init__(
        self,
        network: Network,
        decoders: Decoders,
        read: Callable[[str], bytes],
        *,
        threads: int,
        timeout: float,
        fetches: int = FETCHES,
    ) -> None:
        self._network = network
        self._decoders = decoders
        self._reader = Reader(read, threads, fetches, timeout)
        self._threads = threads

    def read(self, uris: Sequence[str]) -> Iterator[FileBlock]:
        """What is at each of `uris`, block by block as it comes; a URI named twice is read once."""
        return self._reader.blocks(list(dict.fromkeys(uris)))

    def begin(self) -> EmbeddingJob:
        """A job that takes what was read."""
        return EmbeddingJob(self._network, self._decoders, self._threads)

    def embed(self, uris: Sequence[str]) -> EmbeddingResult:
        """The embedding of each picture, or why it has none; the same bytes are embedded once.

        Args:
            uris: some hundred at most; the results of more are held in memory all at once.
        """
        with self.begin() as job:
            for block in self.read(uris):
                job.decode_and_embed(job.add(block))
        return job.result(uris)
