"""The shipped network as Keras can run it: its head on the full backbone, in 32 bits."""

from typing import Any

from nophoto.models.vision import backbones
from nophoto.models.vision.backbones.quantised import quantised_backbone
from nophoto.models.vision.backbones.weights import WeightsError
from nophoto.models.vision.versions import ModelVersion


def full_network(version: ModelVersion) -> Any:
    """From pixels (n, size, size, 3) to embeddings, as fast as the shipped one is in Keras.

    Keras has no form of a backbone of 8 bits. This one's embeddings are others: the head was
    trained on the 8-bit features.
    """
    import keras

    from nophoto.models.vision.triplet import absence  # noqa: F401 -- a layer of ours, for Keras
    from nophoto.models.vision.triplet.head import join
    from nophoto.models.vision.triplet.pooling import build_features

    if version.keras_form.is_file():
        return keras.saving.load_model(version.keras_form, compile=False, safe_mode=True)
    full = backbones.backbone(quantised_backbone(version.manifest.backbone).manifest.backbone)
    size = version.manifest.input_size
    try:
        below = full.build(size)
    except WeightsError:  # where no package index is reached: as fast with any weights
        below = full.build(size, weights=None)
    features = build_features(below, full.levels, full.end)
    head = keras.saving.load_model(version.head_form, compile=False, safe_mode=True)
    return join(features, head)
