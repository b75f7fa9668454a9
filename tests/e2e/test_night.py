"""A night: two schedulers ask for the rescoring once, a worker does it, the platform is told."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nophoto.models.records import references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import (
    Channel,
    Job,
    Lane,
    RunKind,
    ScheduledRun,
    ScheduledRunOutcome,
)
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Verdict


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_nights_rescoring_is_asked_for_once_done_and_told(
    installed: Database,
    environment: dict[str, str],
    start_worker: Callable[..., Any],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    pictures: Path,
    tmp_path: Path,
) -> None:
    (pictures / "tile.webp").write_bytes(shipped_references()[0].data)
    with installed.transaction() as session:
        add_uploads(session, [NewUpload("tile", str(pictures / "tile.webp"))], Lane.BULK)
    # Every verdict may be turned over: there is one.
    start_worker(NOPHOTO_RESCORE_GUARD="1")
    until(lambda: rows()["tile"].verdict == Verdict.PLACEHOLDER)

    now = datetime.now(UTC)
    due = (now - timedelta(hours=1)).replace(second=0, microsecond=0)
    with installed.transaction() as session:
        # The night's rescoring has something to change, and somebody to tell.
        references.retire(session, [member.id for member in references.active(session).members])
        outbox.subscribe(session, [Channel.WEBHOOK])
        yesterday = due - timedelta(days=1)
        session.add(
            ScheduledRun(
                job=Job.RESCORE, due_at=yesterday, outcome=ScheduledRunOutcome.FIRST, at=now
            )
        )
    night = {"NOPHOTO_RESCORE_AT": f"{due:%H:%M}", "NOPHOTO_PRUNE_AT": ""}
    with ExitStack() as stack:
        for _ in range(2):
            beat = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "nophoto.jobs.cli", "beat"],
                    env=os.environ | environment | night,
                    cwd=tmp_path,
                )
            )
            stack.callback(beat.kill)

        until(lambda: rows()["tile"].verdict == Verdict.REAL)
    with installed.reading() as session:
        (run,) = runs.list_runs(session, limit=10)
        told = notices.find(session, dead=False, limit=10)
    assert run.kind == RunKind.RESCORE
    assert [(each.event["data"]["key"], each.event["data"]["verdict"]) for each in told] == [
        ("tile", "real")
    ]
