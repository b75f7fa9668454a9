"""The auditor sees each kind of broken promise."""

from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import outbox
from nophoto.models.records.references import NewReference
from nophoto.models.records.review import reviews
from nophoto.models.records.tables import Channel, Lane
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped
from tests.faults.audit import Audit, audit
from tests.parts import pipeline_of

PICTURES = [reference.data for reference in shipped_references()[:3]]


@pytest.fixture
def audited(database: Database, tmp_path: Path):
    with database.transaction() as session:
        some = shipped_references()[10:13]
        references.add(session, [NewReference(r.name, r.data) for r in some])
        outbox.subscribe(session, [Channel.WEBHOOK])
    install_shipped(database)
    settings = Settings(
        _env_file=None,
        database_url=database.engine.url.render_as_string(hide_password=False),
        roots=(str(tmp_path),),
    )
    for number, data in enumerate(PICTURES):
        (tmp_path / str(number)).write_bytes(data)
    items = [NewUpload(f"key {n}", str(tmp_path / str(n))) for n in range(4)]
    with database.transaction() as session:
        ids = add_uploads(session, items, Lane.BULK).ids
    pipeline_of(database, settings).score_chunk(ids)
    expected: dict[str, FailureCode | None] = {f"key {n}": None for n in range(3)}
    expected["key 3"] = FailureCode.MISSING
    digests = {f"key {n}": sha256(data).hexdigest() for n, data in enumerate(PICTURES)}
    with database.transaction() as session:
        reviews.decide(session, ids[2:3], Verdict.REAL, "x")
    words = [(ids[2], Verdict.REAL.value)]

    def audited(*statements: str, **more: FailureCode | None) -> Audit:
        with database.transaction() as session:
            for statement in statements:
                session.execute(text(statement))
        return audit(database, expected | more, digests, words)

    return audited


def test_a_sound_database_is_clean(audited) -> None:
    assert audited().is_clean


def test_what_was_accepted_and_is_nowhere_is_lost(audited) -> None:
    assert audited(gone=None).lost == ["gone: it is in no table"]


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (
            "UPDATE uploads SET state = 'queued', failure = NULL, failure_message = NULL"
            " WHERE key = 'key 3'",
            "lost",
        ),
        ("UPDATE uploads SET failure = 'crashed' WHERE key = 'key 3'", "lost"),
        (
            "INSERT INTO scores (upload_id, at, verdict, needs_review, similarity,"
            " nearest_reference_id, model_version_id, reference_set_version)"
            " SELECT upload_id, at, verdict, needs_review, similarity, nearest_reference_id,"
            " model_version_id, reference_set_version FROM scores WHERE id = 1",
            "double",
        ),
        ("DELETE FROM scores WHERE id = 1", "wrong"),
        ("UPDATE scores SET reference_set_version = 0 WHERE id = 1", "wrong"),
        ("UPDATE uploads SET similarity = similarity - 0.01 WHERE key = 'key 0'", "wrong"),
        ("UPDATE uploads SET reference_set_version = 99 WHERE key = 'key 0'", "wrong"),
        (
            "INSERT INTO reviews (upload_id, verdict, reviewer, at)"
            " VALUES (1, 'real', 'x', '2026-01-01')",
            "wrong",
        ),
        ("DELETE FROM notices WHERE id = 1", "lost"),
        ("UPDATE uploads SET reviewed = 'real' WHERE key = 'key 0'", "wrong"),
        ("UPDATE uploads SET reviewed = NULL WHERE key = 'key 2'", "wrong"),
        ("UPDATE uploads SET reviewed = 'placeholder' WHERE key = 'key 2'", "wrong"),
    ],
)
def test_each_broken_promise_is_seen(audited, statement: str, kind: str) -> None:
    assert getattr(audited(statement), kind)
