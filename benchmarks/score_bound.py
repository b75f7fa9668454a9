"""What `POST /v1/score` can reach at most: the network alone, and with decoding, without HTTP."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import perf_counter, process_time

import numpy as np

from nophoto.models.processors import processors
from nophoto.models.vision.engines import Engine
from nophoto.worker.decoding.pool import Decoders

_AHEAD = 2
"""Pictures that each thread has given to the network before it takes the first embedding."""


def engine_a_second(engine: Engine, size: int, seconds: float) -> tuple[float, float]:
    """Ready tensors that the network embeds a second, and processor seconds for each."""
    pixels = np.random.default_rng(0).integers(0, 256, (64, size, size, 3), dtype=np.uint8)
    engine.embed(pixels)
    began, count, before = perf_counter(), 0, process_time()
    while perf_counter() - began < seconds:
        engine.embed(pixels)
        count += len(pixels)
    return count / (perf_counter() - began), (process_time() - before) / count


def decoded_a_second(
    engine: Engine, size: int, decoders: Decoders, files: Sequence[bytes], seconds: float
) -> float:
    """Files that are decoded, in a process for each processor, and embedded a second."""
    giving = Lock()

    def work(first: int) -> int:
        under_way: deque[Callable[[], object]] = deque()
        count = first
        while perf_counter() - began < seconds:
            pixels = decoders.load(files[count % len(files)], size)
            count += 1
            with giving:
                under_way.append(engine.start(pixels[np.newaxis]))
            if len(under_way) > _AHEAD:
                under_way.popleft()()
        for finish in under_way:
            finish()
        return count - first

    threads = processors()
    decoders.start(threads)
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        count = sum(pool.map(work, range(threads)))
    return count / (perf_counter() - began)
