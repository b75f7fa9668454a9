"""Quantised backbones are whole, pinned by their digests, and what versions stand on."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from nophoto.models.vision.backbones import quantised
from nophoto.models.vision.backbones.quantised import (
    QuantisedBackboneError,
    quantised_backbone,
    quantised_names,
)
from nophoto.models.vision.engines.keras_engine import KerasHeadEngine
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.versions import open_version, shipped_version, write_manifest

NAME = "lite0-tuned-160-end7-int8"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of backbones that may be changed."""
    folder = tmp_path / "backbones"
    shutil.copytree(quantised_backbone(NAME).folder, folder / NAME)
    monkeypatch.setattr(quantised, "_FOLDER", folder)
    return folder / NAME


def test_the_shipped_version_stands_on_a_registered_one() -> None:
    version = shipped_version()
    backbone = quantised_backbone(version.manifest.backbone)
    assert NAME in quantised_names()
    assert version.manifest.backbone_digest == backbone.digest
    assert version.manifest.input_size == backbone.manifest.input_size


def test_it_makes_as_many_features_as_it_says() -> None:
    backbone = quantised_backbone(NAME)
    size, features = backbone.manifest.input_size, backbone.manifest.features
    pixels = np.random.default_rng(0).integers(0, 256, (2, size, size, 3), dtype=np.uint8)
    made = OpenVinoEngine(backbone.form, features).embed(pixels)
    assert made.shape == (2, features)
    assert not np.allclose(made[0], made[1])


def test_an_unknown_one_is_refused_with_the_names_that_there_are() -> None:
    with pytest.raises(QuantisedBackboneError, match=f"'lite9'; there are: .*{NAME}"):
        quantised_backbone("lite9")


def test_a_changed_one_is_refused(copied: Path) -> None:
    assert quantised_backbone(NAME).folder == copied
    file = copied / "features.bin"
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(QuantisedBackboneError, match=r"features\.bin was changed"):
        quantised_backbone(NAME)


def test_a_head_is_not_run_on_another_backbone_than_its_own(copied: Path, tmp_path: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text())
    (copied / "manifest.json").write_text(json.dumps(manifest))  # laid out otherwise
    shipped = shipped_version()
    with pytest.raises(QuantisedBackboneError, match="trained on another"):
        KerasHeadEngine(shipped)
    # What is served has its own copy.
    folder = tmp_path / "version"
    shutil.copytree(shipped.folder, folder)
    (folder / "manifest.json").unlink()
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    assert open_version(write_manifest(folder, "lite0", **fields).folder).serving_form.is_file()
