from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

import migrations
from models.records.database import Database
from models.records.tables import Lane
from models.records.uploads import NewUpload, add_uploads
from worker.active import ActiveJudge
from worker.pipeline import Pipeline
from worker.settings import Settings
from worker.shipped import install_shipped

SCRIPT = Path(migrations.__file__).with_name("roles.sql")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_role_of_workers_judges_and_can_do_no_harm(database: Database) -> None:
    install_shipped(database)
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as owner:
        for _ in range(2):
            owner.execute(SCRIPT.read_text())
        owner.execute("ALTER ROLE nophoto_worker LOGIN")
    restricted = database.engine.url.set(drivername="postgresql", username="nophoto_worker")
    worker = Database(restricted.render_as_string(hide_password=False))
    with worker.transaction() as session:
        ids = add_uploads(session, [NewUpload("a", "/nowhere")], Lane.BULK).ids
    settings = Settings(_env_file=None)
    report = Pipeline(worker, ActiveJudge(worker, settings), settings).score_chunk(ids)
    assert report.written == 1
    for statement in (
        "DELETE FROM uploads",
        "UPDATE scores SET similarity = 0",
        "UPDATE model_versions SET active = false",
        "INSERT INTO reviews (upload_id, verdict, reviewer, at) VALUES (1, 'real', 'x', now())",
        "TRUNCATE embeddings",
        "DROP TABLE uploads",
        "CREATE TABLE mine (id int)",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            worker.transaction() as session,
        ):
            session.execute(text(statement))
    worker.close()
