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


@pytest.mark.parametrize("instructions", ["SSE41", "AVX2", "AVX512_CORE", "AVX512_CORE_VNNI"])
def test_restricted_to_an_instruction_set_the_embeddings_stay(
    instructions: str, tmp_path: Path
) -> None:
    # Where the processor lacks a set, oneDNN takes the best one that it has.
    out = tmp_path / "embeddings.npy"
    command = [sys.executable, "-P", "-c", PROGRAM, str(out)]
    environment = os.environ | {"ONEDNN_MAX_CPU_ISA": instructions}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    restricted = np.load(out)
    version = shipped_version()
    here = load_engine(version).embed(parity_pixels(version.manifest.input_size))
    assert (restricted * here).sum(axis=1).min() >= LEAST
