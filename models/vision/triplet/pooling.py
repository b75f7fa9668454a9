"""Pooling of a frozen backbone at several depths, as features for a dense head."""

from collections.abc import Sequence

import keras
from keras import KerasTensor, layers, ops


def build_features(backbone: keras.Model, levels: Sequence[str], end: str) -> keras.Model:
    """The network from pixels to pooled features.

    The map of `end` is averaged. Of the maps of `levels`, which lie less deep, the mean and
    the standard deviation are taken: how even a picture is says much about whether it is a tile,
    and the map of `end` no longer tells.

    Args:
        backbone: from pixels to a feature map (n, height, width, channels).
        levels: names of its layers, in order of depth.
        end: name of a deeper layer; what lies behind it is left out.

    Returns:
        A model from the backbone's input to (n, features), which shares its weights.
    """
    pooled: list[KerasTensor] = []
    for name in levels:
        level = backbone.get_layer(name).output
        pooled += [layers.GlobalAveragePooling2D()(level), ops.std(level, axis=(1, 2))]
    pooled.append(layers.GlobalAveragePooling2D()(backbone.get_layer(end).output))
    features = layers.Concatenate(name="features")(pooled)
    return keras.Model(backbone.inputs, features, name=f"{backbone.name}-features")
