"""What a finished network makes of the held-out pictures: the form that serves, as it serves.

A threshold that was set on what Keras computes may lie a hair beside what OpenVINO computes, and a
picture at the edge would be judged otherwise than the version promises.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.engines import Engine
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.references.pixels import shipped_pixels
from nophoto.models.vision.training.features import compute_features
from nophoto.models.vision.training.pictures import Pictures, TrainingError
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import upload_samples
from nophoto.models.vision.training.sealing import HeldOutSimilarities


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the network makes of the held-out pictures.

    Attributes:
        similarities: of each with its nearest reference.
        real: embeddings of the real ones, (n, dimension).
    """

    similarities: HeldOutSimilarities
    real: NDArray[np.float16]


def measure_held_out(
    pictures: Pictures,
    engine: Engine,
    size: int,
    decoder: Decoder,
    reporter: Reporter,
    compared: NDArray[np.bool_] | None = None,
) -> HeldOut:
    """Embed and compare the held-out pictures just as a worker does.

    Args:
        pictures: whose held-out ones are measured.
        engine: runs the serving form.
        size: height and width of the pictures that it takes.
        decoder: decodes the files.
        reporter: told of the progress.
        compared: which of the shipped references they are compared with; all where it is None.

    Raises:
        TrainingError: if none of a kind can be read.
    """
    # Rounded as a worker rounds them: embeddings are stored in 16 bits.
    references = engine.embed(shipped_pixels(size)).astype(np.float16).astype(np.float32)
    if compared is not None:
        references = references[compared]

    def measure(
        kind: str, paths: Sequence[Path]
    ) -> tuple[NDArray[np.float16], NDArray[np.float64], list[Path]]:
        stage = f"held-out {kind}"
        found = compute_features(
            upload_samples(paths),
            engine,
            size,
            decoder,
            lambda done, total: reporter.on_picture(stage, done, total),
        )
        for path, reason in found.unreadable.items():
            reporter.on_unreadable(path, reason)
        if not len(found.values):
            raise _unreadable(kind)
        kept = [paths[place] for place in found.places]
        return found.values, nearest_references(found.values, references)[0], kept

    _, placeholders, files = measure("placeholders", pictures.held_out_placeholders)
    embeddings, real, real_files = measure("real pictures", pictures.held_out_real)
    return HeldOut(HeldOutSimilarities(placeholders, real, files, real_files), embeddings)


def check_readable(pictures: Pictures, decoder: Decoder) -> None:
    """Make sure, before hours of training, that something of each kind can be measured.

    Raises:
        TrainingError: if none of a kind can be read.
    """
    for kind, paths in (
        ("placeholders", pictures.held_out_placeholders),
        ("real pictures", pictures.held_out_real),
    ):
        if not any(_is_readable(path, decoder) for path in paths):
            raise _unreadable(kind)


def _is_readable(path: Path, decoder: Decoder) -> bool:
    try:
        decoder.load(path.read_bytes(), 32)
    except (PictureError, OSError):
        return False
    return True


def _unreadable(kind: str) -> TrainingError:
    return TrainingError(
        f"none of the held-out {kind} can be read; `nophoto score FILE` says why of each"
    )
