"""Model versions that change under load: workers follow, and no chunk is judged by two."""

import shutil
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.notifications import outbox
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Channel, Lane, Score, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import MANIFEST, ModelVersion, shipped_version, write_manifest
from nophoto.models.vocabulary import FailureCode
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.matching.active_judge import CHECKED_EVERY
from nophoto.worker.settings import Settings
from nophoto.worker.versions.registry import registration
from tests.faults.audit import audit

SWAPS = 5
PORTION = 4


@pytest.fixture
def other(installed: Database, settings: Settings) -> ModelVersion:
    """A registered version that embeds otherwise than the shipped one, with another threshold."""
    folder = settings.versions_folder / "other"
    shutil.copytree(shipped_version().folder, folder)
    (folder / MANIFEST).unlink()
    weights = np.fromfile(folder / "network.bin", np.float16)
    some = slice(-200_000, -100_000)
    weights[some] += np.random.default_rng(0).normal(0, 0.05, 100_000).astype(np.float16)
    weights.tofile(folder / "network.bin")
    fields: dict[str, Any] = shipped_version().manifest.model_dump(exclude={"id", "files"})
    fields |= {"threshold": 0.5, "review_low": 0.4, "review_high": 0.6}
    version = write_manifest(folder, "other", **fields)
    with installed.transaction() as session:
        model_versions.register(session, registration(version, str(folder)))
    return version


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_versions_are_swapped_under_load(
    installed: Database,
    settings: Settings,
    other: ModelVersion,
    start_worker: Callable[..., Any],
    make_pictures: Callable[[int], dict[str, str]],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
) -> None:
    with installed.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])  # what the platform is told is audited too
    worker = start_worker(NOPHOTO_PICTURE_TIMEOUT="30")
    worker.wait_for_line("ready")
    family = {process.pid for process in worker.processes}
    app = create_app(settings)
    uris = make_pictures(240)
    items = [NewUpload(key, uri) for key, uri in uris.items()]
    pair = [other.id, shipped_version().id]

    def done() -> int:
        ended = (UploadState.JUDGED, UploadState.FAILED)
        return sum(row.state in ended for row in rows().values())

    def activate(version_id: str) -> None:
        with installed.transaction() as session:
            model_versions.activate(session, version_id)

    # A stream that lasts longer than a worker takes to look for another version.
    portions = [items[start : start + PORTION] for start in range(0, len(items), PORTION)]
    every = len(portions) // SWAPS
    for number, portion in enumerate(portions):
        ingest_uploads(installed, app, portion, Lane.BULK, 16)
        if number % every == every // 3:
            activate(pair[number // every % 2])
        sleep(1.5 * CHECKED_EVERY / every)
    until(lambda: done() == len(items), 120, worker.log.read_text)

    expected: dict[str, FailureCode | None] = {}
    digests = {}
    for number, (key, uri) in enumerate(uris.items()):
        failure = {0: FailureCode.UNREADABLE, 1: FailureCode.MISSING}.get(number % 10)
        expected[key] = failure
        if failure is None:
            digests[key] = sha256(Path(uri).read_bytes()).hexdigest()
    found = audit(installed, expected, digests, [])
    assert found.is_clean, found

    by_chunk: dict[object, set[str]] = defaultdict(set)
    with installed.reading() as session:
        for at, version_id in session.execute(select(Score.at, Score.model_version_id)):
            by_chunk[at].add(version_id)
    assert all(len(versions) == 1 for versions in by_chunk.values())
    assert set().union(*by_chunk.values()) == set(pair)

    # The last one is followed without a restart; the promise is ten seconds, on a quiet machine.
    activate(shipped_version().id)
    activate(other.id)
    number = 0

    def follows() -> bool:
        nonlocal number
        number += 1
        key = f"late {number}"
        ingest_uploads(installed, app, [NewUpload(key, uris["key 2"])], Lane.INTERACTIVE, 1)
        until(lambda: rows()[key].state == UploadState.JUDGED, explain=worker.log.read_text)
        return rows()[key].model_version_id == other.id

    until(follows)
    # What judged at the start still does; decoders come and go.
    assert family <= {process.pid for process in worker.processes}
