"""Decoding in processes of their own: one that crashes, hangs or swells takes nothing with it."""

import logging
import signal
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding.child import (
    DecoderError,
    DecodingProcess,
    LostError,
    OverdueError,
    describe_ending,
)
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.protocol import Form
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import limits_of

_TRIES = 2
"""A process may also be ended for what its picture has no part in."""

_MEMORY = 512 * 2**20
"""Bytes of address space that a process takes before its first picture, and some to spare."""

_BYTES_A_PIXEL = 24
"""At most, of a picture in the hungriest mode with the copies that its conversion makes."""

_log = logging.getLogger(__name__)


def decoders_of(settings: Settings) -> "Decoders":
    """Decoding processes under `settings`."""
    limits = limits_of(settings)
    memory = _MEMORY + limits.max_bytes + _BYTES_A_PIXEL * limits.max_pixels
    return Decoders(DecodingLimits(limits, settings.picture_timeout, memory))


def start_beside(settings: Settings) -> Future[None]:
    """Start a decoding process in a thread, and end it: only to see whether this host can.

    The result raises DecoderError if it does not start.
    """
    beside = ThreadPoolExecutor(1, "decoding-check")
    starting = beside.submit(decoders_of(settings).start)
    beside.shutdown(wait=False)
    return starting


class Decoders:
    """As many decoding processes as threads ask for pixels at the same time.

    Args:
        limits: of each.
    """

    def __init__(self, limits: DecodingLimits) -> None:
        self._limits = limits
        self._idle: list[DecodingProcess] = []
        self._count = 0
        self._counting = Lock()
        self._starting = Lock()
        # Large pictures take turns at its lock, which goes with the process that holds it.
        self._turns = tempfile.TemporaryFile()  # noqa: SIM115
        finalize(self, _end, self._idle)

    def load(self, data: bytes, size: int) -> NDArray[np.uint8]:
        """The file in `data` as (size, size, 3) pixels; any thread may call it.

        Raises:
            PictureError: as of `nophoto.models.vision.pictures.load`; or `crashed` or `timeout`
                where the picture ended the process.
            DecoderError: if no process starts.
        """
        return self._ask(Form.SQUARE, data, size)

    def small_copy(self, data: bytes, side: int) -> NDArray[np.uint8]:
        """The file in `data` for people, (height, width, 3) with `side` pixels on its longer side.

        Raises:
            PictureError, DecoderError: as of `load`.
        """
        return self._ask(Form.COPY, data, side)

    def bounded_copy(self, data: bytes, at_least: int) -> NDArray[np.uint8]:
        """The file in `data` as training changes it, (height, width, 3), at most `LONGEST` a side.

        Raises:
            PictureError, DecoderError: as of `load`.
        """
        return self._ask(Form.BOUNDED, data, at_least)

    def _ask(self, form: Form, data: bytes, size: int) -> NDArray[np.uint8]:
        for _ in range(_TRIES):
            decoder = self._take()
            try:
                pixels = decoder.ask(form, data, size)
            except PictureError:
                self._idle.append(decoder)
                raise
            except OverdueError:
                decoder.abandon()
                self._note_end()
                _log.warning("a decoding process does not answer, and was given up")
                raise self._took_too_long() from None
            except LostError:
                ending = decoder.end()
                self._note_end()
                _log.warning("a decoding process has ended: %s", describe_ending(ending))
                if ending == -signal.SIGALRM:
                    raise self._took_too_long() from None
            else:
                self._idle.append(decoder)
                return pixels
        raise PictureError(
            FailureCode.CRASHED,
            "the picture ended the process that decoded it, twice; send it in another format",
        )

    def _took_too_long(self) -> PictureError:
        return PictureError(
            FailureCode.TIMEOUT,
            f"decoding the picture took more than {self._limits.seconds:g} seconds; send a smaller "
            "one, or raise NOPHOTO_PICTURE_TIMEOUT",
        )

    def start(self, count: int = 1) -> None:
        """Have `count` processes for those that ask, of which some may be decoding already.

        Raises:
            DecoderError: if one does not start.
        """
        with self._starting:
            starting = [self._begin() for _ in range(count - self._count)]
            for decoder in starting:
                self._wait_for_start(decoder)
                self._idle.append(decoder)

    def _take(self) -> DecodingProcess:
        if not self._idle:
            with self._starting:
                pass  # those that start already are soon there
        try:
            return self._idle.pop()
        except IndexError:
            decoder = self._begin()
            self._wait_for_start(decoder)
            return decoder

    def _begin(self) -> DecodingProcess:
        decoder = DecodingProcess(self._limits, self._turns.fileno())
        with self._counting:
            self._count += 1
        return decoder

    def _wait_for_start(self, decoder: DecodingProcess) -> None:
        try:
            decoder.wait_for_start()
        except DecoderError:
            self._note_end()
            raise

    def _note_end(self) -> None:
        with self._counting:
            self._count -= 1


def _end(idle: list[DecodingProcess]) -> None:
    while idle:
        idle.pop().end()
