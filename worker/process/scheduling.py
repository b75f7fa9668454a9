"""How the kernel shares the processors among threads."""

import os
from contextlib import suppress


def let_threads_work_on() -> None:
    """Have threads and processes that start from now on wait for their turn when they wake up.

    By default one that wakes up interrupts another. Of a process that judges, that is mostly the
    network, four times a picture, and its data leave the caches. On a machine that has a processor
    to spare nothing waits longer. Call it in the main thread, before others start.
    """
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):  # where a sandbox does not allow it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
