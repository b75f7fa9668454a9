"""The shipped network makes the same embeddings whatever instructions the processor has."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.engines.parity import parity_pixels
from nophoto.models.vision.versions import shipped_version

LEAST = 0.9999

PROGRAM = """
import sys
import numpy as np
from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.engines.parity import parity_pixels
from nophoto.models.vision.versions import shipped_version
version = shipped_version()
np.save(sys.argv[1], load_engine(version).embed(parity_pixels(version.manifest.input_size)))
"""

KERNELS = """
import openvino
from nophoto.models.vision.versions import shipped_version
network = openvino.Core().compile_model(shipped_version().serving_form, "CPU")
for node in network.get_runtime_model().get_ops():
    about = node.get_rt_info()
    if "layerType" in about and about["layerType"].astype(str) == "Convolution":
        print(about["primitiveType"].astype(str))
"""


@pytest.mark.parametrize(
    "instructions", ["SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI", "AVX512_CORE_AMX"]
)
def test_restricted_to_an_instruction_set_the_embeddings_stay(
    instructions: str, tmp_path: Path
) -> None:
    # Where the processor lacks a set, oneDNN takes the best one that it has.
    out = tmp_path / "embeddings.npy"
    _run(instructions, PROGRAM, str(out))
    restricted = np.load(out)
    version = shipped_version()
    here = load_engine(version).embed(parity_pixels(version.manifest.input_size))
    assert (restricted * here).sum(axis=1).min() >= LEAST


@pytest.mark.parametrize(
    ("instructions", "newer"),
    [("AVX2", "avx512"), ("AVX512_CORE_VNNI", "amx")],
)
def test_the_restriction_is_one(instructions: str, newer: str) -> None:
    # Else the test above would compare a processor with itself.
    kernels = _run(instructions, KERNELS).split()
    assert kernels
    assert not [kernel for kernel in kernels if newer in kernel]


def _run(instructions: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-c", *arguments],
        env=os.environ | {"ONEDNN_MAX_CPU_ISA": instructions},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
