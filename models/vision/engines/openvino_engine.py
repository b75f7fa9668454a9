"""The serving engine: OpenVINO on the processor."""

from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np
from numpy.typing import NDArray

from nophoto.models.imports import left_out
from nophoto.models.processors import processors
from nophoto.models.vision.versions import ModelVersionError

# Its converter, which only an export uses, takes as long to import as all else of it.
with left_out("openvino.tools.ovc"):
    import openvino

_UNDER_WAY = 16
"""Pictures that `embed` has begun at most: enough that no stream waits for the next."""


class ServingFormError(ModelVersionError):
    """A file is no network that OpenVINO can run on this machine."""


@cache
def _core() -> openvino.Core:
    # One that is never given back. Each gives its thread a stack for signals and brings the one
    # before back when it goes; of two, the older of which has gone, the younger brings one back
    # that is no longer there, and the next signal ends the process (OpenVINO 2026.4).
    return openvino.Core()


class OpenVinoEngine:
    """An OpenVINO IR, compiled for this processor.

    Each thread embeds a picture of its own, one picture in an inference. That is as fast as the
    fastest batch, where threads that share one inference wait for each other at every layer; it
    takes the least memory; and the embedding is the same to the last bit whatever is embedded
    beside it and however many threads there are.

    Args:
        path: the `.xml` of the network; the `.bin` lies beside it.
        dimension: of an embedding.
        threads: that embed at the same time; 0 for one per processor.

    Raises:
        ServingFormError: if it cannot be compiled.
    """

    at_once = 1

    def __init__(self, path: Path, dimension: int, threads: int = 0) -> None:
        self._dimension = dimension
        streams = threads or processors()
        options = {
            "NUM_STREAMS": str(streams),
            "INFERENCE_NUM_THREADS": streams,
            # Processors with bfloat16 units would use them by default: three times as fast, but
            # embeddings, and with them verdicts, would depend on the machine (cosine 0.997).
            "INFERENCE_PRECISION_HINT": "f32",
        }
        try:
            network = _core().read_model(path)
            # Of a shape that it need not ask for at every layer, a network is a tenth faster.
            pictures = network.input(0).partial_shape
            pictures[0] = self.at_once
            network.reshape(pictures)
            self._network = _core().compile_model(network, "CPU", options)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise ServingFormError(
                f"OpenVINO cannot run {path} ({reason}). Train or export the model version again"
            ) from error
        self._idle: SimpleQueue[_Call] = SimpleQueue()

    def start(self, pixels: NDArray[np.uint8]) -> Callable[[], NDArray[np.float32]]:
        """Begin to embed pictures (n, size, size, 3); see `Engine.start`."""
        calls = [self._begin(picture) for picture in pixels]

        def finish() -> NDArray[np.float32]:
            embeddings = np.empty((len(calls), self._dimension), np.float32)
            for embedding, call in zip(embeddings, calls, strict=True):
                embedding[:] = call.finish()
                self._idle.put(call)
            return embeddings

        return finish

    def embed(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """From pictures (n, size, size, 3) to L2-normalised embeddings (n, dimension)."""
        under_way: deque[Callable[[], NDArray[np.float32]]] = deque()
        done = [np.empty((0, self._dimension), np.float32)]
        for picture in pixels[:, np.newaxis]:
            if len(under_way) == _UNDER_WAY:
                done.append(under_way.popleft()())
            under_way.append(self.start(picture))
        return np.concatenate([*done, *(finish() for finish in under_way)])

    def _begin(self, picture: NDArray[np.uint8]) -> "_Call":
        try:
            call = self._idle.get_nowait()
        except Empty:
            call = _Call(self._network.create_infer_request(), picture.shape, self._dimension)
        call.start(picture)
        return call


class _Call:
    """An inference that is used again, with memory of its own for one picture and its embedding.

    To copy a picture there takes some microseconds; to hand it over with every call takes
    OpenVINO's Python more than a hundred, a fortieth of what the network takes.
    """

    def __init__(
        self, request: openvino.InferRequest, shape: tuple[int, ...], dimension: int
    ) -> None:
        self._request = request
        # Networks of ours take whole numbers; one that takes others is given the same values.
        self._picture = np.empty((1, *shape), request.get_input_tensor().data.dtype)
        self._embedding = np.empty((1, dimension), np.float32)
        request.set_input_tensor(openvino.Tensor(self._picture, shared_memory=True))
        request.set_output_tensor(openvino.Tensor(self._embedding, shared_memory=True))

    def start(self, picture: NDArray[np.uint8]) -> None:
        self._picture[0] = picture
        self._request.start_async()

    def finish(self) -> NDArray[np.float32]:
        """The embedding, which the next `start` overwrites."""
        self._request.wait()
        embedding: NDArray[np.float32] = self._embedding[0]
        return embedding
