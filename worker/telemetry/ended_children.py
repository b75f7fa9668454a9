"""Metrics of child processes that have ended: summed up in one file of each kind."""

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_ENDED = "ended"
"""Stands in a file's name where others have the id of their process."""


class ChildrenCollector(MultiProcessCollector):
    """Collects from the files of all children, and keeps none of a child that has ended.

    Each child leaves a file for counters and one for histograms. They cannot only be removed: the
    sums would fall, which Prometheus takes for a restart, and count what remains a second time.

    Args:
        folder: of the files.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(None, str(folder))  # type: ignore[no-untyped-call]
        self._folder = folder
        # Two scrapes at a time would add up the same file twice.
        self._lock = Lock()

    def collect(self) -> "list[Metric]":
        """The sums over all children, those that have ended included."""
        with self._lock:
            for file in sorted(self._folder.glob("*_*.db")):
                kind, _, pid = file.stem.rpartition("_")
                if pid.isdecimal() and not _is_alive(int(pid)):
                    _add(file, self._folder / f"{kind}_{_ENDED}.db")
                    file.unlink()
            return list(super().collect())  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's: the id was given out again
        return False
    return True


def _add(source: Path, target: Path) -> None:
    ended = MmapedDict(str(source), read_mode=True)  # type: ignore[no-untyped-call]
    sums = MmapedDict(str(target))  # type: ignore[no-untyped-call]
    try:
        for key, value, timestamp in ended.read_all_values():  # type: ignore[no-untyped-call]
            before, _ = sums.read_value(key)  # type: ignore[no-untyped-call]
            sums.write_value(key, before + value, timestamp)  # type: ignore[no-untyped-call]
    finally:
        ended.close()  # type: ignore[no-untyped-call]
        sums.close()  # type: ignore[no-untyped-call]
