from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nophoto.models.vision.engines.openvino_engine import ServingFormError
from nophoto.models.vision.versions import shipped_version
from nophoto.worker.inference.network import Network, opened_beside
from nophoto.worker.settings import Settings


def test_what_embeds_waits_for_a_network_that_opens(network: Network, settings: Settings) -> None:
    size = network.input_size
    pixels = np.random.default_rng(1).integers(0, 256, (3, size, size, 3), np.uint8)
    with opened_beside(network.version, settings) as opening:
        assert opening.engine.at_once == network.engine.at_once
        np.testing.assert_array_equal(opening.embed(pixels), network.embed(pixels))
    np.testing.assert_array_equal(opening.start(pixels)(), network.embed(pixels))


def test_a_network_that_does_not_open_is_told_at_the_end(
    tmp_path: Path, settings: Settings
) -> None:
    version = replace(shipped_version(), folder=tmp_path)
    done = []
    with (
        pytest.raises(ServingFormError, match=r"network\.xml"),
        opened_beside(version, settings) as opening,
    ):
        done.append(opening.dimension)
    assert done == [version.manifest.dimension]
