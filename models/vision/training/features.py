"""Features of the samples: what the frozen network makes of them, computed once."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nophoto.models.processors import processors
from nophoto.models.subprocesses import spawned_processes
from nophoto.models.vision.engines import Engine
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.training.activations import ActivationCache
from nophoto.models.vision.training.sample_keys import sample_keys
from nophoto.models.vision.training.sample_pictures import DecodedFile, decode_subject, make_picture
from nophoto.models.vision.training.samples import Origin, Sample
from nophoto.models.vision.triplet.levels import REAL, UNKNOWN
from nophoto.models.vocabulary import Kind

_BATCH = 32

_AHEAD = 4
"""Files for each processor that are decoded and changed ahead of the network."""

UNLIKE_KINDS = frozenset({Kind.BRAND, Kind.PHOTO, Kind.OWN})
"""Kinds whose pictures have nothing in common to learn."""

Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Features:
    """Features of those samples whose pictures could be made.

    Attributes:
        values: (n, features), float16.
        pictures: equal for the copies of one picture, (n,).
        sources: equal for pictures that are variants of each other, (n,).
        kinds: the place of a placeholder's kind in `Kind`; `REAL` or `UNKNOWN`, (n,).
        pools: the pool of each, (n,).
        places: of each among the samples, (n,).
        unreadable: files that could not be read or decoded, with the reason.
    """

    values: NDArray[np.float16]
    pictures: NDArray[np.int64]
    sources: NDArray[np.int64]
    kinds: NDArray[np.int64]
    pools: NDArray[np.str_]
    places: NDArray[np.intp]
    unreadable: dict[Path, str]

    def where(self, chosen: NDArray[np.bool_]) -> "Features":
        """Those rows alone that `chosen`, (n,), names."""
        return Features(
            self.values[chosen],
            self.pictures[chosen],
            self.sources[chosen],
            self.kinds[chosen],
            self.pools[chosen],
            self.places[chosen],
            self.unreadable,
        )


def compute_features(
    samples: Sequence[Sample],
    engine: Engine,
    size: int,
    decoder: Decoder,
    on_progress: Progress,
    cache: ActivationCache | None = None,
) -> Features:
    """What the frozen network makes of every sample, pictures made in processes beside it.

    Args:
        samples: what to make pictures of.
        engine: runs the network from pixels to features.
        size: height and width of the pictures that it takes.
        decoder: decodes the files among them.
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
    made = make_pictures([samples[place] for place in missing], size, decoder)
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
    values = np.stack([rows[place] for place in kept]) if kept else nothing
    return describe(samples, kept, values, unreadable)


def describe(
    samples: Sequence[Sample],
    places: Sequence[int],
    values: NDArray[np.float16],
    unreadable: dict[Path, str],
) -> Features:
    """Features with what is known of each row.

    Args:
        samples: all of them.
        places: of the samples whose pictures could be made.
        values: of these, (places, features).
        unreadable: files of the others, with the reason.
    """
    return Features(
        values,
        _numbered([_picture(samples[place]) for place in places]),
        _numbered([_source(samples[place]) for place in places]),
        np.array([_kind(samples[place]) for place in places], np.int64),
        np.array([samples[place].pool for place in places], np.str_),
        np.array(places, np.intp),
        unreadable,
    )


def _numbered(keys: Sequence[object]) -> NDArray[np.int64]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _picture(sample: Sample) -> tuple[object, ...]:
    return (sample.pool, str(sample.subject), sample.look)


def _source(sample: Sample) -> tuple[str, ...]:
    return (sample.pool, sample.source or str(sample.subject), "variants" if sample.source else "")


def _kind(sample: Sample) -> int:
    if sample.kind is None:
        return REAL
    return UNKNOWN if sample.kind in UNLIKE_KINDS else list(Kind).index(sample.kind)


def make_pictures(
    samples: Sequence[Sample], size: int, decoder: Decoder
) -> Iterator[NDArray[np.uint8] | str]:
    """The picture of each sample in their order, (size, size, 3), or why it cannot be made."""
    groups = [list(group) for _, group in groupby(samples, _what_is_decoded)]
    if len(samples) <= _BATCH:  # done before other processes would have begun
        for group in groups:
            yield from _make(group, size, decoder, _make_here)
        return
    count = processors()
    # Not forked: TensorFlow's threads do not survive it.
    with spawned_processes(count) as processes, ThreadPoolExecutor(2 * count) as threads:

        def make_in_process(*arguments: Any) -> list[NDArray[np.uint8]]:
            return processes.submit(_make_here, *arguments).result()

        waiting: deque[Future[Sequence[NDArray[np.uint8] | str]]] = deque()
        for group in groups:
            waiting.append(threads.submit(_make, group, size, decoder, make_in_process))
            if len(waiting) > _AHEAD * count:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _what_is_decoded(sample: Sample) -> tuple[object, ...]:
    """Equal for samples that are made from the same pixels; those of a file come in a row."""
    is_drawn = sample.origin in (Origin.DRAWING, Origin.DISTRACTOR)
    return sample.origin if is_drawn else sample.origin is Origin.UPLOAD, sample.subject


def _make(
    group: Sequence[Sample],
    size: int,
    decoder: Decoder,
    make: Callable[[Sequence[Sample], int, DecodedFile | None], list[NDArray[np.uint8]]],
) -> Sequence[NDArray[np.uint8] | str]:
    """The pictures of samples that are made from the same file or drawing."""
    try:
        file = decode_subject(group[0], size, decoder)
    except PictureError as error:
        return [str(error)] * len(group)
    except OSError as error:
        return [f"the file cannot be read ({error.strerror})"] * len(group)
    if file and group[0].origin is Origin.UPLOAD:
        return [file.pixels] * len(group)
    return make(group, size, file)


def _make_here(
    group: Sequence[Sample], size: int, file: DecodedFile | None
) -> list[NDArray[np.uint8]]:
    return [make_picture(sample, size, file) for sample in group]
