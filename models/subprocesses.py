"""Python programs that we start, none of which imports what lies in the current folder.

`python -m` and `python -c` put the current folder first on their path: started in a folder of
uploads, they would run a `grp.py` from there. Every child process of ours starts by this module.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

_SAFE_PATH = "PYTHONSAFEPATH"


def python_module(module: str, *arguments: str) -> tuple[str, ...]:
    """The command that runs `module` as a program, as `python -m` does, on a safe path."""
    return (sys.executable, "-P", "-m", module, *arguments)


@contextmanager
def spawned_processes(count: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of fresh Python processes on a safe path; nothing is forked.

    Args:
        count: how many processes work at once.

    Yields:
        The pool. Its processes start with the first call that it is given.
    """
    before = os.environ.get(_SAFE_PATH)
    # `multiprocessing` hands on `-P` only if this process has it; a variable reaches them in any
    # case, and their resource tracker too.
    os.environ[_SAFE_PATH] = "1"
    try:
        with ProcessPoolExecutor(count, get_context("spawn")) as pool:
            yield pool
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before
