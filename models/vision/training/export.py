"""Exporting a network to its serving form, and checking that it stayed the same network."""

import errno
from pathlib import Path
from typing import Any

import keras
import numpy as np
import openvino
from numpy.typing import NDArray
from openvino.tools.ovc import convert_model

from nophoto.models.errors import NophotoError
from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine
from nophoto.models.vision.engines.parity import PARITY


class ParityError(NophotoError):
    """The serving form makes other embeddings than the network that was trained."""


def write_serving_form(network: keras.Model, path: Path) -> Path:
    """Write a network from pixels as OpenVINO IR that takes bytes, with weights of 16 bits.

    Args:
        network: from (n, size, size, 3) pixels in 0..255.
        path: of the `.xml`; its `.bin` is written beside it.

    Returns:
        `path`.

    Raises:
        OSError: if there is no room.
    """
    model = convert_model(network)
    model.reshape({0: [-1, *network.input_shape[1:]]})
    steps = openvino.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(openvino.Type.u8)
    try:
        openvino.save_model(steps.build(), path)
    except RuntimeError as error:
        # Its streams say that they failed, and not why.
        raise OSError(errno.EIO, f"OpenVINO says {error}", str(path)) from error
    return path


def write_stacked_form(backbone: Path, head: keras.Model, path: Path) -> Path:
    """Write a head that Keras trained onto the OpenVINO IR of a frozen network.

    The frozen part stays as it is, to the last bit; the head keeps numbers of 32 bits.

    Args:
        backbone: the `.xml` of the network from bytes of pixels to features.
        head: from features (n, values) to embeddings (n, dimension).
        path: of the `.xml`; its `.bin` is written beside it.

    Returns:
        `path`.

    Raises:
        OSError: if there is no room.
    """
    below = openvino.Core().read_model(backbone)
    above = convert_model(head)
    above.reshape({0: [-1, head.input_shape[1]]})
    features = below.output(0).get_node().input_value(0)
    above.input(0).replace(features)
    outputs = [result.input_value(0) for result in above.get_results()]
    stacked = openvino.Model(outputs, below.get_parameters(), "network")
    try:
        openvino.save_model(stacked, path, compress_to_fp16=False)
    except RuntimeError as error:
        raise OSError(errno.EIO, f"OpenVINO says {error}", str(path)) from error
    return path


def check_parity(
    trained: NDArray[np.floating[Any]], path: Path, pixels: NDArray[np.uint8]
) -> float:
    """The lowest cosine between what training makes of some pictures and the serving form.

    Args:
        trained: embeddings of the pictures by the trained network, (n, dimension).
        path: of the serving form.
        pixels: the pictures, (n, size, size, 3).

    Raises:
        ParityError: if it is below `PARITY`.
    """
    served = OpenVinoEngine(path, trained.shape[1]).embed(pixels)
    lowest = float((trained * served).sum(axis=1).min())
    if lowest < PARITY:
        raise ParityError(
            f"the serving form {path} is not the network that was trained: an embedding's cosine "
            f"is {lowest:.5f}, below {PARITY}. Report this as a defect, with the versions of "
            "OpenVINO and Keras"
        )
    return lowest
