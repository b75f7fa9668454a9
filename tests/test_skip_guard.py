"""A skipped test fails the run in CI, unless its reason is listed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [("chromium was lost", "1", 1), ("chromium was lost", "", 0), ("there is no npm", "1", 0)],
)
def test_a_skip_in_ci_fails_the_run_unless_it_is_listed(
    tmp_path: Path, reason: str, ci: str, status: int
) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import pytest\n\ndef test_it():\n    pytest.skip({reason!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.skip_guard", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == status, done.stdout + done.stderr
    assert ("not listed in tests/skip_guard.py" in done.stdout) == bool(status)
