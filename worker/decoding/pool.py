"""Decoding in processes of their own: one that crashes, hangs or swells takes nothing with it."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
from threading import Lock
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.limits import LONGEST
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.protocol import Form, FrameSocket
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import limits_of

COMMAND = python_module("nophoto.worker.decoding.process")
"""Starts a decoding process; the numbers of two files and its limits follow."""

_TRIES = 2
"""A process may also be ended for what its picture has no part in."""

_MEMORY = 512 * 2**20
"""Bytes of address space that a process takes before its first picture, and some to spare."""

_BYTES_A_PIXEL = 24
"""At most, of a picture in the hungriest mode with the copies that its conversion makes."""

_LONGEST_FAILURE = 2**16
"""Bytes; what says more is no decoding process of ours."""

_OVERDUE = 5.0
"""Seconds beyond its limit after which a process is given up that the kernel has not ended: it may
sit in a file system that is gone."""

_ENDS_WITHIN = 1.0
"""Seconds that a process has to end by itself once its connection is closed."""

_log = logging.getLogger(__name__)


class DecoderError(NophotoError):
    """Decoding processes do not even start."""


class _LostError(Exception):
    """A decoding process has ended, or says what none of ours does."""


class _OverdueError(Exception):
    """A decoding process does not answer, and has not been ended by its own time limit."""


def decoders_of(settings: Settings) -> "Decoders":
    """Decoding processes under `settings`."""
    limits = limits_of(settings)
    memory = _MEMORY + limits.max_bytes + _BYTES_A_PIXEL * limits.max_pixels
    return Decoders(DecodingLimits(limits, settings.picture_timeout, memory))


class Decoders:
    """As many decoding processes as threads ask for pixels at the same time.

    Args:
        limits: of each.
    """

    def __init__(self, limits: DecodingLimits) -> None:
        self._limits = limits
        self._idle: list[_Decoder] = []
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
            except _OverdueError:
                decoder.abandon()
                self._note_end()
                _log.warning("a decoding process does not answer, and was given up")
                raise self._took_too_long() from None
            except _LostError:
                ending = decoder.end()
                self._note_end()
                _log.warning("a decoding process has ended: %s", _said(ending))
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

    def _take(self) -> "_Decoder":
        if not self._idle:
            with self._starting:
                pass  # those that start already are soon there
        try:
            return self._idle.pop()
        except IndexError:
            decoder = self._begin()
            self._wait_for_start(decoder)
            return decoder

    def _begin(self) -> "_Decoder":
        decoder = _Decoder(self._limits, self._turns.fileno())
        with self._counting:
            self._count += 1
        return decoder

    def _wait_for_start(self, decoder: "_Decoder") -> None:
        try:
            decoder.wait_for_start()
        except DecoderError:
            self._note_end()
            raise

    def _note_end(self) -> None:
        with self._counting:
            self._count -= 1


class _Decoder:
    """One decoding process, and the way to it."""

    def __init__(self, limits: DecodingLimits, turns: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*COMMAND, str(theirs.fileno()), str(turns), limits.dump()],
                pass_fds=(theirs.fileno(), turns),
                stdin=subprocess.DEVNULL,
                # Nothing else of the environment, which holds the passwords of the database and
                # the broker.
                env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        self._wire = FrameSocket(ours)
        self._give_up_after = limits.seconds + _OVERDUE

    def wait_for_start(self) -> None:
        """Wait until it takes pictures.

        Raises:
            DecoderError: if it ends instead.
        """
        try:
            self._wire.head()
        except (EOFError, OSError) as error:
            raise DecoderError(
                f"the process that decodes pictures ended {_said(self.end())} at its start. Its "
                "reason is above; `python -m nophoto.worker.decoding.process` must work in this "
                "installation"
            ) from error
        self._wire.give_up_after(self._give_up_after)

    def ask(self, form: Form, data: bytes, size: int) -> NDArray[np.uint8]:
        """The picture in the file `data`, in a form and of a size as `Form` says."""
        try:
            self._wire.send(size, form, data)
            height, width, length = self._wire.head()
            if length == height * width * 3 > 0 and _is_of(form, size, height, width):
                return self._wire.take_pixels(height, width)
            if length > _LONGEST_FAILURE:
                raise _LostError
            code, message = json.loads(self._wire.take(length))
            raise PictureError(FailureCode(code), message)
        except BlockingIOError as error:
            raise _OverdueError from error
        except (EOFError, OSError, ValueError) as error:
            raise _LostError from error

    def abandon(self) -> None:
        """Kill it, and do not wait for its end, which may never come."""
        self._wire.close()
        self._process.kill()

    def end(self) -> int:
        """Let it end, and return how it did: its exit status, or the negative of a signal."""
        self._wire.close()
        try:
            return self._process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


def _is_of(form: Form, size: int, height: int, width: int) -> bool:
    """Whether a picture is no other than was asked for, whatever its sender makes of it."""
    if form is Form.SQUARE:
        return height == width == size
    longest = size if form is Form.COPY else LONGEST
    return 0 < height <= longest and 0 < width <= longest


def _end(idle: list[_Decoder]) -> None:
    while idle:
        idle.pop().end()


def _said(ending: int) -> str:
    return f"by {signal.Signals(-ending).name}" if ending < 0 else f"with status {ending}"
