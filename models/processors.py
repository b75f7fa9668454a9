"""How many processors there are for this process."""

import os


def processors() -> int:
    """Those that this process may use: a container's share may be smaller than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
