"""The serving engine: OpenVINO on the processor."""

from pathlib import Path

import numpy as np
import openvino
from numpy.typing import NDArray

BATCH = 4
"""Pictures in one inference, always: more of them gain no speed and cost memory.

Fewer would take another path through the dense layers and come out a rounding error apart, so that
a verdict's similarity would show what else was embedded with it.
"""


class OpenVinoEngine:
    """An OpenVINO IR, compiled for this processor.

    Args:
        path: the `.xml` of the network; the `.bin` lies beside it.
        dimension: of an embedding.
        threads: of one inference; 0 for one per processor.
    """

    def __init__(self, path: Path, dimension: int, threads: int = 0) -> None:
        self._dimension = dimension
        core = openvino.Core()
        options: dict[str, object] = {
            "PERFORMANCE_HINT": "LATENCY",
            # Processors with bfloat16 units would use them by default: three times as fast, but
            # embeddings, and with them verdicts, would depend on the machine (cosine 0.997).
            "INFERENCE_PRECISION_HINT": "f32",
        }
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        self._request = core.compile_model(path, "CPU", options).create_infer_request()

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""
        embeddings = np.empty((len(pixels), self._dimension), np.float32)
        for start in range(0, len(pixels), BATCH):
            some = pixels[start : start + BATCH]
            batch = np.zeros((BATCH, *some.shape[1:]), np.uint8)
            batch[: len(some)] = some
            embeddings[start : start + len(some)] = self._request.infer([batch])[0][: len(some)]
        return embeddings
