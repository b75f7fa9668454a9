"""One engine on one form of a network, alone in a process: its speed, its memory, its embeddings.

Started by `benchmarks.engines`, with the engine's name, the form's file, a file of pixels, a file
for the embeddings, and the seconds to measure for.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil
from numpy.typing import NDArray

from nophoto.models.processors import processors

Embed = Callable[[NDArray[np.uint8]], NDArray[np.float32]]

_TIMED = 32
"""Pictures of one pass that is timed."""


def openvino(form: Path) -> Embed:
    """Ours: a picture in an inference, as many at a time as there are processors."""
    import openvino as ov

    from nophoto.models.vision.engines.openvino_engine import OpenVinoEngine

    dimension = ov.Core().read_model(form).output(0).partial_shape[1].get_length()
    return OpenVinoEngine(form, dimension).embed


def onnxruntime(form: Path) -> Embed:
    """ONNX Runtime, all processors in one inference of eight pictures."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = processors()
    session = ort.InferenceSession(form, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def embed(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = (pixels[n : n + 8].astype(np.float32) for n in range(0, len(pixels), 8))
        return np.concatenate([session.run(None, {name: part})[0] for part in parts])

    return embed


def litert(form: Path) -> Embed:
    """LiteRT with XNNPACK, all processors in an inference of one picture."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(form), num_threads=processors())
    interpreter.allocate_tensors()
    takes = interpreter.get_input_details()[0]["index"]
    gives = interpreter.get_output_details()[0]["index"]

    def embed(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        embeddings = []
        for picture in pixels:
            interpreter.set_tensor(takes, picture[np.newaxis].astype(np.float32))
            interpreter.invoke()
            embeddings.append(interpreter.get_tensor(gives)[0])
        return np.stack(embeddings)

    return embed


def tensorflow(form: Path) -> Embed:
    """Keras on TensorFlow, `predict` in batches of 32."""
    from nophoto.models.vision.engines.keras_engine import KerasEngine

    return KerasEngine(form).embed


ENGINES: dict[str, Callable[[Path], Embed]] = {
    "OpenVINO": openvino,
    "ONNX Runtime": onnxruntime,
    "LiteRT": litert,
    "TensorFlow": tensorflow,
}


def main(engine: str, form: str, pixels: str, embeddings: str, seconds: str) -> None:
    """Measure, write the embeddings, and print the figures as JSON."""
    pictures = np.load(pixels)
    embed = ENGINES[engine](Path(form))
    np.save(embeddings, embed(pictures))
    rates = []
    ends = perf_counter() + float(seconds)
    while perf_counter() < ends:
        started = perf_counter()
        embed(pictures[:_TIMED])
        rates.append(len(pictures[:_TIMED]) / (perf_counter() - started))
    memory = psutil.Process().memory_info().rss
    print(json.dumps({"rates": rates, "resident": memory}))


if __name__ == "__main__":
    main(*sys.argv[1:])
