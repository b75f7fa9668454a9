"""Keys of samples: by them the activations of a picture are found again in another training."""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import PIL

from nophoto.models.vision.training.sample_pictures import file_data
from nophoto.models.vision.training.samples import Origin, Sample

_VISION = Path(__file__).parents[1]

_MAKERS = (
    "distractors",
    "drawing",
    "pictures",
    "training/augmentation",
    "training/sample_pictures.py",
)
"""What makes the pixels of a sample, below `models/vision`: a change there makes other pixels."""

_SUFFIXES = {".otf", ".py", ".ttf"}


def sample_keys(samples: Sequence[Sample], size: int) -> list[bytes | None]:
    """A key for each sample: equal keys, equal pixels. None where the file cannot be read.

    It is of the file's digest, or of the drawing's seed, of what changes the picture and of the
    code that does; not of the file's name, nor of what else is trained on.
    """
    subjects: dict[tuple[Origin, Path | int], str | None] = {}
    keys = []
    for sample in samples:
        where = (sample.origin, sample.subject)
        if where not in subjects:
            subjects[where] = _subject(sample)
        subject = subjects[where]
        keys.append(_key(sample, subject, size) if subject else None)
    return keys


def _subject(sample: Sample) -> str | None:
    if sample.origin in (Origin.DRAWING, Origin.DISTRACTOR):
        return f"seed {sample.subject}"
    try:
        return sha256(file_data(sample)).hexdigest()
    except OSError:
        return None


def _key(sample: Sample, subject: str, size: int) -> bytes:
    how = (
        sample.origin.value,
        subject,
        sample.is_changed,
        sample.seed,
        sample.change,
        sample.look,
        size,
        _makers(),
    )
    return sha256(repr(how).encode()).digest()


@cache
def _makers() -> str:
    """The digest of the code, the fonts and the libraries that make pictures."""
    digest = sha256(f"{PIL.__version__} {np.__version__}".encode())
    for file in _files():
        digest.update(file.relative_to(_VISION).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    for name in _MAKERS:
        path = _VISION / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.suffix in _SUFFIXES)
