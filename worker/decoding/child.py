"""A decoding process as the worker holds it: started, asked, given up, ended."""

import json
import os
import signal
import socket
import subprocess
import sys

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError
from nophoto.models.subprocesses import python_module
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.limits import LONGEST
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.decoding.limits import DecodingLimits
from nophoto.worker.decoding.protocol import Form, FrameSocket

COMMAND = python_module("nophoto.worker.decoding.process")
"""Starts a decoding process; the numbers of two files and its limits follow."""

_LONGEST_FAILURE = 2**16
"""Bytes; what says more is no decoding process of ours."""

_OVERDUE = 5.0
"""Seconds beyond its limit after which a process is given up that the kernel has not ended: it may
sit in a file system that is gone."""

_ENDS_WITHIN = 1.0
"""Seconds that a process has to end by itself once its connection is closed."""


class DecoderError(NophotoError):
    """Decoding processes do not even start."""


class LostError(Exception):
    """A decoding process has ended, or says what none of ours does."""


class OverdueError(Exception):
    """A decoding process does not answer, and has not been ended by its own time limit."""


class DecodingProcess:
    """One decoding process, and the way to it.

    Args:
        limits: of it.
        turns: the file at whose lock large pictures take turns.
    """

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
                f"the process that decodes pictures ended {describe_ending(self.end())} at its "
                "start. Its reason is above; `python -m nophoto.worker.decoding.process` must work "
                "in this installation"
            ) from error
        self._wire.give_up_after(self._give_up_after)

    def ask(self, form: Form, data: bytes, size: int) -> NDArray[np.uint8]:
        """The picture in the file `data`, in a form and of a size as `Form` says.

        Raises:
            PictureError: if it cannot be decoded.
            LostError: if the process has ended.
            OverdueError: if it does not answer.
        """
        try:
            self._wire.send(size, form, data)
            height, width, length = self._wire.head()
            if length == height * width * 3 > 0 and _is_of(form, size, height, width):
                return self._wire.take_pixels(height, width)
            if length > _LONGEST_FAILURE:
                raise LostError
            code, message = json.loads(self._wire.take(length))
            raise PictureError(FailureCode(code), message)
        except BlockingIOError as error:
            raise OverdueError from error
        except (EOFError, OSError, ValueError) as error:
            raise LostError from error

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


def describe_ending(ending: int) -> str:
    """How a process ended, for people: its exit status, or the negative of a signal."""
    return f"by {signal.Signals(-ending).name}" if ending < 0 else f"with status {ending}"


def _is_of(form: Form, size: int, height: int, width: int) -> bool:
    """Whether a picture is no other than was asked for, whatever its sender makes of it."""
    if form is Form.SQUARE:
        return height == width == size
    longest = size if form is Form.COPY else LONGEST
    return 0 < height <= longest and 0 < width <= longest
