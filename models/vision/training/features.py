"""Features of the samples: what the frozen backbone makes of them, computed once."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from models.vision.engines.openvino_engine import OpenVinoEngine
from models.vision.pictures import PictureError
from models.vision.training.export import write_serving_form
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
    samples: Sequence[Sample], network: keras.Model, scratch: Path, on_progress: Progress
) -> Features:
    """Run the frozen network over every sample, pictures made in processes beside it.

    Args:
        samples: what to make pictures of.
        network: from pixels to features, `build_features`; OpenVINO runs it, several times faster
            on a processor than Keras.
        scratch: folder for its serving form.
        on_progress: told of every batch.
    """
    size = network.input_shape[1]
    engine = OpenVinoEngine(
        write_serving_form(network, scratch / "features.xml"), network.output_shape[1]
    )
    kept: list[Sample] = []
    batch: list[NDArray[np.uint8]] = []
    values: list[NDArray[np.float16]] = []
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
        np.concatenate(values) if values else np.empty((0, network.output_shape[1]), np.float16),
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
