"""How many processors there are for this process.

The quota is read here and not by `loky.cpu_count`: that reads the root of the control groups' mount
alone. This is right in a container with a namespace of its own, but misses a systemd unit with
`CPUQuota=`, a pod in the host's namespace, and a parent's quota.
"""

import os
from collections.abc import Iterator, MutableMapping
from math import ceil
from pathlib import Path

PROC = Path("/proc/self")
"""Where the kernel describes this process."""

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
)
"""Numbers of threads of the libraries that see which processors there are, but no quota."""


def processors(proc: Path = PROC) -> int:
    """The number of processors that this process may use, at least 1.

    It is the least of the processors that the process is bound to, and the quotas of its control
    group and of that group's parents (cgroup v1 and v2), rounded up.

    Args:
        proc: where the kernel describes this process.
    """
    quota = min((ceil(share) for share in _quotas(proc)), default=None)
    available = _affinity()
    return available if quota is None else max(1, min(available, quota))


def limit_libraries(environment: MutableMapping[str, str] = os.environ, proc: Path = PROC) -> None:
    """Make BLAS, OpenMP and TensorFlow start as many threads as a quota allows.

    Call it before they are imported. What the operator has set stays, and without a quota nothing
    is set.

    Args:
        environment: of this process and of those that it starts.
        proc: where the kernel describes this process.
    """
    count = processors(proc)
    if count < _affinity():
        for variable in _THREAD_VARIABLES:
            environment.setdefault(variable, str(count))


def _affinity() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(proc: Path) -> Iterator[float]:
    """The shares, in processors, of the control groups that this process is in."""
    try:
        groups = (proc / "cgroup").read_text().splitlines()
        mounts = (proc / "mountinfo").read_text().splitlines()
    except OSError:
        return  # not Linux, or /proc is not mounted
    paths = {}
    for line in groups:
        _, controllers, path = line.split(":", 2)
        paths.update(dict.fromkeys(controllers.split(","), path))
    for line in mounts:
        before, _, after = line.partition(" - ")
        root, mount = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        # The unified hierarchy names no controllers: its line in `cgroup` is `0::/path`.
        controller = {"cgroup": "cpu", "cgroup2": ""}.get(kind)
        if controller not in paths or (controller and controller not in options.split(",")):
            continue
        for folder in _folders(Path(mount), root, paths[controller]):
            yield from _quota(folder)


def _folders(mount: Path, root: str, path: str) -> Iterator[Path]:
    """The group's folder and its parents', as far as the mount shows them."""
    inside = path.removeprefix(root.rstrip("/")).strip("/")
    folder = mount / inside
    if ".." in folder.parts or not folder.is_dir():
        folder = mount  # the group lies outside of what is mounted here
    yield folder
    while folder != mount:
        folder = folder.parent
        yield folder


def _quota(folder: Path) -> Iterator[float]:
    try:
        if (folder / "cpu.max").exists():
            quota, period = (folder / "cpu.max").read_text().split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text()
            period = (folder / "cpu.cfs_period_us").read_text()
    except OSError:
        return  # the root of a hierarchy has no quota, and another's folder cannot be read
    if quota.strip() not in ("max", "-1"):
        yield int(quota) / int(period)
