"""The shipped network as Keras can run it: its head on the full backbone, in 32 bits."""

from typing import Any

from benchmarks.backbone_weights import build_for_speed
from nophoto.models.vision import backbones
from nophoto.models.vision.backbones.quantised import quantised_backbone
from nophoto.models.vision.versions import ModelVersion


def full_network(version: ModelVersion) -> Any:
    """From pixels (n, size, size, 3) to embeddings, as fast as the shipped one is in Keras.

    Keras has no form of a backbone of 8 bits. This one's embeddings are others: the head was
    trained on the 8-bit features.
    """
    import keras

    from nophoto.models.vision.triplet import absence  # noqa: F401 -- a layer of ours, for Keras
    from nophoto.models.vision.triplet.head import join

    if version.keras_form.is_file():
        return keras.saving.load_model(version.keras_form, compile=False, safe_mode=True)
    full = backbones.backbone(quantised_backbone(version.manifest.backbone).manifest.backbone)
    features = build_for_speed(full, version.manifest.input_size)
    head = keras.saving.load_model(version.head_form, compile=False, safe_mode=True)
    return join(features, head)
