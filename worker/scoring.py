"""From URIs to embeddings, without a database: read, digest, decode, embed."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from models.vision.pictures import PictureLimits
from models.vocabulary import FailureCode
from worker.network import EMBEDDED_AT_ONCE, Network
from worker.patience import GaveUp, PatientPool
from worker.picture_files import (
    HELD_BYTES,
    Budget,
    HeldFile,
    PictureFailure,
    Pixels,
    decode_file,
    read_file,
)
from worker.settings import Settings
from worker.storage import Storage, limits_of

__all__ = ["Embedded", "PictureFailure", "Scored", "Scorer", "Vector", "none_known", "scorer_of"]

Vector = NDArray[np.float16]
Recall = Callable[[Sequence[str]], Mapping[str, Vector]]


@dataclass(frozen=True, slots=True)
class Embedded:
    """A picture's digest, and its embedding of shape (dimension,) as it is stored."""

    digest: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class Scored:
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


def scorer_of(network: Network, settings: Settings, storage: Storage) -> "Scorer":
    """A scorer under `settings`."""
    return Scorer(
        network,
        storage.read,
        limits_of(settings),
        threads=settings.thread_count,
        patience=settings.picture_timeout,
    )


class Scorer:
    """Embeds pictures; threads read and decode some while the network embeds others.

    Args:
        network: what embeds; nobody else may use it at the same time.
        read: the bytes at a URI; raises `PictureError`, and is called from several threads.
        limits: what may be decoded.
        threads: that read and decode.
        patience: seconds that reading one picture may take, and as many for decoding it.
    """

    def __init__(
        self,
        network: Network,
        read: Callable[[str], bytes],
        limits: PictureLimits,
        *,
        threads: int,
        patience: float,
    ) -> None:
        self._network = network
        self._read = read
        self._limits = limits
        self._pool = PatientPool(threads, patience)

    def embed(self, uris: Sequence[str], recall: Recall = none_known) -> Scored:
        """The embedding of each picture, or why it has none; the same bytes are embedded once.

        Args:
            uris: some hundred at most; the results of more are held in memory all at once.
            recall: those embeddings of the given digests that are known already.
        """
        files = self._read_all(uris)
        digests = {file.digest: file for file in files if isinstance(file, HeldFile)}
        found: dict[str, Vector | PictureFailure] = dict(recall(list(digests))) if digests else {}
        unknown = [file for digest, file in digests.items() if digest not in found]
        new: dict[str, Vector] = {}
        for digest, result in self._embed_files(unknown):
            found[digest] = result
            if not isinstance(result, PictureFailure):
                new[digest] = result
        return Scored([_outcome(file, found) for file in files], new)

    def _read_all(self, uris: Sequence[str]) -> list[HeldFile | PictureFailure]:
        # The same path twice is one file, of one moment.
        places: defaultdict[str, list[int]] = defaultdict(list)
        for place, uri in enumerate(uris):
            places[uri].append(place)
        budget = Budget(HELD_BYTES)
        read = partial(read_file, self._read, budget)
        files: list[HeldFile | PictureFailure] = [self._gave_up("reading")] * len(uris)
        distinct = list(places)
        for index, file in self._pool.run(read, distinct):
            if not isinstance(file, GaveUp):
                for place in places[distinct[index]]:
                    files[place] = file
        return files

    def _embed_files(
        self, files: Sequence[HeldFile]
    ) -> Iterator[tuple[str, Vector | PictureFailure]]:
        decode = partial(decode_file, self._read, self._limits, self._network.input_size)
        decoded = self._pool.run(decode, files)
        while batch := list(islice(decoded, EMBEDDED_AT_ONCE)):
            pictures: list[Pixels] = []
            for place, result in batch:
                if isinstance(result, Pixels):
                    pictures.append(result)
                elif isinstance(result, GaveUp):
                    yield files[place].digest, self._gave_up("decoding", files[place].digest)
                else:
                    yield files[place].digest, result
            if pictures:
                vectors = self._network.embed(np.stack([picture.pixels for picture in pictures]))
                for picture, vector in zip(pictures, vectors, strict=True):
                    yield picture.digest, vector

    def _gave_up(self, what: str, digest: str | None = None) -> PictureFailure:
        return PictureFailure(
            FailureCode.TIMEOUT,
            f"{what} the picture took more than {self._pool.patience:g} seconds; send a smaller "
            "one, look at its storage, or raise NOPHOTO_PICTURE_TIMEOUT",
            digest,
        )


def _outcome(
    file: HeldFile | PictureFailure, found: Mapping[str, Vector | PictureFailure]
) -> Embedded | PictureFailure:
    if isinstance(file, PictureFailure):
        return file
    result = found[file.digest]
    return result if isinstance(result, PictureFailure) else Embedded(file.digest, result)
