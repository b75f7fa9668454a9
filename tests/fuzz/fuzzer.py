"""Mutated files through the loader, in a child process under limits."""

import multiprocessing
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

import numpy as np

from tests.fuzz.mutations import mutate, seeds

HANGS_AFTER = 20.0
"""Seconds for one file, the worker's own patience."""

MEMORY = 3 << 30
"""Bytes of address space that the child may take."""

_PIXELS = 4_000_000
"""A lower limit than the worker's spares time; what lies beyond it is refused all the same."""

_BLOCK = 500


@dataclass
class Found:
    """What became of the files.

    Attributes:
        outcomes: how many came to pixels, and to each code.
        crashes, hangs: files that ended the child, or held it for too long.
        escapes: files on which something else was raised, and what.
        peak: bytes of resident memory that the pictures added to the child.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    crashes: list[bytes] = field(default_factory=list)
    hangs: list[bytes] = field(default_factory=list)
    escapes: list[tuple[str, bytes]] = field(default_factory=list)
    slowest: float = 0.0
    peak: int = 0

    @property
    def is_clean(self) -> bool:
        return not (self.crashes or self.hangs or self.escapes)


def fuzz(
    count: int,
    seed: int,
    extra: Path | None = None,
    on_progress: Callable[[int], object] = lambda _: None,
) -> Found:
    """Load `count` mutated files; a child that dies is replaced, and the file is kept."""
    files = seeds()
    if extra is not None and extra.is_dir():
        files += [p.read_bytes() for p in sorted(extra.rglob("*")) if _is_small_file(p)]
    found = Found()
    child = _Child()
    for start in range(0, count, _BLOCK):
        rng = np.random.default_rng([seed, start])
        for _ in range(min(_BLOCK, count - start)):
            data = mutate(rng, files)
            outcome, seconds = child.load(data)
            found.outcomes[outcome.partition(":")[0]] += 1
            found.slowest = max(found.slowest, seconds)
            if outcome in ("crash", "hang"):
                (found.crashes if outcome == "crash" else found.hangs).append(data)
                child = _Child()
            elif outcome.startswith("escape"):
                found.escapes.append((outcome, data))
        on_progress(min(start + _BLOCK, count))
    found.peak = child.end()
    return found


def _is_small_file(path: Path) -> bool:
    return path.is_file() and path.stat().st_size < 200_000


class _Child:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        assert self._ours.poll(60)
        self._ours.recv()

    def load(self, data: bytes) -> tuple[str, float]:
        started = monotonic()
        try:
            self._ours.send_bytes(data or b"\0")
            if not self._ours.poll(HANGS_AFTER):
                self.kill()
                return "hang", monotonic() - started
            return str(self._ours.recv()), monotonic() - started
        except (EOFError, OSError):
            self._process.join()
            return "crash", monotonic() - started

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def end(self) -> int:
        self._ours.send_bytes(b"end")
        peak = int(self._ours.recv())
        self._process.join()
        return peak


def _serve(pipe: Connection) -> None:
    from nophoto.models.vision.pictures import PictureError, PictureLimits
    from nophoto.models.vision.pictures.prepare import load

    # The codecs write of every damage to it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    limits = PictureLimits(max_pixels=_PIXELS)
    # A forked child begins with all that its parent holds.
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    pipe.send("ready")
    while (data := pipe.recv_bytes()) != b"end":
        try:
            pixels = load(data, 64, limits)
            outcome = "pixels" if pixels.shape == (64, 64, 3) else f"escape: {pixels.shape}"
        except PictureError as error:
            outcome = error.code.value
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is a finding
            outcome = f"escape: {type(error).__name__}: {error}"[:300]
        pipe.send(outcome)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    pipe.send(peak * (1 if sys.platform == "darwin" else 1024))
