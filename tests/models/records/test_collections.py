"""Collections in the database: settings, their audit, who is told, how long things are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from nophoto.models.records import clock, collections, references
from nophoto.models.records.access import audit
from nophoto.models.records.collections import (
    CollectionError,
    CollectionRow,
    UnknownCollectionError,
)
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle import pruning
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.matching import allow_list
from nophoto.models.records.matching.allow_list import NewAllowedPicture
from nophoto.models.records.notifications import notices, outbox
from nophoto.models.records.outcomes.results import ResultFilter, find
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring.claims import Claim
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import (
    Channel,
    CohortPicture,
    Lane,
    Score,
    Upload,
)
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import Kind, KindMode, RefusalCode, Verdict


def add(database: Database, name: str, **values: object) -> CollectionRow:
    row = CollectionRow(name, **values)  # type: ignore[arg-type]
    with database.transaction() as session:
        collections.add(session, row, by="ann")
    return row


def test_uploads_without_one_are_in_the_default(database: Database) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg")], Lane.BULK)
        assert collections.list_all(session) == [CollectionRow("default")]
        assert [row.collection for row in find(session)] == ["default"]


def test_an_unknown_collection_is_refused_with_the_nearest_name(database: Database) -> None:
    add(database, "avatars")
    with database.transaction() as session:
        sent = [
            NewUpload("a", "/a.jpg", collection="avatar"),
            NewUpload("b", "/b.jpg", collection="avatars"),
            NewUpload("c", "/c.jpg", collection=""),
            NewUpload("d", "/d.jpg", collection=7),  # type: ignore[arg-type]
            NewUpload("e", "/e.jpg"),
        ]
        added = add_uploads(session, sent, Lane.BULK)
        assert [each.outcome for each in added.outcomes] == [
            "refused",
            "new",
            "refused",
            "refused",
            "new",
        ]
        assert added.refused[0].code == RefusalCode.UNKNOWN_COLLECTION
        assert "did you mean 'avatars'?" in added.refused[0].reason
        of = {row.key: row.collection for row in find(session)}
        assert of == {"b": "avatars", "e": "default"}
        assert [row.key for row in find(session, ResultFilter(collection="avatars"))] == ["b"]
        with pytest.raises(UnknownCollectionError, match="did you mean 'avatars'"):
            collections.get(session, "avatras")
        with pytest.raises(UnknownCollectionError, match="no collection has such a name"):
            collections.get(session, "avatars\x00")


def test_a_known_key_moves_to_another_collection_and_is_judged_again(database: Database) -> None:
    add(database, "avatars")
    with database.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg", collection="avatars")], Lane.BULK)
        stays = add_uploads(session, [NewUpload("a", "/a.jpg")], Lane.BULK)
        moves = add_uploads(session, [NewUpload("a", "/a.jpg", collection="default")], Lane.BULK)
        assert (stays.known, moves.replaced) == (1, 1)
        assert session.scalar(select(Upload.collection)) == "default"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Avatars", {}),
        ("", {}),
        ("a" * 33, {}),
        ("a", {"false_positive_rate": 1.5}),
        ("a", {"review_low": 0.1, "review_high": 0.2}),
        ("a", {"review_low": -0.1}),
        ("a", {"uploads_days": 0}),
    ],
)
def test_settings_that_cannot_be_are_refused(database: Database, name: str, values) -> None:
    with pytest.raises(CollectionError):
        add(database, name, **values)


def test_a_change_is_in_the_audit_and_makes_a_version_of_the_set(database: Database) -> None:
    row = add(database, "avatars", kinds={Kind.BRAND: KindMode.OFF})
    with pytest.raises(CollectionError, match="already"):
        add(database, "avatars")
    with database.transaction() as session:
        version = references.current_version(session)
        wanted = CollectionRow("avatars", false_positive_rate=0.01, uploads_days=30)
        assert collections.change(session, wanted, by="bob") == row
        assert references.current_version(session) == version + 1
        # What changes no verdict calibrates nothing.
        kept = CollectionRow("avatars", false_positive_rate=0.01, uploads_days=60)
        collections.change(session, kept, by="bob")
        collections.change(session, kept, by="bob")
        assert references.current_version(session) == version + 1
        entries = audit.entries(session, limit=9, action="collection")
    assert [(entry.by, entry.subject) for entry in entries] == [
        ("bob", "avatars"),
        ("bob", "avatars"),
        ("ann", "avatars"),
    ]
    assert entries[1].details == {
        "changed": {
            "false_positive_rate": [None, 0.01],
            "kinds": [{"brand": "off"}, {}],
            "uploads_days": [None, 30],
        }
    }


def test_each_collection_is_told_by_its_own_webhook_and_the_task_of_all(
    database: Database, model: NewModelVersion, enqueue, claim
) -> None:
    with database.transaction() as session:
        outbox.subscribe(session, [Channel.WEBHOOK, Channel.TASK, "webhook:search"])
    add(database, "avatars", webhook="people")
    add(database, "listings")
    with database.transaction() as session:
        sent = [
            NewUpload(name, f"/{name}.jpg", collection=name)
            for name in ("avatars", "default", "listings")
        ]
        ids = add_uploads(session, sent, Lane.BULK).ids
    judge(database, claim(ids), model)
    told = {}
    with database.transaction() as session:
        for channel in outbox.subscribed(session):
            due = notices.claim(session, channel, 9, 60)
            told[channel] = sorted(notice.event["data"]["collection"] for notice in due)
    assert told == {
        "task": ["avatars", "default", "listings"],
        "webhook": ["default", "listings"],
        "webhook:people": ["avatars"],
        "webhook:search": ["default", "listings"],
    }


def judge(database: Database, held: Claim, model: NewModelVersion, digest: str = "") -> None:
    judged = [
        Judged(upload.id, digest or f"{upload.id:064}", Verdict.REAL, False, None, None)
        for upload in held.uploads
    ]
    with database.transaction() as session:
        record_outcomes(session, held.token, judged, [], model.id, 0)


def age(database: Database, days: float) -> None:
    """Let everything have happened so many days earlier."""
    with database.transaction() as session:
        then = clock.now(session) - timedelta(days=days)
        session.execute(update(Upload).values(created_at=then))
        session.execute(update(Score).values(at=then))
        session.execute(update(CohortPicture).values(added_at=then))


def test_each_collection_keeps_things_for_its_own_time(
    database: Database, model: NewModelVersion, claim
) -> None:
    add(database, "short", uploads_days=10)
    add(database, "thin", scores_days=10, cohort_days=10)
    names = ("default", "short", "thin")
    with database.transaction() as session:
        sent = [NewUpload(name, f"/{name}.jpg", collection=name) for name in names]
        ids = add_uploads(session, sent, Lane.BULK).ids
    judge(database, claim(ids), model)
    with database.transaction() as session:
        for upload_id in ids:
            upload = session.get_one(Upload, upload_id)
            session.add(
                CohortPicture(
                    model_version_id=model.id,
                    digest=upload.digest,
                    vector=b"\0" * 8,
                    rank=0.5,
                    added_at=clock.now(session),
                )
            )
            upload.state = "queued"
    age(database, 11)
    judge(database, claim(ids), model)
    with database.transaction() as session:
        rows = collections.list_all(session)
        done = pruning.forget_collections(session, rows, 0)
        assert (done.uploads, done.scores, done.cohort) == (1, 1, 1)
        assert set(session.scalars(select(Upload.key))) == {"default", "thin"}
        per_key = dict.fromkeys(names, 0)
        for key in session.scalars(select(Upload.key).join(Score, Score.upload_id == Upload.id)):
            per_key[key] += 1
        assert per_key == {"default": 2, "short": 0, "thin": 1}
        kept = set(session.scalars(select(CohortPicture.digest)))
        assert kept == set(session.scalars(select(Upload.digest).where(Upload.key == "default")))
        (entry,) = audit.entries(session, limit=1)
        assert (entry.action, entry.by) == ("erase", pruning.BY)
        assert entry.details == {"uploads": 1, "why": "kept for 10 days in short"}
        again = pruning.forget_collections(session, rows, 0)
        assert (again.uploads, again.scores, again.cohort) == (0, 0, 0)


def test_a_reference_may_claim_of_some_collections_alone(database: Database) -> None:
    add(database, "avatars")
    add(database, "listings")
    with database.transaction() as session:
        references.add(session, [NewReference("common", b"1")])
        own = references.add(session, [NewReference("own", b"2", collection="avatars")]).added[0].id
        before = references.current_version(session)
        # The same picture for one collection more; a common one stays common.
        references.add(session, [NewReference("own", b"2", collection="listings")])
        references.add(session, [NewReference("common", b"1", collection="listings")])
        of = {member.name: member.collections for member in references.active(session).members}
        assert of == {"common": frozenset(), "own": {"avatars", "listings"}}
        then = {
            member.id: member.collections for member in references.set_at(session, before).members
        }
        assert then[own] == {"avatars"}


def test_the_same_picture_is_allowed_in_each_collection_by_itself(database: Database) -> None:
    with database.transaction() as session:
        for name in ("", "avatars", "avatars"):
            allow_list.add(session, [NewAllowedPicture("a" * 64, "x", "ours", collection=name)])
        members = allow_list.active(session).members
        assert [member.collection for member in members] == ["", "avatars"]
