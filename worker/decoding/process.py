"""The process that decodes: it holds no secret and no connection, and may be lost at any moment.

`python -m nophoto.worker.decoding.process SOCKET TURNS LIMITS` serves the socket of that number
until the other end, which `nophoto.worker.decoding.child` holds, is closed. Large pictures take
turns at the lock of the file TURNS.
"""

import fcntl
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.gate import LARGE_IMAGE_LOCK
from nophoto.models.vision.pictures.prepare import bounded, load
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.protocol import Form, FrameSocket

_EXPENDABLE = "500"
"""Added to how willingly the kernel ends it when memory is short: before the worker itself."""

_LOOKED_EVERY = 0.05
"""Seconds, while another process decodes a large picture; those take longer."""


def serve(wire: FrameSocket, limits: DecodingLimits) -> None:
    """Answer requests until the other end closes, one after the other.

    A request is a size in pixels, a `Form` and the file. The answer is height, width and pixels, or
    0, 0 and a failure as JSON. Before all, a message of nothing says that it is ready.
    """
    _confine(limits)
    wire.send(0)
    with suppress(EOFError, ConnectionError):
        while True:
            size, form, length = wire.head()
            data = wire.take(length)
            signal.setitimer(signal.ITIMER_REAL, limits.seconds)
            try:
                pixels = _decoded(Form(form), data, size, limits.pictures)
            except PictureError as error:
                wire.send(0, 0, json.dumps([error.code.value, str(error)]).encode())
            else:
                height, width, _ = pixels.shape
                wire.send(height, width, pixels.data)
            signal.setitimer(signal.ITIMER_REAL, 0)


def _decoded(form: Form, data: bytes, size: int, limits: PictureLimits) -> NDArray[np.uint8]:
    if form is Form.COPY:
        return small_copy(data, size, limits)
    if form is Form.BOUNDED:
        return np.ascontiguousarray(bounded(decode(data, at_least=size, limits=limits)))
    return load(data, size, limits)


def small_copy(data: bytes, side: int, limits: PictureLimits) -> NDArray[np.uint8]:
    """The file in `data` for people, (height, width, 3) with `side` pixels on its longer side.

    Raises:
        PictureError: as of `nophoto.models.vision.pictures.load`.
    """
    image = decode(data, at_least=side, limits=limits)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return np.ascontiguousarray(image)


class _Turns:
    """A lock among processes, which the kernel lets go of when its holder ends."""

    def __init__(self, file: int) -> None:
        self._file = file

    def acquire(self, *, timeout: float) -> bool:
        """Whether it was got within `timeout` seconds."""
        deadline = monotonic() + timeout
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if monotonic() >= deadline:
                    return False
                sleep(_LOOKED_EVERY)
            else:
                return True

    def release(self) -> None:
        """Let the next one in."""
        fcntl.lockf(self._file, fcntl.LOCK_UN)


def _confine(limits: DecodingLimits) -> None:
    # A stop signal may reach all processes of the worker; this one ends with its socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # No Python handler: one would wait for a decoder that hangs.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It writes no file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with suppress(OSError):  # where there is no /proc
        Path("/proc/self/oom_score_adj").write_text(_EXPENDABLE)
    # The codecs write of every damage to it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def main(arguments: Sequence[str]) -> None:
    """Serve what the arguments of the command line name."""
    end, turns, limits = arguments
    LARGE_IMAGE_LOCK.turns = _Turns(int(turns))
    serve(FrameSocket(socket.socket(fileno=int(end))), DecodingLimits.parse(limits))


if __name__ == "__main__":
    main(sys.argv[1:])
