"""Giving memory back to the machine."""

import ctypes

_MMAP_THRESHOLD = -3
_ARENA_MAX = -8
"""The names of the parameters in glibc's `malloc.h`."""

_LARGE = 2**20
"""Bytes: files of photographs are, a picture as the network takes it is not."""


def set_mmap_threshold() -> None:
    """Have large blocks go back to the machine as soon as they are freed, where glibc manages them.

    By itself it takes the first large block that is freed for a habit, and keeps such blocks for
    each of the threads that come and go: a worker that judged 12-megapixel JPEGs grew by 100 MB.
    """
    _set(_MMAP_THRESHOLD, _LARGE)


def limit_arenas(most: int = 2) -> None:
    """Have all threads share some arenas, where glibc manages them.

    By itself it gives each thread one of its own, up to eight for each processor, and each keeps
    what its thread has freed.
    """
    _set(_ARENA_MAX, most)


def _set(parameter: int, value: int) -> None:
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(parameter, value)
