"""Three hosts with homes of their own: one brings versions, two judge by what lies in S3."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nophoto.jobs.cli import app as command_line
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Lane, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vision.versions import MANIFEST, ModelVersion, shipped_version, write_manifest
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.settings import Settings
from nophoto.worker.settings import settings as read_settings
from tests.object_store import SECRET, Bucket, Gate


@pytest.fixture
def other(tmp_path: Path) -> ModelVersion:
    """The shipped network with a threshold of its own."""
    folder = tmp_path / "trained"
    shutil.copytree(shipped_version().folder, folder)
    (folder / MANIFEST).unlink()
    fields: dict[str, Any] = shipped_version().manifest.model_dump(exclude={"id", "files"})
    return write_manifest(
        folder, "other", **(fields | {"threshold": 0.5, "review_low": 0.4, "review_high": 0.6})
    )


@pytest.fixture
def environment(environment: dict[str, str], bucket: Bucket) -> dict[str, str]:
    """As every host has it; each has a home of its own."""
    return environment | {"NOPHOTO_VERSIONS": f"{bucket.uri}/versions"}


@pytest.fixture
def engineer(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Result]]:
    """Runs `nophoto` on a host that no worker runs on."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / "engineer"))

    def run(*arguments: object) -> Result:
        read_settings.cache_clear()
        return CliRunner().invoke(command_line, list(map(str, arguments)))

    yield run
    read_settings.cache_clear()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_hosts_follow_a_promotion_without_a_folder_that_they_share(
    installed: Database,
    settings: Settings,
    other: ModelVersion,
    bucket: Bucket,
    engineer: Callable[..., Result],
    start_worker: Callable[..., Any],
    make_pictures: Callable[[int], dict[str, str]],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    app = create_app(settings)
    picture = make_pictures(3)["key 2"]
    gate = Gate(bucket.url)
    homes = [tmp_path / "first", tmp_path / "second"]
    first = start_worker(NOPHOTO_HOME=str(homes[0]), AWS_ENDPOINT_URL_S3=gate.url)
    first.wait_for_line("ready")
    number = 0

    def judged_by() -> str | None:
        nonlocal number
        number += 1
        key = f"upload {number}"
        ingest_uploads(installed, app, [NewUpload(key, picture)], Lane.INTERACTIVE, 1)
        until(lambda: rows()[key].state == UploadState.JUDGED, explain=first.log.read_text)
        return rows()[key].model_version_id

    assert engineer("model", "import", other.folder).exit_code == 0
    assert bucket.keys == [f"versions/{other.id}.zip"]
    done = engineer("model", "promote", other.id, "--force", "--reason", "a trial")
    assert done.exit_code == 0, done.output

    # The store answers nobody: the version before judges on.
    until(lambda: gate.asked, explain=first.log.read_text)
    assert judged_by() == shipped_version().id
    gate.opened.set()
    until(lambda: judged_by() == other.id, explain=first.log.read_text)
    assert (homes[0] / "fetched-versions" / other.id).is_dir()

    # A host that comes later fetches it before it forks; and once it has it, needs no store.
    gate.close()
    first.stop()
    for url in (bucket.url, gate.url):
        second = start_worker(NOPHOTO_HOME=str(homes[1]), AWS_ENDPOINT_URL_S3=url)
        second.wait_for_line("ready")
        assert judged_by() == other.id
        second.stop()

    # Without either it works on nothing, and says why.
    third = start_worker(NOPHOTO_HOME=str(tmp_path / "third"), AWS_ENDPOINT_URL_S3=gate.url)
    assert third.process.wait(90) == 1
    log = third.log.read_text()
    assert f"{bucket.uri}/versions/{other.id}.zip" in log
    assert SECRET not in log
    assert "Traceback" not in log

    assert engineer("model", "rollback").exit_code == 0
    with installed.reading() as session:
        active = model_versions.active(session)
    assert active is not None
    assert active.id == shipped_version().id
