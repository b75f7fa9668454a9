"""Processes that run beside a worker in `nophoto up`, and stop with it."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nophoto.models.subprocesses import python_module

_TIMEOUT = 20.0
"""Seconds that one may take to stop; a webhook that is on its way is waited for."""


@contextmanager
def child_processes(commands: Sequence[str]) -> Iterator[None]:
    """`nophoto COMMAND` for each of `commands` while the block runs, with our own settings.

    Processes and not threads: the worker forks, and what they hold must not be in its children.
    """
    running = [
        subprocess.Popen(python_module("nophoto.jobs.cli", command))  # noqa: S603 -- our own
        for command in commands
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
