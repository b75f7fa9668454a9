"""Reads the weights of a TensorFlow.js layers model: a `model.json` beside binary shards."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_weights(folder: Path) -> dict[str, NDArray[np.float32]]:
    """The float32 weights by name, as `layer/weight`.

    Args:
        folder: holds `model.json` and the shards that its manifest names.

    Raises:
        ValueError: if a weight is not float32, or the shards hold fewer bytes than promised.
    """
    weights = {}
    for group in json.loads((folder / "model.json").read_text())["weightsManifest"]:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        offset = 0
        for weight in group["weights"]:
            if weight["dtype"] != "float32" or "quantization" in weight:
                raise ValueError(f"{folder}: {weight['name']} is not plain float32")
            count = int(np.prod(weight["shape"]))
            array = np.frombuffer(data, "<f4", count, offset)
            weights[weight["name"]] = array.reshape(weight["shape"])
            offset += 4 * count
    return weights
