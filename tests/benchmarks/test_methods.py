"""Each method ranks a changed reference above photographs."""

import io
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from benchmarks.known_pictures import find_known, register_version
from benchmarks.methods import Method, entropy, pdq, phash, version_embeddings
from benchmarks.robustness import tries_of
from benchmarks.shares import share
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.evaluation import Rate
from nophoto.models.vision.matching.reach import Exemplars, Fallback, Rules
from nophoto.models.vision.matching.sets import match
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import read_cohort, shipped_version
from nophoto.models.vocabulary import Kind, ReferenceScope

REFERENCES = [reference.data for reference in shipped_references()[:12]]


def photographs() -> list[bytes]:
    files = []
    for name in ("astronaut", "chelsea", "coffee"):
        buffer = io.BytesIO()
        Image.fromarray(getattr(data, name)()).save(buffer, "JPEG")
        files.append(buffer.getvalue())
    return files


def smaller(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        buffer = io.BytesIO()
        image.convert("RGB").resize((150, 150)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def ours(files: list[bytes], references: list[bytes]) -> np.ndarray:
    with version_embeddings(shipped_version()) as method:
        return method(files, references)


@pytest.mark.parametrize("method", [phash, pdq, entropy, ours])
def test_smaller_references_are_more_like_placeholders_than_photographs(method: Method) -> None:
    changed = [smaller(data) for data in REFERENCES[3:9]]
    likeness = method([*changed, *photographs()], REFERENCES)
    assert likeness.shape == (9,)
    assert likeness[:6].min() > likeness[6:].max()


def test_what_is_found_of_changed_references_depends_on_the_rate() -> None:
    version = shipped_version()
    engine, size = load_engine(version), version.manifest.input_size
    references = engine.embed(np.stack([load(data, size) for data in REFERENCES]))
    kinds = (Kind.OBJECT_ICON,) * len(references)
    exemplars = Exemplars(references, kinds, (ReferenceScope.KIND,) * len(references))
    cohort, found = read_cohort(version), []
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        for near in (cohort, np.repeat(references, 40, axis=0) * 0.97):
            matcher = match(exemplars, [near], Rules(0.005), Fallback(1.0, 1.0, 1.0))
            tries = tries_of(
                "padded by 20 %, black", REFERENCES, 2, engine, size, matcher, references, processes
            )
            assert tries.found.shape == tries.own.shape == (12, 2)
            found.append(tries.found.sum())
    assert found[0] >= 22
    assert found[1] < found[0]


def test_made_and_found_pictures_are_of_both_sorts(tmp_path: Path) -> None:
    for sort in ("placeholder", "real"):
        (tmp_path / sort).mkdir()
    known = register_version(tmp_path / "real", 50)
    assert (len(known.placeholders), len(known.real)) == (8, 42)
    for file in known.placeholders:
        file.rename(tmp_path / "placeholder" / file.name)
    found = find_known([tmp_path])
    assert (len(found.placeholders), len(found.real)) == (8, 42)
    assert "8 placeholders, 42 real" in found.name


def test_a_share_is_printed_with_its_interval() -> None:
    assert share(Rate(1, 2)) == "50.0% (9.5%–90.5%)"
