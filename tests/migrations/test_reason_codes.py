"""Sentences become codes by migration 0027 and sentences again by its downgrade."""

import json

import pytest
from alembic import command
from sqlalchemy import text

from nophoto.migrations import upgrade
from nophoto.migrations.upgrade import config
from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters, decode, in_english
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes import results
from nophoto.models.vocabulary import Kind

LOGO = ReasonParameters(allowed_id=1, name="logo (old).png", text="ours: see (3)")
REASONS = [
    Reason(ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=7)),
    Reason(ReasonCode.REFERENCE_SUDDEN, ReasonParameters(reference_id=8)),
    Reason(
        ReasonCode.KIND_NOT_CLAIMED, ReasonParameters(reference_id=1, name="a (b)", kind=Kind.COVER)
    ),
    Reason(ReasonCode.ALLOWED_BYTES, LOGO),
    Reason(ReasonCode.ALLOWED_LOOK_ALIKE, LOGO),
    Reason(ReasonCode.OTHER, ReasonParameters(text="held: reference x is in quarantine.")),
    Reason(ReasonCode.OTHER, ReasonParameters(text="is allowed picture 99 (gone): x")),
]


@pytest.fixture
def before(empty_url: str) -> Database:
    """A database of the revision before, whose uploads and their history have sentences."""
    database = Database(empty_url)
    command.upgrade(config(database), "0026")
    with database.transaction() as session:
        session.execute(
            text(
                'INSERT INTO "references" (id, digest, name, picture, origin, kind, created_at)'
                " VALUES (1, :digest, 'a (b)', :data, 'added', 'cover', '2026-01-01')"
            ),
            {"digest": "b" * 64, "data": b"x"},
        )
        session.execute(
            text(
                "INSERT INTO allowed_pictures (id, digest, name, reason, created_at)"
                " VALUES (1, :digest, :name, :text, '2026-01-01')"
            ),
            {"digest": "a" * 64, "name": LOGO.name, "text": LOGO.text},
        )
        for number, reason in enumerate(REASONS, start=1):
            write(session, number, in_english(reason))
        write(session, 99, None)
    return database


def write(session, number: int, reason: str | None) -> None:
    session.execute(
        text(
            "INSERT INTO uploads (id, key, uri, lane, reason, created_at, updated_at)"
            " VALUES (:id, :key, 'file:///x', 'bulk', :reason, '2026-01-01', '2026-01-01')"
        ),
        {"id": number, "key": f"key/{number}", "reason": reason},
    )


def stored(database: Database) -> dict[int, str | None]:
    with database.reading() as session:
        return dict(session.execute(text("SELECT id, reason FROM uploads")).all())


def test_sentences_become_codes_and_codes_sentences(before: Database, empty_url: str) -> None:
    sentences = stored(before)
    upgrade(empty_url)
    found = stored(before)
    assert found.pop(99) is None
    assert [decode(found[number] or "") for number in sorted(found)] == REASONS
    assert {json.loads(document or "")["code"] for document in found.values()} == set(ReasonCode)
    command.downgrade(config(before), "0026")
    assert stored(before) == sentences


def test_what_an_old_worker_writes_after_the_migration_is_read_and_stays_at_a_downgrade(
    before: Database, empty_url: str
) -> None:
    upgrade(empty_url)
    sentence = in_english(REASONS[0])
    with before.transaction() as session:
        session.execute(text("UPDATE uploads SET reason = :it WHERE id = 4"), {"it": sentence})
    with before.reading() as session:
        reasons = {row.key: row.reason for row in results.find(session)}
    assert reasons["key/4"] == Reason(ReasonCode.OTHER, ReasonParameters(text=sentence))
    assert reasons["key/5"] == REASONS[4]
    assert reasons["key/99"] is None
    command.downgrade(config(before), "0026")
    assert stored(before)[4] == sentence
