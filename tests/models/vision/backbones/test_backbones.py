"""The registry, and the networks as they are built, without weights."""

import keras
import numpy as np
import pytest

from nophoto.models.errors import NophotoError
from nophoto.models.vision.backbones import BACKBONES, UnknownBackboneError, backbone
from nophoto.models.vision.backbones.resnet50 import CAFFE_MEAN, EPSILON


@pytest.fixture(scope="module", params=BACKBONES)
def built(request: pytest.FixtureRequest) -> tuple[str, keras.Model]:
    return request.param, backbone(request.param).build(64, weights=None)


def test_a_name_gives_its_backbone() -> None:
    assert {name: backbone(name).name for name in BACKBONES} == {name: name for name in BACKBONES}
    assert len({entry.alias for entry in BACKBONES.values()}) == len(BACKBONES)


def test_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(
        UnknownBackboneError, match=r"vgg16.*efficientnet-lite0, resnet50"
    ) as raised:
        backbone("vgg16")
    assert isinstance(raised.value, NophotoError)


def test_pixels_become_a_map_of_the_stated_channels(built: tuple[str, keras.Model]) -> None:
    name, model = built
    assert model.input_shape == (None, 64, 64, 3)
    assert model.output_shape == (None, 2, 2, backbone(name).feature_dimension)


def test_the_last_frozen_layer_is_there(built: tuple[str, keras.Model]) -> None:
    name, model = built
    names = [layer.name for layer in model.layers]
    last = names.index(backbone(name).frozen_until)
    assert 0 < last < len(names) - 1


@pytest.mark.parametrize(("name", "parameters"), [("efficientnet-lite0", 3_413_024)])
def test_lite0_has_as_many_parameters_as_the_original(name: str, parameters: int) -> None:
    assert backbone(name).build(64, weights=None).count_params() == parameters


def test_lite0_scales_pixels_to_one() -> None:
    preprocess = backbone("efficientnet-lite0").build(64, weights=None).get_layer("preprocess")
    pixels = np.array([0, 127, 255], np.float32).reshape(1, 1, 1, 3)
    assert np.allclose(np.asarray(preprocess(pixels)), [[[[-127 / 128, 0, 1]]]])


def test_resnet50_subtracts_the_means_from_pixels_up_to_255() -> None:
    model = backbone("resnet50").build(64, weights=None)
    pixels = np.full((1, 1, 1, 3), 255, np.float32)
    found = np.asarray(model.get_layer("preprocess")(pixels))[0, 0, 0]
    assert np.allclose(found, 255 - np.array(CAFFE_MEAN), atol=1e-4)
    norms = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert {layer.epsilon for layer in norms} == {EPSILON}
