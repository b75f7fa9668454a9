"""A training decodes no file itself: one that kills its decoder is left out, and named."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.training.features import compute_features
from nophoto.models.vision.training.samples import Origin, Sample
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.settings import Settings

SIZE = 16


class Means:
    """An engine that gives the mean of each channel."""

    at_once = 32

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        return pixels.mean(axis=(1, 2)) / 255


def samples_of(path: Path, copies: int) -> list[Sample]:
    """The file as it is, as an upload, and changed copies."""
    return [
        Sample(Origin.UPLOAD, path, "uploads", False, 0),
        *(Sample(Origin.FILE, path, "real-0", seed > 0, seed) for seed in range(copies)),
        Sample(Origin.HARDENED, path, "hardened", False, 0),
        Sample(Origin.CLASSIC, path, "classic", True, 0),
    ]


@pytest.mark.parametrize("copies", [2, 20], ids=["in this process", "in processes beside it"])
def test_a_file_that_kills_its_decoder_is_left_out(
    copies: int, killer: bytes, tmp_path: Path
) -> None:
    files = [tmp_path / name for name in ("a.png", "boom.jpg", "c.png")]
    files[1].write_bytes(killer)
    for number in (0, 2):
        Image.new("RGB", (40, 30), (number * 90, 80, 70)).save(files[number])
    samples = [
        Sample(Origin.DRAWING, 1_000_000, "drawn", False, 0),
        *(sample for file in files for sample in samples_of(file, copies)),
        Sample(Origin.DISTRACTOR, 1_000_000, "distractors", False, 0),
    ]
    heard: list[int] = []
    decoders = decoders_of(Settings(_env_file=None))
    found = compute_features(samples, Means(), SIZE, decoders, lambda done, _: heard.append(done))
    sound = [n for n, sample in enumerate(samples) if sample.subject != files[1]]
    assert found.places.tolist() == sound
    assert set(found.unreadable) == {files[1]}
    assert "ended the process that decoded it, twice" in found.unreadable[files[1]]
    assert heard == list(range(len(samples) + 1))
    # Each place has its own picture: the blue of those of a file.
    unchanged = [
        (values[2], sample.subject)
        for values, sample in zip(found.values, (samples[n] for n in sound), strict=True)
        if sample.origin is Origin.UPLOAD
    ]
    assert [subject for _, subject in unchanged] == [files[0], files[2]]
    assert np.allclose([blue for blue, _ in unchanged], 70 / 255, atol=0.01)
