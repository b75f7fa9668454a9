"""Features of the samples: what the frozen backbone makes of them, computed once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.vision.engines import Engine
from models.vision.pictures import PictureError
from models.vision.training.samples import Sample, make_picture

_BATCH = 32

Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Features:
    """Features of those samples whose pictures could be made.

    Attributes:
        values: (n, features), float16.
        labels: (n,).
        pools: the pool of each, (n,).
        unreadable: files that could not be decoded, with the reason.
    """

    values: NDArray[np.float16]
    labels: NDArray[np.int64]
    pools: NDArray[np.str_]
    unreadable: dict[Path, str]


def compute_features(
    samples: Sequence[Sample], engine: Engine, size: int, on_progress: Progress
) -> Features:
    """Run the frozen network over every sample, pictures made in processes beside it.

    Args:
        samples: what to make pictures of.
        engine: runs the network from pixels to features.
        size: height and width of the pictures that it takes.
        on_progress: told of every batch.
    """
    kept: list[Sample] = []
    batch: list[NDArray[np.uint8]] = []
    nothing = np.empty((0, size, size, 3), np.uint8)
    values = [engine.embed(nothing).astype(np.float16)]
    unreadable: dict[Path, str] = {}
    for number, (sample, made) in enumerate(_pictures(samples, size), start=1):
        if isinstance(made, str):
            unreadable[Path(str(sample.subject))] = made
        else:
            kept.append(sample)
            batch.append(made)
        if batch and (len(batch) == _BATCH or number == len(samples)):
            values.append(engine.embed(np.stack(batch)).astype(np.float16))
            batch.clear()
        on_progress(number, len(samples))
    return Features(
        np.concatenate(values),
        np.array([sample.label for sample in kept], np.int64),
        np.array([sample.pool for sample in kept]),
        unreadable,
    )


def _pictures(
    samples: Sequence[Sample], size: int
) -> Iterator[tuple[Sample, NDArray[np.uint8] | str]]:
    # Not forked: TensorFlow's threads do not survive it.
    with ProcessPoolExecutor(_processes(), get_context("spawn")) as processes:
        made = processes.map(partial(_make, size=size), samples, chunksize=16)
        yield from zip(samples, made, strict=True)


def _make(sample: Sample, size: int) -> NDArray[np.uint8] | str:
    try:
        return make_picture(sample, size)
    except PictureError as error:
        return str(error)


def _processes() -> int:
    return max(1, cpu_count() or 1)
