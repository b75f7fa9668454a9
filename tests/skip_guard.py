"""In CI a test that is skipped fails the run, unless its reason is listed here.

A suite that skips what it cannot reach stays green when a program or a right is lost.
"""

import os
import re
from typing import Any

import pytest

ALLOWED = (
    # What a container without privileges does not have.
    r"NO SEVERAL HOSTS HERE",
    r"NO SLOW AND LOSSY LINK HERE",
    r"NO (GIT|HISTORY) HERE",
    r"FULL DISKS ARE NOT TESTED",
    r"THE QUOTA OF A REAL CONTROL GROUP IS NOT TESTED",
    r"a quota below one processor is not to be seen here",
    r"this file system takes both names for one",
    # Programs that no package of the image has.
    r"THE KUSTOMIZATION IS NOT BUILT",
    r"NO PROMTOOL HERE",
    r"there is no (rsvg-convert|npm|word list)",
    r"NO AZURE BLOB STORAGE HERE",
    # No registry of packages is reached.
    r"NOT TESTED, the weights of .* are out of reach",
    r"the weights cannot be fetched",
    # Not a gap: the case does not exist for this parameter.
    r"rows are made by PostgreSQL",
    r"the shipped version has a cohort",
)

_unlisted: list[str] = []


def is_allowed(reason: str) -> bool:
    """Whether a test may be skipped in CI for this reason."""
    return any(re.search(pattern, reason) for pattern in ALLOWED)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if not is_allowed(reason):
            _unlisted.append(f"{report.nodeid}: {reason.removeprefix('Skipped: ')}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("CI") and _unlisted and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if os.environ.get("CI") and _unlisted:
        terminalreporter.section("skipped, and not listed in tests/skip_guard.py", red=True)
        for line in _unlisted:
            terminalreporter.line(line)
