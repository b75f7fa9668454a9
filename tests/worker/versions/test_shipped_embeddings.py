from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.inference.network import Network
from nophoto.worker.matching.references import shipped_matrix
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped_embeddings import read_embeddings, write_embeddings
from tests.parts import DECODERS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("embeddings") / "embeddings.npz"
    write_embeddings(path)
    return path


def test_hold_every_shipped_reference_as_the_database_would(file: Path, network: Network) -> None:
    stored = read_embeddings(shipped_version(), file)
    assert stored.keys() == {reference.digest for reference in shipped_references()}
    assert {vector.dtype for vector in stored.values()} == {np.dtype(np.float16)}
    matrix = shipped_matrix(network, Settings(_env_file=None), DECODERS)
    for member, vector in zip(matrix.members, matrix.vectors, strict=True):
        np.testing.assert_allclose(stored[member.digest], vector, atol=2e-3)


def test_those_that_ship_are_of_the_version_that_ships(file: Path) -> None:
    shipped, made = read_embeddings(shipped_version()), read_embeddings(shipped_version(), file)
    assert shipped.keys() == made.keys()
    for digest, vector in made.items():
        np.testing.assert_allclose(shipped[digest], vector, atol=2e-3)


def test_of_another_version_or_absent_they_are_none(file: Path, tmp_path: Path) -> None:
    other = replace(shipped_version(), digest="0" * 64)
    assert read_embeddings(other, file) == {}
    assert read_embeddings(shipped_version(), tmp_path / "absent.npz") == {}
