"""The version before judges on while the one that was promoted comes from its store."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.tables import RunState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import MANIFEST, ModelVersion, shipped_version, write_manifest
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.runs import request_rescore
from nophoto.worker.matching.active_judge import CHECKED_EVERY, ActiveJudge
from nophoto.worker.settings import Settings
from nophoto.worker.versions.object_store import BLOCK
from nophoto.worker.versions.prefetch import RETRIED_AFTER
from nophoto.worker.versions.registry import register_version, store_version
from tests.object_store import Bucket, Gate
from tests.parts import DECODERS, rescoring_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def promoted(
    database: Database, model: str, settings: Settings, bucket: Bucket, tmp_path: Path
) -> Callable[[], ModelVersion]:
    """Lets a version judge that another host put into the store."""
    folder = tmp_path / "trained"
    shutil.copytree(shipped_version().folder, folder)
    (folder / MANIFEST).unlink()
    fields: dict[str, Any] = shipped_version().manifest.model_dump(exclude={"id", "files"})
    fields |= {"threshold": 0.5, "review_low": 0.4, "review_high": 0.6}
    version = write_manifest(folder, "other", **fields)
    other = settings.model_copy(update={"home": tmp_path / "other", "versions": bucket.uri})
    register_version(database, *store_version(folder, other))

    def promote() -> ModelVersion:
        with database.transaction() as session:
            model_versions.activate(session, version.id)
        return version

    return promote


@pytest.fixture
def gate(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A shut one before the store, for who begins to read from now on."""
    gate = Gate(bucket.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", gate.url)
    yield gate
    gate.opened.set()
    gate.close()


def until(condition: Callable[[], object]) -> None:
    deadline = monotonic() + 60
    while not condition():
        assert monotonic() < deadline
        sleep(0.02)


def test_a_store_that_is_slow_holds_nothing_up(
    database: Database,
    settings: Settings,
    clock: Clock,
    promoted: Callable[[], ModelVersion],
    bucket: Bucket,
    gate: Gate,
) -> None:
    judge = ActiveJudge(database, settings, DECODERS, clock)
    before = judge.current()
    version = promoted()
    for _ in range(5):
        clock.seconds += CHECKED_EVERY
        assert judge.current() is before
    until(lambda: gate.asked)
    assert judge.version_id() == before.network.version.id

    gate.opened.set()

    def follows() -> bool:
        clock.seconds += CHECKED_EVERY
        return judge.current().network.version.id == version.id

    until(follows)
    size = len(bucket.get(f"{version.id}.zip"))
    assert gate.asked == size // BLOCK + 1  # once


def test_who_has_nothing_to_judge_fetches_ahead(
    database: Database,
    settings: Settings,
    clock: Clock,
    promoted: Callable[[], ModelVersion],
    gate: Gate,
) -> None:
    gate.opened.set()
    judge = ActiveJudge(database, settings, DECODERS, clock)
    before = judge.current()
    judge.fetch_ahead()
    assert gate.asked == 0
    version = promoted()
    judge.fetch_ahead()
    until((settings.fetched_folder / version.id).exists)
    assert judge.current() is before
    clock.seconds += CHECKED_EVERY

    def has_arrived() -> bool:
        clock.seconds += CHECKED_EVERY
        return judge.current().network.version.id == version.id

    until(has_arrived)


def test_a_copy_that_is_gone_is_fetched_again(
    database: Database,
    settings: Settings,
    clock: Clock,
    promoted: Callable[[], ModelVersion],
    gate: Gate,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate.opened.set()
    judge = ActiveJudge(database, settings, DECODERS, clock)
    before = judge.current().network.version
    version = promoted()

    def follows(wanted: ModelVersion) -> bool:
        clock.seconds += CHECKED_EVERY
        return judge.current().network.version.id == wanted.id

    # It was fetched, and its copy removed before it judged.
    judge.fetch_ahead()
    until((settings.fetched_folder / version.id).exists)
    until(lambda: not list(settings.fetched_folder.glob(".unfinished-*")))
    shutil.rmtree(settings.fetched_folder)
    until(lambda: follows(version))

    # And where it has judged before.
    with database.transaction() as session:
        model_versions.activate(session, before.id)
    assert follows(before)
    shutil.rmtree(settings.fetched_folder)
    caplog.clear()
    promoted()
    until(lambda: follows(version))
    assert "cannot be opened" not in caplog.text


def test_a_store_that_is_away_is_asked_again_and_named_each_time(
    database: Database,
    settings: Settings,
    clock: Clock,
    promoted: Callable[[], ModelVersion],
    bucket: Bucket,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate.close()
    judge = ActiveJudge(database, settings, DECODERS, clock)
    before = judge.current()
    version = promoted()

    def fails() -> bool:
        clock.seconds += CHECKED_EVERY
        assert judge.current() is before
        return "cannot be opened" in caplog.text

    with caplog.at_level(logging.ERROR):
        until(fails)
        assert f"{bucket.uri}/{version.id}.zip" in caplog.text
        caplog.clear()
        # Not at every look.
        failed_at = clock.seconds
        while clock.seconds + CHECKED_EVERY < failed_at + RETRIED_AFTER:
            assert not fails()
        until(fails)

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)

    def follows() -> bool:
        clock.seconds += CHECKED_EVERY
        return judge.current().network.version.id == version.id

    until(follows)


def test_a_rescoring_waits_for_the_version_that_it_is_by(
    database: Database,
    settings: Settings,
    promoted: Callable[[], ModelVersion],
    bucket: Bucket,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate.close()
    judge = ActiveJudge(database, settings, DECODERS)
    judge.current()
    app = create_app(settings)
    version = promoted()
    run_id = request_rescore(database, app, RescoreParameters(), "a test")
    for attempt in range(1, settings.max_attempts):
        # Another process each time: one that could not leaves it to others for a while.
        rescoring = rescoring_of(database, settings, app, judge)
        for _ in range(2):
            assert rescoring.step(run_id) == 0
            with database.reading() as session:
                left = runs.get(session, run_id)
            assert (left.state, left.attempts, left.error) == (RunState.QUEUED, attempt, None)
    rescoring = rescoring_of(database, settings, app, judge)
    rescoring.step(run_id)
    with database.reading() as session:
        failed = runs.get(session, run_id)
    assert failed.state == RunState.FAILED
    assert failed.error is not None
    assert "cannot be opened on this host" in failed.error
    assert f"nophoto runs resume {run_id}" in failed.error

    with database.transaction() as session:
        runs.resume(session, run_id)
    slow = Gate(bucket.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", slow.url)
    slow.opened.set()
    messages = 1
    while messages:
        messages += rescoring.step(run_id) - 1
    with database.reading() as session:
        done = runs.get(session, run_id)
    assert done.state == RunState.DONE
    assert done.result is not None
    assert done.result["model_version_id"] == version.id
    slow.close()


def test_a_host_that_cannot_open_the_version_leaves_a_rescoring_to_another(
    database: Database,
    settings: Settings,
    promoted: Callable[[], ModelVersion],
    bucket: Bucket,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    gate.close()
    judge = ActiveJudge(database, settings, DECODERS)
    judge.current()
    app = create_app(settings)
    version = promoted()
    run_id = request_rescore(database, app, RescoreParameters(), "a test")
    assert rescoring_of(database, settings, app, judge).step(run_id) == 0

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", bucket.url)
    there = settings.model_copy(update={"home": tmp_path / "there"})
    rescoring = rescoring_of(database, there, app)
    messages = 1
    while messages:
        messages += rescoring.step(run_id) - 1
    with database.reading() as session:
        done = runs.get(session, run_id)
    assert done.state == RunState.DONE
    assert done.result is not None
    assert done.result["model_version_id"] == version.id
