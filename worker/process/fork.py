"""What a child must not keep of the process that forked it."""

import os
import socket
from contextlib import suppress
from pathlib import Path

_OPEN_FILES = (Path("/proc/self/fd"), Path("/dev/fd"))


def detach_inherited_sockets() -> None:
    """Let go of every connection that the parent had open to another process.

    As long as a child holds the parent's connection to the broker too, the kernel goes on telling
    the parent of it after the parent has closed it: a worker whose child had been replaced spun
    for ever when its broker went away, and never came back. Pipes and socket pairs, which lead to
    the parent itself, have a peer without a name and stay.
    """
    folder = next((path for path in _OPEN_FILES if path.is_dir()), None)
    names = os.listdir(folder) if folder else []  # noqa: PTH208
    with open(os.devnull, "r+b") as nothing:  # noqa: PTH123
        for descriptor in map(int, names):
            if _leads_elsewhere(descriptor):
                # Not closed: whatever object still has the number would close its next owner's.
                os.dup2(nothing.fileno(), descriptor, inheritable=False)


def _leads_elsewhere(descriptor: int) -> bool:
    with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as connection:
        return bool(connection.getpeername())
    return False
