"""A file that kills its decoder, and the decoder that it kills.

No file is known that kills today's Pillow, so a `sitecustomize.py` stands in for such a fault:
Python imports it at its start, and it wraps `PIL.Image.open` so that a file which holds `BOOM` ends
the process that opens it.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image

BOOM = b"BOOM-DECODER"
"""Put after the end of a picture, where decoders do not look."""

_SITECUSTOMIZE = f"""
import os, signal
from PIL import Image

def kill(file, *args, **kwargs):
    if {BOOM!r} in file.getvalue():
        os.kill(os.getpid(), signal.SIGKILL)
    return original(file, *args, **kwargs)

original, Image.open = Image.open, kill
"""


def boom() -> bytes:
    """A JPEG that kills its decoder where the stand-in is; a sound photograph elsewhere."""
    pixels = np.random.default_rng(4).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue() + BOOM


def write_stand_in(folder: Path) -> Path:
    """Write the stand-in, and return the folder that a process needs on its path for it."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_SITECUSTOMIZE)
    return folder
