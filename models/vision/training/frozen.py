"""The part of a network that training leaves as it is: run by OpenVINO, its results kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import keras
import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.backbones import backbone
from nophoto.models.vision.backbones.quantised import (
    QuantisedBackbone,
    quantised_backbone,
    quantised_names,
)
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.matching.kinds import kind_of_drawing
from nophoto.models.vision.pictures.decoder import Decoder
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.references.pixels import shipped_pixels
from nophoto.models.vision.training.activations import ActivationCache, network_digest
from nophoto.models.vision.training.export import write_serving_form
from nophoto.models.vision.training.features import Features, compute_features
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.reporting import Reporter
from nophoto.models.vision.training.samples import Sample
from nophoto.models.vision.triplet.pooling import build_features
from nophoto.models.vocabulary import DEFAULT_KIND_MODES, KindMode


@dataclass(frozen=True, slots=True)
class FrozenNetwork:
    """A frozen network, ready to compute.

    Attributes:
        form: its OpenVINO IR, from pixels (n, size, size, 3) to activations (n, values).
        size: height and width of the pictures that it takes, in pixels.
        engine: runs it, several times as fast on a processor as Keras.
        decoder: decodes the files that it is given.
        cache: of what it made of pictures; None where nothing is kept.
        network: as Keras built it; None for a quantised one, which Keras has not.
    """

    form: Path
    size: int
    engine: OpenVinoEngine
    decoder: Decoder
    cache: ActivationCache | None
    network: keras.Model | None = None

    @classmethod
    def of(
        cls,
        network: keras.Model,
        name: str,
        scratch: Path,
        decoder: Decoder,
        activations: Path | None,
    ) -> Self:
        """Freeze and export a network.

        Args:
            network: from pixels to activations.
            name: of what its weights do not tell, for the cache.
            scratch: a folder for the exported form.
            decoder: decodes the files that it is given.
            activations: a folder in which activations are kept; None to keep nothing.

        Raises:
            ActivationCacheError: if `activations` cannot be read or written.
        """
        network.trainable = False
        path = write_serving_form(network, scratch / "frozen.xml")
        cache = ActivationCache(activations, network_digest(network, name)) if activations else None
        engine = OpenVinoEngine(path, network.output_shape[1])
        return cls(path, int(network.input_shape[1]), engine, decoder, cache, network)

    @classmethod
    def quantised(
        cls, backbone: QuantisedBackbone, decoder: Decoder, activations: Path | None
    ) -> Self:
        """A quantised backbone, which is frozen and exported already.

        Raises:
            ActivationCacheError: if `activations` cannot be read or written.
        """
        manifest = backbone.manifest
        cache = ActivationCache(activations, backbone.digest) if activations else None
        engine = OpenVinoEngine(backbone.form, manifest.features)
        return cls(backbone.form, manifest.input_size, engine, decoder, cache)

    def compute(self, stage: str, samples: Sequence[Sample], reporter: Reporter) -> Features:
        """The activations of samples; `reporter` is told of each, as of the stage named.

        Raises:
            ActivationCacheError: if the cache cannot be read or written.
        """
        computed = compute_features(
            samples,
            self.engine,
            self.size,
            self.decoder,
            lambda done, total: reporter.on_picture(stage, done, total),
            self.cache,
        )
        for path, reason in computed.unreadable.items():
            reporter.on_unreadable(path, reason)
        return computed

    def references(self) -> NDArray[np.float16]:
        """The activations of the shipped references, (references, values)."""
        return self.engine.embed(shipped_pixels(self.size)).astype(np.float16)


def pooled_backbone(
    recipe: Recipe, scratch: Path, decoder: Decoder, activations: Path | None
) -> FrozenNetwork:
    """The recipe's backbone, pooled at its depths: a quantised one, or a full one of ImageNet.

    Raises:
        UnknownBackboneError: if the recipe names none that is registered.
        QuantisedBackboneError: if a quantised one was changed.
        WeightsError: if the weights cannot be had.
        ActivationCacheError: if `activations` cannot be read or written.
    """
    if recipe.backbone in quantised_names():
        return FrozenNetwork.quantised(quantised_backbone(recipe.backbone), decoder, activations)
    chosen = backbone(recipe.backbone)
    features = build_features(chosen.build(recipe.input_size), chosen.levels, chosen.end)
    name = f"{chosen.name}, pooled at {', '.join(chosen.levels)} and {chosen.end}"
    return FrozenNetwork.of(features, name, scratch, decoder, activations)


def claiming_references() -> NDArray[np.bool_]:
    """Which of the shipped references claim more than their copies where nothing is set, (n,)."""
    modes = [
        DEFAULT_KIND_MODES.get(kind_of_drawing(item.kind), KindMode.ON)
        for item in shipped_references()
    ]
    return np.array([mode == KindMode.ON for mode in modes], np.bool_)
