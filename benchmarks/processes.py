"""What a process and its children hold in memory."""

import psutil


def resident(pid: int) -> int:
    """Bytes that are resident in a process and its children now; what they share counts once.

    None in a process that has ended.
    """
    held = 0
    try:
        family = [parent := psutil.Process(pid), *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            held += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return held
