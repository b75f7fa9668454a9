"""A quota on processors is seen, in each place where the kernel may write it down."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from nophoto.models.processors import limit_libraries, processors

AVAILABLE = len(os.sched_getaffinity(0))
V1 = "3:cpu,cpuacct:{group}\n2:memory:/elsewhere\n"
V2 = "0::{group}\n"


def make_host(folder: Path, cgroup: str, root: str, kind: str) -> tuple[Path, Path]:
    """A /proc/self, and the mount of the hierarchy that it names."""
    mount, proc = folder / "cgroup-mount", folder / "proc"
    mount.mkdir()
    proc.mkdir()
    (proc / "cgroup").write_text(cgroup)
    (proc / "mountinfo").write_text(
        "31 23 0:28 / /sys rw,relatime - sysfs sysfs rw\n"
        f"32 31 0:29 {root} {mount} rw,relatime shared:9 - {kind} source "
        f"{'rw,cpu,cpuacct' if kind == 'cgroup' else 'rw'}\n"
    )
    return mount, proc


def write_v1(folder: Path, quota: int, period: int = 100_000) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (folder / "cpu.cfs_period_us").write_text(f"{period}\n")


def write_v2(folder: Path, quota: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(f"{quota}\n")


@pytest.mark.parametrize(("quota", "expected"), [("max 100000", AVAILABLE), ("50000 100000", 1)])
def test_the_quota_of_a_container_with_a_namespace_of_its_own(
    tmp_path: Path, quota: str, expected: int
) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/"), "/", "cgroup2")
    write_v2(mount, quota)
    assert processors(proc) == expected


def test_the_quota_of_a_systemd_unit_lies_below_the_mount(tmp_path: Path) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/system.slice/a.service"), "/", "cgroup2")
    write_v2(mount / "system.slice/a.service", "100000 100000")
    assert processors(proc) == 1


def test_a_parents_quota_holds_for_its_children(tmp_path: Path) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/pod/container"), "/", "cgroup2")
    write_v2(mount / "pod/container", "max 100000")
    write_v2(mount / "pod", "20000 100000")
    assert processors(proc) == 1


@pytest.mark.parametrize(("quota", "expected"), [(-1, AVAILABLE), (100_000, 1)])
def test_the_quota_of_version_1(tmp_path: Path, quota: int, expected: int) -> None:
    group = "/docker/0123"
    mount, proc = make_host(tmp_path, V1.format(group=group), group, "cgroup")
    write_v1(mount, quota)
    assert processors(proc) == expected


def test_a_part_of_a_processor_is_rounded_up(tmp_path: Path) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/"), "/", "cgroup2")
    write_v2(mount, "100001 100000")
    assert processors(proc) == min(2, AVAILABLE)


def test_a_quota_above_what_there_is_gives_no_more(tmp_path: Path) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/"), "/", "cgroup2")
    write_v2(mount, "10000000 100000")
    assert processors(proc) == AVAILABLE


def test_without_control_groups_the_binding_counts(tmp_path: Path) -> None:
    assert processors(tmp_path / "not-there") == AVAILABLE


@pytest.mark.skipif(AVAILABLE < 2, reason="a quota below one processor is not to be seen here")
def test_libraries_that_see_no_quota_are_told(tmp_path: Path) -> None:
    mount, proc = make_host(tmp_path, V2.format(group="/"), "/", "cgroup2")
    environment = {"OMP_NUM_THREADS": "7"}
    write_v2(mount, "max 100000")
    limit_libraries(environment, proc)
    assert environment == {"OMP_NUM_THREADS": "7"}
    write_v2(mount, "100000 100000")
    limit_libraries(environment, proc)
    assert environment["OMP_NUM_THREADS"] == "7"
    assert environment["OPENBLAS_NUM_THREADS"] == environment["TF_NUM_INTRAOP_THREADS"] == "1"


@contextmanager
def quota_of_one() -> Iterator[Path]:
    """A real control group, of whatever version this machine has, with a quota of one processor."""
    for base, write in ((Path("/sys/fs/cgroup/cpu"), write_v1), (Path("/sys/fs/cgroup"), None)):
        group = base / f"nophoto-test-{uuid4().hex[:8]}"
        with suppress(OSError):
            group.mkdir()
            try:
                if write:
                    write(group, 100_000)
                else:
                    write_v2(group, "100000 100000")
                yield group
            finally:
                group.rmdir()
            return
    pytest.skip("THE QUOTA OF A REAL CONTROL GROUP IS NOT TESTED: this user may make none here")


@pytest.mark.skipif(AVAILABLE < 2, reason="a quota below one processor is not to be seen here")
def test_a_worker_in_a_real_control_group_takes_its_quota() -> None:
    program = (
        "import os, pathlib, sys\n"
        "pathlib.Path(sys.argv[1], 'cgroup.procs').write_text(str(os.getpid()))\n"
        "from nophoto.worker.settings import Settings\n"
        "print(Settings(_env_file=None).thread_count)"
    )
    with quota_of_one() as group:
        done = subprocess.run(
            [sys.executable, "-c", program, group], capture_output=True, text=True, check=True
        )
    assert done.stdout.strip() == "1"
