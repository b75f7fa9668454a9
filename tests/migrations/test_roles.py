from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from nophoto import migrations
from nophoto.jobs.uploads.erase import erase
from nophoto.models.records import clock, collections, references, runs, scheduled_runs
from nophoto.models.records.collections import CollectionRow
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.scoring import workers
from nophoto.models.records.scoring.workers import Presence
from nophoto.models.records.tables import Channel, Job, Lane, RunKind, ScheduledRunOutcome
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.worker.maintenance.erasures import complete_erasures
from nophoto.worker.maintenance.pruning import prune
from nophoto.worker.rescoring.cohort import refresh_cohort
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.parts import pipeline_of

SCRIPT = Path(migrations.__file__).with_name("roles.sql")


def sign_in(database: Database, role: str) -> Database:
    """The same database as a role that the script makes."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as owner:
        for _ in range(2):
            owner.execute(SCRIPT.read_text())
        owner.execute(f"ALTER ROLE {role} LOGIN")
    restricted = database.engine.url.set(drivername="postgresql", username=role)
    return Database(restricted.render_as_string(hide_password=False))


def refuses(database: Database, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        database.transaction() as session,
    ):
        session.execute(text(statement))


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_role_of_workers_judges_and_can_do_no_harm(database: Database) -> None:
    install_shipped(database)
    worker = sign_in(database, "nophoto_worker")
    with worker.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK])
        ids = add_uploads(session, [NewUpload("a", "/nowhere")], Lane.BULK).ids
    settings = Settings(_env_file=None)
    report = pipeline_of(worker, settings).score_chunk(ids)
    assert report.written == 1
    with worker.transaction() as session:
        (notice,) = notices.claim(session, Channel.WEBHOOK, 10, 60)
    with worker.transaction() as session:
        notices.settle(session, [notice.id], [])
        assert scheduled_runs.take(
            session, Job.RESCORE, clock.now(session), ScheduledRunOutcome.SENT
        )
        workers.arrive(session, Presence("host", 7, ["bulk"]))
        workers.leave(session, "host", 7)
    with worker.transaction() as session:
        # Another picture under a known key, and one that is refused.
        sent = [NewUpload("a", "/elsewhere"), NewUpload("", "/nowhere")]
        assert add_uploads(session, sent, Lane.BULK).replaced == 1
    erase(database, settings, ["a"], by="owner")
    complete_erasures(worker, settings)
    with database.transaction() as session:
        collections.add(session, CollectionRow("short", uploads_days=1e-9), by="owner")
    with worker.transaction() as session:
        add_uploads(session, [NewUpload("old", "/old", collection="short")], Lane.BULK)
    pruned = prune(worker, settings)
    assert (pruned.is_done, pruned.uploads) == (True, 1)
    refresh_cohort(worker)
    with worker.transaction() as session:
        member = references.active(session).members[0].id
        assert references.quarantine(session, [member], by="guard") == [member]
        references.note_calibration(session)
    for statement in (
        "DELETE FROM audit",
        "UPDATE audit SET details = '{}'",
        "UPDATE reviews SET verdict = 'real'",
        "UPDATE collections SET false_positive_rate = 1",
        "UPDATE scores SET similarity = 0",
        "UPDATE \"references\" SET kind = 'own'",
        "INSERT INTO \"references\" (digest, name) VALUES ('x', 'y')",
        "UPDATE model_versions SET active = false",
        "INSERT INTO reviews (upload_id, verdict, reviewer, at) VALUES (1, 'real', 'x', now())",
        "TRUNCATE embeddings",
        "SELECT password_hash FROM users",
        "SELECT digest FROM api_keys",
        "DROP TABLE uploads",
        "DELETE FROM slots",
        "DELETE FROM subscriptions",
        "CREATE TABLE mine (id int)",
    ):
        refuses(worker, statement)
    worker.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_role_of_training_workers_makes_versions_known_and_judges_nothing(
    database: Database,
) -> None:
    install_shipped(database)
    trainer = sign_in(database, "nophoto_trainer")
    with trainer.transaction() as session:
        run_id = runs.request(session, RunKind.RETRAIN, {})
        claimed = runs.claim(session, run_id, 60)
        shipped = model_versions.active(session)
        assert claimed is not None
        assert shipped is not None
        runs.report_progress(session, claimed.token, {"done": 1})
        fields = {name: getattr(shipped, name) for name in NewModelVersion.__slots__}
        model_versions.register(session, NewModelVersion(**fields | {"id": "lite0-00000000"}))
        model_versions.activate(session, "lite0-00000000")
        assert runs.finish(session, claimed.token, {})
        workers.arrive(session, Presence("host", 7, ["training"]))
    for statement in (
        "UPDATE uploads SET verdict = NULL",
        "INSERT INTO reviews (upload_id, verdict, reviewer, at) VALUES (1, 'real', 'x', now())",
        "UPDATE promotions SET by = ''",
        "DELETE FROM model_versions",
        "CREATE TABLE mine (id int)",
    ):
        refuses(trainer, statement)
    trainer.close()
