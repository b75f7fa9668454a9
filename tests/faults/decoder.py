"""The decoding process, with a decoder that a picture can end, hang or swell by how it ends."""

import ctypes
import os
import signal
import sys
from typing import Any

from nophoto.worker.decoding import process

CRASHES = b"ends every decoder"
HANGS = b"hangs every decoder"
SWELLS = b"fills every memory"

_BLOCK = 64 * 2**20


def _load(data: bytes, *args: Any) -> Any:
    if data.endswith(CRASHES):
        os.kill(os.getpid(), signal.SIGSEGV)
    if data.endswith(HANGS):
        # Unlike ctypes.CDLL it keeps the interpreter's lock.
        ctypes.PyDLL(None).sleep(3600)
    if data.endswith(SWELLS):
        _swell()
    return _original(data, *args)


def _swell() -> None:
    library = ctypes.CDLL(None)
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = [ctypes.c_size_t]
    # As a decoder in C that does not look at what it is given.
    while True:
        ctypes.memset(library.malloc(_BLOCK), 1, _BLOCK)


_original, process.load = process.load, _load

if __name__ == "__main__":
    process.main(sys.argv[1:])
