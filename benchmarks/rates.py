"""Photos per second of the single steps, each alone on the machine."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines import Engine
from nophoto.models.vision.pictures.prepare import load


def engine_rate(engine: Engine, tensors: NDArray[np.uint8], seconds: float) -> float:
    """Photos per second of the bare engine on ready tensors (n, size, size, 3)."""
    return _rate(lambda: engine.embed(tensors), len(tensors), seconds)


def decoding_rate(files: Sequence[bytes], size: int, threads: int, seconds: float) -> float:
    """Photos per second from the bytes of files to tensors, in so many threads."""
    with ThreadPoolExecutor(threads) as pool:

        def decode() -> None:
            for _ in pool.map(partial(load, size=size), files):
                pass

        return _rate(decode, len(files), seconds)


def _rate(step: Callable[[], object], photos: int, seconds: float) -> float:
    # Whole passes, as many as it takes.
    done = 0
    started = perf_counter()
    while (passed := perf_counter() - started) < seconds:
        step()
        done += photos
    return done / passed
