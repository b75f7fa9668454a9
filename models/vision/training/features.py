"""Features of the samples: what the frozen network makes of them, computed once."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.processors import processors
from nophoto.models.subprocesses import spawned_processes
from nophoto.models.vision.engines import Engine
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.training.activations import ActivationCache
from nophoto.models.vision.training.sample_keys import sample_keys
from nophoto.models.vision.training.samples import Sample, make_picture

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
        places: of each among the samples, (n,).
        unreadable: files that could not be read or decoded, with the reason.
    """

    values: NDArray[np.float16]
    labels: NDArray[np.int64]
    pools: NDArray[np.str_]
    places: NDArray[np.intp]
    unreadable: dict[Path, str]

    def where(self, chosen: NDArray[np.bool_]) -> "Features":
        """Those rows alone that `chosen`, (n,), names."""
        return Features(
            self.values[chosen],
            self.labels[chosen],
            self.pools[chosen],
            self.places[chosen],
            self.unreadable,
        )


def compute_features(
    samples: Sequence[Sample],
    engine: Engine,
    size: int,
    on_progress: Progress,
    cache: ActivationCache | None = None,
) -> Features:
    """What the frozen network makes of every sample, pictures made in processes beside it.

    Args:
        samples: what to make pictures of.
        engine: runs the network from pixels to features.
        size: height and width of the pictures that it takes.
        on_progress: told of every picture.
        cache: holds what earlier trainings computed; what is computed now goes there.
    """
    keys = sample_keys(samples, size) if cache else [None] * len(samples)
    known = cache.get([key for key in keys if key]) if cache else {}
    rows: dict[int, NDArray[np.float16]] = {
        place: known[key] for place, key in enumerate(keys) if key in known
    }
    missing = [place for place in range(len(samples)) if place not in rows]
    unreadable: dict[Path, str] = {}
    batch: dict[int, NDArray[np.uint8]] = {}
    on_progress(len(rows), len(samples))
    made = _pictures([samples[place] for place in missing], size)
    for number, (place, picture) in enumerate(zip(missing, made, strict=True), start=1):
        if isinstance(picture, str):
            unreadable[Path(str(samples[place].subject))] = picture
        else:
            batch[place] = picture
        if batch and (len(batch) == _BATCH or number == len(missing)):
            values = engine.embed(np.stack(list(batch.values()))).astype(np.float16)
            computed = dict(zip(batch, values, strict=True))
            rows |= computed
            if cache:
                cache.add({key: row for place, row in computed.items() if (key := keys[place])})
            batch.clear()
        on_progress(len(samples) - len(missing) + number, len(samples))
    kept = [place for place in range(len(samples)) if place in rows]
    nothing = engine.embed(np.empty((0, size, size, 3), np.uint8)).astype(np.float16)
    return Features(
        np.stack([rows[place] for place in kept]) if kept else nothing,
        np.array([samples[place].label for place in kept], np.int64),
        np.array([samples[place].pool for place in kept], np.str_),
        np.array(kept, np.intp),
        unreadable,
    )


def _pictures(samples: Sequence[Sample], size: int) -> Iterator[NDArray[np.uint8] | str]:
    make = partial(_make, size=size)
    if len(samples) <= _BATCH:  # done before other processes would have begun
        yield from map(make, samples)
        return
    # Not forked: TensorFlow's threads do not survive it.
    with spawned_processes(processors()) as processes:
        yield from processes.map(make, samples, chunksize=16)


def _make(sample: Sample, size: int) -> NDArray[np.uint8] | str:
    try:
        return make_picture(sample, size)
    except PictureError as error:
        return str(error)
    except OSError as error:
        return f"the file cannot be read ({error.strerror})"
