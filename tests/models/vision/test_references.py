import io
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image

from nophoto.models.vision import references
from nophoto.models.vision.drawing import KINDS, draw
from nophoto.models.vision.drawing.phrases import LANGUAGES
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.pictures.prepare import load, prepare
from nophoto.models.vision.references import ReferencesError, shipped_references
from nophoto.models.vision.versions import shipped_version


def test_there_are_enough_references_and_no_two_are_the_same() -> None:
    shipped = shipped_references()
    assert len(shipped) >= 150
    assert len({reference.digest for reference in shipped}) == len(shipped)
    assert len({reference.name for reference in shipped}) == len(shipped)


def test_every_kind_but_plain_tiles_and_every_language_is_among_them() -> None:
    kinds = {reference.kind for reference in shipped_references()}
    assert kinds == set(KINDS) - {"blank", "checkerboard", "gradient", "pattern", "solid"}
    assert sum(f"caption-{code}" in kinds for code in LANGUAGES) >= 12


def test_plain_tiles_are_found_though_none_is_a_reference() -> None:
    version = shipped_version()
    engine, size = load_engine(version), version.manifest.input_size
    references = engine.embed(np.stack([load(item.data, size) for item in shipped_references()]))
    for kind in ("blank", "solid"):
        tiles = np.stack([prepare(draw(seed, kind).image, size) for seed in range(20)])
        similarities = nearest_references(engine.embed(tiles), references)[0]
        assert similarities.min() >= version.manifest.threshold, kind


def test_they_are_small() -> None:
    shipped = shipped_references()
    assert sum(len(reference.data) for reference in shipped) <= 2 * 2**20
    for reference in shipped:
        assert max(Image.open(io.BytesIO(reference.data)).size) <= 256


def test_every_reference_is_what_the_drawing_code_draws() -> None:
    for reference in shipped_references():
        picture = Image.open(io.BytesIO(reference.data)).convert("RGB")
        again = draw(reference.seed, reference.kind, longest_side=max(picture.size)).image
        assert again.size == picture.size
        apart = np.abs(np.asarray(again, dtype=int) - np.asarray(picture, dtype=int)).max(axis=2)
        # Another processor may round the edge of a shape to the next pixel.
        assert np.mean(apart > 8) < 0.005, f"run `python -m {references.__name__}`"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pictures = copytree(references.PICTURES, tmp_path / "pictures")
    monkeypatch.setattr(references, "PICTURES", pictures)
    return pictures


def test_a_changed_picture_is_refused_by_name(copied: Path) -> None:
    changed = copied / "silhouette-003.webp"
    changed.write_bytes(changed.read_bytes() + b"\0")
    with pytest.raises(ReferencesError, match=r"silhouette-003\.webp.*install"):
        shipped_references()


def test_a_missing_picture_is_refused_by_name(copied: Path) -> None:
    (copied / "silhouette-003.webp").unlink()
    with pytest.raises(ReferencesError, match=r"silhouette-003\.webp is missing"):
        shipped_references()
