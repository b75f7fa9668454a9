"""In which order the files are run, and what is run on one database only.

Half of the suite waits for systems and browsers, the other half computes. `make test` runs more
processes than there are cores, and takes a file of each half in turn, so that the cores are busy
while systems start, are killed and come back.
"""

from collections import defaultdict
from itertools import chain, zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).parent

WAITING = (
    # The longest first.
    "faults",
    "console/pages/test_pages.py",
    "e2e",
    "console",
    "jobs/cli/test_serve.py",
    "test_safe_path.py",
    "api",
    "jobs/demo",
    "jobs/training",
    "worker/notifications",
    "worker/concurrency",
    "worker/scheduler",
    "worker/storage",
    "worker/decoding",
)
"""Files and folders whose tests wait for other processes more than they compute."""

SAME_SQL = (
    "api/test_guard.py",
    "api/test_memory.py",
    "api/test_score.py",
    "jobs/curation/test_reference_check.py",
    "jobs/training/test_dataset.py",
    "jobs/versions/test_promotion_process.py",
    "worker/matching/test_active_judge.py",
    "worker/matching/test_allow_list.py",
    "worker/matching/test_collections.py",
    "worker/matching/test_reaches.py",
    "worker/notifications/test_celery_channel.py",
    "worker/retraining/test_retraining.py",
    "worker/scoring/test_quarantine.py",
    "worker/tasks/test_uploads.py",
    "worker/test_confinement.py",
    "worker/versions/test_shipped.py",
)
"""Files in which SQL is not the subject: their tests on PostgreSQL are marked `second_database`.

What they read and write by SQL has tests of its own on both databases, in models/records.
"""


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the second database, and put the files in order; a file's tests keep theirs."""
    files = defaultdict[str, list[pytest.Item]](list)
    for item in items:
        name = item.path.relative_to(ROOT).as_posix()
        files[name].append(item)
        parameters = getattr(item, "callspec", None)
        if name in SAME_SQL and parameters and "postgresql" in parameters.params.values():
            item.add_marker(pytest.mark.second_database)
    waiting = sorted((name for name in files if _rank(name) is not None), key=_rank)
    computing = [name for name in files if _rank(name) is None]
    in_turn = chain.from_iterable(zip_longest(waiting, computing))
    items[:] = [item for name in in_turn if name is not None for item in files[name]]


def _rank(name: str) -> int | None:
    ranks = (place for place, start in enumerate(WAITING) if f"{name}/".startswith(f"{start}/"))
    return next(ranks, None)
