"""One network in the forms that engines take: as it was trained, and quantised to 8 bits."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import openvino
from numpy.typing import NDArray

from nophoto.models.vision.training.export import write_serving_form

Pixels = NDArray[np.uint8]


def write_forms(
    network: keras.Model, calibration: Pixels, folder: Path
) -> Iterator[tuple[str, Path]]:
    """Write `network` for each engine, and yield its name and its file.

    Args:
        network: from (n, size, size, 3) pixels in 0..255.
        calibration: pictures (n, size, size, 3) by which numbers are fitted into 8 bits.
        folder: where to.
    """
    logging.getLogger("nncf").setLevel(logging.ERROR)
    network(np.zeros((1, *network.input_shape[1:]), np.float32))  # ONNX's export wants it called
    network.save(folder / "network.keras")
    yield "TensorFlow", folder / "network.keras"
    serving = write_serving_form(network, folder / "network.xml")
    yield "OpenVINO", serving
    yield "OpenVINO int8", _openvino_int8(serving, calibration, folder / "int8.xml")
    network.export(folder / "network.onnx", format="onnx", verbose=False)
    yield "ONNX Runtime", folder / "network.onnx"
    yield "ONNX Runtime int8", _onnx_int8(folder / "network.onnx", calibration)
    network.export(folder / "network.tflite", format="litert", verbose=False)
    yield "LiteRT", folder / "network.tflite"
    yield "LiteRT int8", _litert_int8(network, calibration, folder / "int8.tflite")


def _openvino_int8(serving: Path, calibration: Pixels, path: Path) -> Path:
    import nncf

    model = openvino.Core().read_model(serving)
    pictures = nncf.Dataset([picture[np.newaxis] for picture in calibration])
    quantised = nncf.quantize(model, pictures, subset_size=len(calibration))
    openvino.save_model(quantised, path)
    return path


def _onnx_int8(form: Path, calibration: Pixels) -> Path:
    from onnxruntime import InferenceSession
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static

    name = InferenceSession(form, providers=["CPUExecutionProvider"]).get_inputs()[0].name

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Gives the pictures one by one."""

        def __init__(self) -> None:
            self._rest = iter(calibration)

        def get_next(self) -> dict[str, Any] | None:
            """The next one, or None."""
            picture = next(self._rest, None)
            return None if picture is None else {name: picture[np.newaxis].astype(np.float32)}

    path = form.with_name("int8.onnx")
    quantize_static(form, path, Reader(), quant_format=QuantFormat.QDQ, per_channel=True)
    return path


def _litert_int8(network: keras.Model, calibration: Pixels, path: Path) -> Path:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: (
        [picture[np.newaxis].astype(np.float32)] for picture in calibration
    )
    path.write_bytes(converter.convert())
    return path
