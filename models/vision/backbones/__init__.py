"""The backbones: ImageNet networks, without their classifier, on which an embedding is learnt.

Every backbone takes pixels as the loader gives them, (n, size, size, 3) RGB in 0..255; its own
preprocessing is its first layer, so that training and serving cannot differ in it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from nophoto.models.errors import NophotoError

if TYPE_CHECKING:
    import keras

Weights = Literal["imagenet"] | None
"""Where a network's first weights come from: ImageNet, or chance."""


class UnknownBackboneError(NophotoError):
    """No backbone of that name is registered."""


@dataclass(frozen=True)
class Backbone:
    """One entry of the registry.

    Attributes:
        name: what recipes and model versions call it.
        alias: the short form that begins the id of a model version.
        feature_dimension: channels of its last feature map.
        frozen_until: the last layer that training leaves as ImageNet made it.
        levels: layers whose maps are pooled by mean and deviation where all of it stays frozen.
        end: the deepest layer that is pooled there too; what lies behind it tells ImageNet's
            classes apart, and absence no better.
        input_size: height and width of the pictures that its weights were trained on, in pixels.
    """

    name: str
    alias: str
    feature_dimension: int
    frozen_until: str
    levels: tuple[str, ...]
    end: str
    input_size: int = 224

    def build(
        self,
        input_size: int | None = None,
        weights: Weights = "imagenet",
        cache: Path | None = None,
    ) -> "keras.Model":
        """A Keras model from (n, input_size, input_size, 3) pixels to a feature map.

        Args:
            input_size: height and width of the pictures, in pixels; None for the backbone's own.
            weights: "imagenet", fetched into `cache` where they are not there yet, or None.
            cache: folder of converted weights; None for the user's own.

        Raises:
            WeightsError: if the weights are neither in the cache nor to be fetched.
        """
        from nophoto.models.vision.backbones import efficientnet_lite0, resnet50
        from nophoto.models.vision.backbones.weights import load_weights

        builders = {
            "efficientnet-lite0": efficientnet_lite0.build,
            "resnet50": resnet50.build,
        }
        model = builders[self.name](input_size or self.input_size)
        if weights == "imagenet":
            load_weights(model, self.name, cache)
        return model


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            "efficientnet-lite0",
            "lite0",
            1280,
            frozen_until="block4_3_add",
            levels=("block2_2_add", "block3_2_add", "block5_3_add", "block6_4_add"),
            end="block7_1_project_bn",
        ),
        Backbone(
            "resnet50",
            "resnet50",
            2048,
            frozen_until="conv5_block1_out",
            levels=("conv3_block4_out", "conv4_block6_out"),
            end="conv5_block3_out",
        ),
    )
}


def backbone(name: str) -> Backbone:
    """The registered backbone of that name.

    Raises:
        UnknownBackboneError: which lists the names there are.
    """
    if name not in BACKBONES:
        raise UnknownBackboneError(f"no backbone {name!r}; there are: {', '.join(BACKBONES)}")
    return BACKBONES[name]
