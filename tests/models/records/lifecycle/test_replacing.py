"""Another picture under a known key: judged again; nothing of the one before counts."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from sqlalchemy import select

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.replacing import judge_again
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes.history import history
from nophoto.models.records.review import reviews
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.scoring.claims import Claim
from nophoto.models.records.scoring.outcomes import Judged, record_outcomes
from nophoto.models.records.tables import Embedding, Lane, Review, Upload, UploadState
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import Verdict

OLD, NEW = "aa" * 32, "bb" * 32


@pytest.fixture
def judge(database: Database, model: NewModelVersion) -> Callable[..., int]:
    """Writes a verdict by a claim, with the picture's embedding; how many were written."""

    def judge(held: Claim, digest: str, verdict: Verdict = Verdict.REAL) -> int:
        outcomes = [
            Judged(upload.id, digest, verdict, False, None, None) for upload in held.uploads
        ]
        with database.transaction() as session:
            vectors = {digest: np.ones(4, np.float16)}
            return record_outcomes(session, held.token, outcomes, [], model.id, 0, vectors=vectors)

    return judge


def send(database: Database, *items: NewUpload) -> list[int]:
    with database.transaction() as session:
        return add_uploads(session, items, Lane.INTERACTIVE, published=True).ids


def stored_digests(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(Embedding.digest)))


def test_another_uri_is_judged_again_and_the_word_on_the_former_picture_counts_no_more(
    database: Database, enqueue, claim, judge
) -> None:
    ids = enqueue("a", "same bytes")
    judge(claim(ids), OLD, Verdict.PLACEHOLDER)
    with database.transaction() as session:
        reviews.decide(session, ids[:1], Verdict.REAL, "ann")
    assert send(database, NewUpload("a", "/pictures/other.jpg")) == ids[:1]
    with database.reading() as session:
        upload = session.get_one(Upload, ids[0])
        assert (upload.state, upload.lane) == (UploadState.QUEUED, Lane.INTERACTIVE)
        assert upload.uri == "/pictures/other.jpg"
        assert (upload.verdict, upload.reviewed, upload.digest) == (None, None, None)
        assert upload.replaced_at is not None
        assert session.scalars(select(Review)).one().undone_by is not None
        # What was said before is history, not forgotten.
        assert [entry.verdict for entry in history(session, "a").entries] == [
            Verdict.PLACEHOLDER,
            Verdict.REAL,
        ]
    # Another upload shows the same picture.
    assert stored_digests(database) == {OLD}
    assert judge(claim(ids), NEW) == 1
    send(database, NewUpload("same bytes", "/pictures/other.jpg"))
    assert stored_digests(database) == {NEW}


@pytest.mark.parametrize(
    ("known", "sent", "outcome"),
    [
        (None, None, "known"),
        (None, 0, "replaced"),
        (3, None, "known"),
        (3, 3, "known"),
        (3, 4, "replaced"),
        (3, 2, "refused"),
    ],
)
def test_a_version_decides_where_the_uri_is_the_same(
    database: Database, known: int | None, sent: int | None, outcome: str
) -> None:
    with database.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg", known)], Lane.BULK)
        added = add_uploads(session, [NewUpload("a", "/a.jpg", sent)], Lane.BULK)
    (only,) = added.outcomes
    assert only.outcome == outcome
    assert (only.reason is None) == (outcome != "refused")
    assert len(added.ids) == (outcome == "replaced")


def test_a_late_worker_writes_nothing_of_the_former_picture(
    database: Database, enqueue, claim, judge
) -> None:
    ids = enqueue("a")
    held = claim(ids)
    send(database, NewUpload("a", "/pictures/other.jpg"))
    assert judge(held, OLD) == 0
    assert stored_digests(database) == set()
    assert judge(claim(ids), NEW) == 1


def test_of_two_replacements_at_once_the_higher_version_stays(database: Database) -> None:
    send(database, NewUpload("a", "/0.jpg", 0))
    numbers = range(1, 25)

    def replace(number: int) -> None:
        send(database, NewUpload("a", f"/{number}.jpg", number))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(replace, numbers))
    with database.reading() as session:
        upload = session.scalars(select(Upload)).one()
        assert (upload.uri, upload.version) == ("/24.jpg", 24)


def test_other_bytes_at_the_same_place_are_found_when_it_is_judged_again(
    database: Database, enqueue, claim, judge
) -> None:
    ids = enqueue("a", "b")
    judge(claim(ids), OLD)
    with database.transaction() as session:
        reviews.decide(session, ids, Verdict.PLACEHOLDER, "ann")
        found = judge_again(session, ["a", "b", "nobody's"])
    assert sorted(found) == ["a", "b"]
    with database.reading() as session:
        # Until the next verdict the former stands.
        assert session.get_one(Upload, ids[0]).reviewed == Verdict.PLACEHOLDER
    judge(claim(ids[:1]), NEW)
    judge(claim(ids[1:]), OLD)
    with database.reading() as session:
        words = dict(session.execute(select(Upload.key, Upload.reviewed)).all())
        assert words == {"a": None, "b": Verdict.PLACEHOLDER}
    assert stored_digests(database) == {OLD, NEW}


def test_judging_again_voids_what_a_worker_holds(database: Database, enqueue, claim, judge) -> None:
    ids = enqueue("a")
    held = claim(ids)
    with database.transaction() as session:
        judge_again(session, ["a"])
    assert judge(held, OLD) == 0
    with database.reading() as session:
        assert embeddings.recall(session, [OLD], "lite0-3f9a1c2b") == {}
