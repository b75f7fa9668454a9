"""A refusal is counted and told, whatever the door."""

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import refusals
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.tables import Channel, Lane
from nophoto.models.vocabulary import RefusalCode
from nophoto.worker.notifications.payload import message

SCHEMA = Path(__file__).parents[4] / "docs" / "schemas" / "notice.schema.json"


def test_each_refused_upload_is_counted_and_one_notice_for_each_channel(database: Database) -> None:
    with database.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK, "webhook:search"])
        add_uploads(session, [NewUpload("a", "/a.jpg", 7)], Lane.BULK)
        for _ in range(2):
            items = [
                NewUpload("a", "/b.jpg", 6),
                NewUpload("k" * 600, "/a.jpg"),
                NewUpload("https://me:s3cret@host/a", "/a.jpg"),
                NewUpload("\udcff", "/a.jpg"),
            ]
            add_uploads(session, items, Lane.BULK)
        counts = refusals.counts(session)
    assert counts[RefusalCode.OLDER_VERSION] == 2
    assert counts[RefusalCode.KEY] == 4
    assert counts[RefusalCode.CREDENTIALS] == 2
    assert counts[RefusalCode.METADATA] == 0
    with database.transaction() as session:
        due = notices.claim(session, Channel.WEBHOOK, 100, 60)
        assert len(notices.claim(session, "webhook:search", 100, 60)) == 8
    validator = Draft202012Validator(json.loads(SCHEMA.read_text()))
    sent = [message(notice) for notice in due]
    for each in sent:
        validator.validate(each)
        assert each["type"] == "upload.refused"
    assert sent[0]["data"]["key"] == "a"
    assert sent[0]["data"]["code"] == "older-version"
    assert "version 6 is older than version 7" in sent[0]["data"]["reason"]
    assert "s3cret" not in json.dumps(sent)


def test_nothing_is_noted_where_nobody_listens(database: Database) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload("", "/a.jpg")], Lane.BULK)
        assert notices.find(session, dead=False, limit=10) == []
        assert refusals.counts(session)[RefusalCode.KEY] == 1
