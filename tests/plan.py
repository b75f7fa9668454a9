"""In which order the files are run, which run together, and what is run on one database only.

Half of the suite waits for systems and browsers, the other half computes. `make test` runs more
processes than there are cores, and takes a file of each half in turn, so that the cores are busy
while systems start, are killed and come back.
"""

from collections import defaultdict
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).parent

WAITING = (
    # The longest first.
    "faults",
    "console/pages/test_entry.py",
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

TOGETHER = (
    (
        "console/pages/test_entry.py",
        "console/pages/test_judge_page.py",
        "console/pages/test_review_page.py",
        "console/pages/test_references_page.py",
        "console/pages/test_allow_list_page.py",
        "console/pages/test_queue_page.py",
        "console/pages/test_models_page.py",
        "console/pages/test_every_page.py",
        "console/pages/test_two_moderators.py",
    ),
    (
        "console/pages/test_shared_work.py",
        "console/pages/test_accessible.py",
        "console/pages/test_tries.py",
        "console/pages/test_uploads.py",
        "console/pictures/test_routes.py",
        "console/auth/test_one_collection.py",
        "console/auth/test_roles.py",
        "console/auth/test_login.py",
        "console/test_sub_path.py",
        "console/auth/test_current_user.py",
    ),
)
"""Files that run one after the other in one process: they share what takes long to start.

The first ones find it as if it had just been started.
"""

SAME_SQL = (
    "api/test_guard.py",
    "api/test_memory.py",
    "api/test_score.py",
    "faults/test_audit.py",
    "jobs/curation/test_reference_check.py",
    "jobs/curation/test_shared_queue.py",
    "jobs/rescoring/test_runs.py",
    "jobs/training/test_dataset.py",
    "jobs/training/test_leased_run.py",
    "jobs/versions/test_promotion_process.py",
    "worker/inference/test_network.py",
    "worker/matching/test_active_judge.py",
    "worker/matching/test_allow_list.py",
    "worker/matching/test_collections.py",
    "worker/matching/test_reaches.py",
    "worker/notifications/test_celery_channel.py",
    "worker/notifications/test_relay.py",
    "worker/retraining/test_retraining.py",
    "worker/scoring/test_pipeline.py",
    "worker/scoring/test_quarantine.py",
    "worker/scoring/test_releasing.py",
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
    files = defaultdict[tuple[str, ...], list[pytest.Item]](list)
    for item in items:
        name = item.path.relative_to(ROOT).as_posix()
        files[together(name)].append(item)
        parameters = getattr(item, "callspec", None)
        if name in SAME_SQL and parameters and "postgresql" in parameters.params.values():
            item.add_marker(pytest.mark.second_database)
    for names, own in files.items():
        if len(names) > 1:
            own.sort(key=lambda item: names.index(item.path.relative_to(ROOT).as_posix()))
    waiting = sorted((names for names in files if _rank(names[0]) is not None), key=_rank_of_first)
    computing = [names for names in files if _rank(names[0]) is None]
    in_turn = chain.from_iterable(zip_longest(waiting, computing))
    items[:] = [item for names in in_turn if names is not None for item in files[names]]


class _Scheduler(LoadFileScheduling):
    """Gives a process whole files, and those that run together at once."""

    def _split_scope(self, nodeid: str) -> str:
        path = Path(super()._split_scope(nodeid))
        return together(path.relative_to(ROOT.name).as_posix())[0]


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is off, nobody asks
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """Distribute the tests over the processes."""
    return _Scheduler(config, log)


def together(name: str) -> tuple[str, ...]:
    """The files that run with a file of this name, itself among them."""
    return next((names for names in TOGETHER if name in names), (name,))


def _rank_of_first(names: tuple[str, ...]) -> int:
    rank = _rank(names[0])
    assert rank is not None
    return rank


def _rank(name: str) -> int | None:
    ranks = (place for place, start in enumerate(WAITING) if f"{name}/".startswith(f"{start}/"))
    return next(ranks, None)
