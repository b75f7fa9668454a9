"""The embedding head: from a backbone's feature map to a vector of length 1."""

from collections.abc import Sequence

import keras
from keras import layers

from nophoto.models.vision.triplet.absence import AbsenceAxis


def build_head(
    feature_shape: tuple[int | None, ...],
    dimension: int,
    hidden: Sequence[int] = (512,),
    dropout: float = 0.0,
    batch_norm: bool = True,
    name: str = "head",
) -> keras.Model:
    """Global average pooling, dense layers with batch normalisation, L2 normalisation.

    Args:
        feature_shape: of one picture's features: a map (height, width, channels), or (channels,)
            where they were pooled before.
        dimension: of the embedding.
        hidden: widths of the dense layers before the last; each has a ReLU.
        dropout: share of the features, and of every hidden layer's values, that a step of the
            training leaves out.
        batch_norm: of the features and of every hidden layer's values; a training of few steps does
            better without.
        name: of the model.

    Returns:
        A model from (n, *feature_shape) to (n, dimension).
    """
    inputs = keras.Input(feature_shape, name="features")
    x = inputs
    if len(feature_shape) == 3:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
    if batch_norm:
        # Features of different depths differ in size by orders of magnitude.
        x = layers.BatchNormalization(center=False, scale=False, name="features_bn")(x)
    for number, width in enumerate(hidden, start=1):
        x = layers.Dropout(dropout)(x)
        x = layers.Dense(width, activation="relu", name=f"hidden_{number}")(x)
        if batch_norm:
            x = layers.BatchNormalization(name=f"hidden_{number}_bn")(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(dimension, name="projection")(x)
    outputs = layers.UnitNormalization(name="embedding")(x)
    return keras.Model(inputs, outputs, name=name)


def build_level_head(
    features: int, dimension: int, hidden: int, dropout: float, absence_weight: float
) -> keras.Model:
    """The head that `LevelLoss` trains: an axis of absence beside a direction, of length 1.

    Its cosines are ``w * cosine of the axes + (1 - w) * cosine of the directions``.

    Args:
        features: of one picture.
        dimension: of the embedding, two numbers of it for the axis.
        hidden: width of the dense layer that both share.
        dropout: share of the features and of the hidden values that a step leaves out.
        absence_weight: w, from 0 to 1.

    Returns:
        A model from (n, features) to (n, dimension).
    """
    inputs = keras.Input((features,), name="features")
    # Features of different depths differ in size by orders of magnitude.
    x = layers.BatchNormalization(center=False, scale=False, name="features_bn")(inputs)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(hidden, activation="relu", name="hidden")(x)
    x = layers.BatchNormalization(name="hidden_bn")(x)
    x = layers.Dropout(dropout)(x)
    axis = AbsenceAxis(name="absence")(layers.Dense(1, name="absence_logit")(x))
    direction = layers.UnitNormalization(name="direction")(
        layers.Dense(dimension - 2, name="projection")(x)
    )
    parts = [axis * absence_weight**0.5, direction * (1 - absence_weight) ** 0.5]
    return keras.Model(inputs, layers.Concatenate(name="embedding")(parts), name="head")


def build_embedding(
    backbone: keras.Model, dimension: int, hidden: Sequence[int] = (512,)
) -> keras.Model:
    """The whole network, `join(backbone, build_head(...))` with a new head."""
    return join(backbone, build_head(backbone.output_shape[1:], dimension, hidden))


def join(backbone: keras.Model, head: keras.Model) -> keras.Model:
    """The network from pixels to embeddings of a backbone and a head that fits its output.

    Both keep their weights and stay shared with the network.
    """
    return keras.Model(backbone.input, head(backbone.output), name=f"{backbone.name}-embedding")
