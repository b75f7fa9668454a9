"""A model version's network, opened in this process."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines import Engine, load_engine
from nophoto.models.vision.matching import Fallback
from nophoto.models.vision.versions import ModelVersion
from nophoto.worker.settings import Settings


@dataclass(frozen=True, slots=True)
class Network:
    """An opened model version. One thread at a time may give it pictures."""

    version: ModelVersion
    engine: Engine

    @property
    def input_size(self) -> int:
        """Height and width of the pictures that it takes, in pixels."""
        return self.version.manifest.input_size

    @property
    def dimension(self) -> int:
        """Of an embedding."""
        return self.version.manifest.dimension

    @property
    def fallback(self) -> Fallback:
        """How it judges where no cohort says how near real pictures come."""
        manifest = self.version.manifest
        return Fallback(manifest.threshold, manifest.review_low, manifest.review_high)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float16]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension).

        They are rounded as they are stored, so that judging them again from the database gives
        the very same similarities.
        """
        return self.engine.embed(pixels).astype(np.float16)

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float16]]:
        """Begin to embed pictures, and return what waits for what `embed` gives; call it once."""
        finish = self.engine.start(pixels)
        return lambda: finish().astype(np.float16)


def open_network(version: ModelVersion, settings: Settings) -> Network:
    """The network of a model version, on the engine that `settings` name.

    Raises:
        EngineError: if the engine is not installed.
    """
    return Network(version, load_engine(version, settings.engine, settings.thread_count))


@contextmanager
def opened_beside(version: ModelVersion, settings: Settings) -> Iterator[Network]:
    """As `open_network`, in a thread while the block runs; what embeds in the block waits for it.

    Raises:
        EngineError: at the end of the block, if the engine is not installed.
    """
    with ThreadPoolExecutor(1, "open-network") as beside:
        opening = beside.submit(load_engine, version, settings.engine, settings.thread_count)
        yield Network(version, _OpeningEngine(opening))
        opening.result()


class _OpeningEngine:
    """An engine that a thread opens; what needs it waits for that."""

    def __init__(self, opening: Future[Engine]) -> None:
        self._opening = opening

    @property
    def at_once(self) -> int:
        return self._opening.result().at_once

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        return self._opening.result().start(pixels)

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._opening.result().embed(pixels)
