from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from nophoto.models.reasons import Reason, ReasonCode, ReasonParameters
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.outcomes import results
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.references import NewReference
from nophoto.models.records.review import review_history, review_queue, reviews
from nophoto.models.records.review.review_history import Overturns, ReviewCounts
from nophoto.models.records.review.review_queue import Order, QueueFilter
from nophoto.models.records.review.reviews import UnknownUploadError
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Lane, Review, Upload
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode, Kind, Verdict

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL
ALL = QueueFilter()
QUARANTINED = Reason(ReasonCode.REFERENCE_QUARANTINED, ReasonParameters(reference_id=1))

Judge = Callable[..., list[int]]


@pytest.fixture
def judge(database: Database, model: NewModelVersion) -> Judge:
    """Judges uploads (digest's letter, similarity); returns their ids in the order given."""
    with database.transaction() as session:
        (reference,) = references.add(session, [NewReference("tile", b"tile")]).added

    def judge(*uploads: tuple[str, float]) -> list[int]:
        with database.transaction() as session:
            before = session.scalar(select(Upload.id).order_by(Upload.id.desc()).limit(1)) or 0
            ids = [
                add_uploads(session, [NewUpload(f"key {number}", "/x.jpg")], Lane.BULK).ids[0]
                for number in range(before, before + len(uploads))
            ]
            _write(session, ids, uploads, model, reference.id)
        return ids

    return judge


def _write(session, ids, uploads, model, reference_id):
    token = claims.claim(session, ids, 60).token
    judged = [
        Judged(
            upload_id,
            letter * 64,
            PLACEHOLDER if similarity >= model.threshold else REAL,
            model.review_low <= similarity <= model.review_high,
            similarity,
            reference_id,
            score=similarity - model.threshold,
            kind=Kind.NOTICE,
        )
        for upload_id, (letter, similarity) in zip(ids, uploads, strict=True)
    ]
    record_outcomes(session, token, judged, [], model.id, 1)


def word(database: Database, upload_id: int) -> Verdict | None:
    with database.reading() as session:
        return session.scalar(select(Upload.reviewed).where(Upload.id == upload_id))


def decide(database: Database, ids: list[int], verdict: Verdict, by: str = "ann", **others):
    with database.transaction() as session:
        return reviews.decide(session, ids, verdict, by, **others)


def undo(database: Database, decision: reviews.Decision, by: str = "ann") -> list[int]:
    with database.transaction() as session:
        return reviews.undo(session, [made.review_id for made in decision.made], by)


def test_a_decision_wins_over_the_networks_verdict_which_stays(
    database: Database, judge: Judge
) -> None:
    (upload,) = judge(("a", 0.9))
    decision = decide(database, [upload], REAL, note="a white cat")
    assert [(made.upload_id, made.verdict, made.reviewer) for made in decision.made] == [
        (upload, REAL, "ann")
    ]
    with database.reading() as session:
        row = next(results.find(session))
        assert (row.verdict, row.reviewed, row.needs_review) == (REAL, REAL, False)
        assert session.scalar(select(Upload.verdict)) == PLACEHOLDER
        assert session.scalar(select(Review.note)) == "a white cat"
        assert results.counts(session).verdicts == {REAL: 1}
        assert not list(results.find(session, ResultFilter(verdict=PLACEHOLDER)))
        assert len(list(results.find(session, ResultFilter(verdict=REAL)))) == 1


def test_a_decided_upload_is_in_doubt_for_nobody(database: Database, judge: Judge) -> None:
    (upload,) = judge(("a", 0.55))
    with database.reading() as session:
        assert results.counts(session).needs_review == 1
        assert len(list(results.find(session, ResultFilter(needs_review=True)))) == 1
    decide(database, [upload], PLACEHOLDER)
    with database.reading() as session:
        assert results.counts(session).needs_review == 0
        assert len(list(results.find(session, ResultFilter(needs_review=False)))) == 1


def test_the_networks_next_verdict_leaves_the_word_alone(
    database: Database, judge: Judge, model: NewModelVersion
) -> None:
    (upload,) = judge(("a", 0.9))
    decide(database, [upload], REAL)
    with database.transaction() as session:
        session.execute(update(Upload).values(state="queued"))
        _write(session, [upload], [("a", 0.95)], model, 1)
    assert word(database, upload) == REAL


def test_undoing_brings_back_what_was_said_before(database: Database, judge: Judge) -> None:
    (upload,) = judge(("a", 0.9))
    first = decide(database, [upload], REAL)
    second = decide(database, [upload], PLACEHOLDER, "bob", replace=True)
    assert word(database, upload) == PLACEHOLDER
    assert undo(database, second) == [upload]
    assert word(database, upload) == REAL
    assert undo(database, second) == []
    assert undo(database, first, "eve") == [upload]
    assert word(database, upload) is None
    with database.reading() as session:
        undone = session.scalars(select(Review.undone_by).order_by(Review.id)).all()
    assert undone == ["eve", "ann"]


def test_undoing_the_older_of_two_leaves_the_newer(database: Database, judge: Judge) -> None:
    (upload,) = judge(("a", 0.9))
    first = decide(database, [upload], REAL)
    decide(database, [upload], PLACEHOLDER, replace=True)
    undo(database, first)
    assert word(database, upload) == PLACEHOLDER


def test_what_somebody_just_decided_is_told_and_left(database: Database, judge: Judge) -> None:
    one, two = judge(("a", 0.9), ("b", 0.9))
    decide(database, [one], REAL, "bob")
    decision = decide(database, [two, one], PLACEHOLDER)
    assert [made.upload_id for made in decision.made] == [two]
    assert [(a.upload_id, a.verdict, a.reviewer) for a in decision.already] == [(one, REAL, "bob")]
    assert word(database, one) == REAL


def test_of_two_moderators_at_once_one_decides_each_upload(
    database: Database, judge: Judge
) -> None:
    ids = judge(*[("a", 0.9)] * 20)
    with ThreadPoolExecutor(2) as threads:
        left = threads.submit(decide, database, ids, REAL, "ann")
        right = threads.submit(decide, database, ids[::-1], PLACEHOLDER, "bob")
        decisions = [left.result(), right.result()]
    assert sorted(len(decision.made) for decision in decisions) == [0, 20]
    assert sorted(len(decision.already) for decision in decisions) == [0, 20]


def test_an_unknown_upload_decides_nothing(database: Database, judge: Judge) -> None:
    (upload,) = judge(("a", 0.9))
    with pytest.raises(UnknownUploadError, match="12345"):
        decide(database, [upload, 12345], REAL)
    assert word(database, upload) is None


def test_a_failed_upload_can_be_decided_and_its_word_outlives_a_retry(
    database: Database, enqueue, claim, model: NewModelVersion
) -> None:
    (upload,) = enqueue("a")
    token = claim([upload]).token
    failed = [Failed(upload, None, FailureCode.UNREADABLE, "no picture")]
    with database.transaction() as session:
        record_outcomes(session, token, [], failed, model.id, 0)
    decide(database, [upload], PLACEHOLDER)
    with database.reading() as session:
        row = next(results.find(session))
    assert (row.verdict, row.failure) == (PLACEHOLDER, FailureCode.UNREADABLE)


def page(database: Database, filters: QueueFilter = ALL, order=Order.NEWEST, **window):
    with database.reading() as session:
        return review_queue.page(session, filters, order, **{"limit": 100} | window)


def test_the_queue_holds_what_is_flagged_or_in_doubt_and_undecided(
    database: Database, judge: Judge
) -> None:
    flagged, sure, doubtful, decided = judge(("a", 0.9), ("b", 0.1), ("c", 0.45), ("d", 0.9))
    decide(database, [decided], PLACEHOLDER)
    assert [item.newest_id for item in page(database)] == [doubtful, flagged]
    with database.reading() as session:
        assert review_queue.size(session, ALL) == 2
        assert review_history.counts(session) == ReviewCounts(2, 1, decided=1, overturned=0)
    assert sure


def test_the_same_bytes_are_one_item(database: Database, judge: Judge) -> None:
    ids = judge(("a", 0.9), ("b", 0.9), ("a", 0.9))
    items = page(database)
    assert [(item.newest_id, item.count) for item in items] == [(ids[2], 2), (ids[1], 1)]
    with database.reading() as session:
        digests = [item.digest for item in items]
        listed = [
            review_queue.members(session, digests, ALL, offset=offset, limit=2)
            for offset in (0, 2, 4)
        ]
        assert [[each.upload_id for each in some] for some in listed] == [ids[:0:-1], ids[:1], []]
        key = [each.key for each in listed[1]]
        named = review_queue.members(session, digests, QueueFilter(key_prefix=key[0]), limit=9)
    assert [each.key for each in named] == key


def test_the_most_doubtful_come_first_if_asked(database: Database, judge: Judge) -> None:
    far, near, mid = judge(("a", 0.99), ("b", 0.49), ("c", 0.6))
    found = [item.newest_id for item in page(database, order=Order.DOUBTFUL)]
    assert found == [near, mid, far]


def test_filters_of_the_queue(database: Database, judge: Judge) -> None:
    flagged, doubtful = judge(("a", 0.9), ("b", 0.45))
    for filters, ids in (
        (QueueFilter(verdict=PLACEHOLDER), [flagged]),
        (QueueFilter(verdict=REAL), [doubtful]),
        (QueueFilter(reference_id=1), [doubtful, flagged]),
        (QueueFilter(reference_id=2), []),
        (QueueFilter(key_prefix="key 1"), [doubtful]),
        (QueueFilter(key_prefix="KEY"), []),
    ):
        assert [item.newest_id for item in page(database, filters)] == ids


@pytest.mark.parametrize("order", Order)
def test_pages_hold_every_item_once(database: Database, judge: Judge, order: Order) -> None:
    # Twenty uploads of one picture, before and behind the others, and scores on both sides.
    judge(
        *[("f", 0.6)] * 10,
        *[(letter, 0.42 + n / 50) for n, letter in enumerate("0123456789abcde")],
        *[("f", 0.6)] * 10,
    )
    whole = page(database, order=order)
    assert len(whole) == 16
    assert sorted(item.count for item in whole) == [1] * 15 + [20]
    if order is Order.DOUBTFUL:
        doubts = [abs(item.score) for item in whole]
        assert doubts == sorted(doubts)
    seen: list[str] = []
    for size in (5, 5, 5, 1, 0):
        some = page(database, order=order, limit=5, without=seen)
        assert len(some) == size
        seen += [item.digest for item in some]
    assert seen == [item.digest for item in whole]


def test_references_are_told_how_often_they_were_wrong(database: Database, judge: Judge) -> None:
    ids = judge(("a", 0.9), ("b", 0.9), ("c", 0.9), ("d", 0.1))
    decide(database, ids[:1], REAL)
    decide(database, ids[1:2], PLACEHOLDER)
    decide(database, ids[3:], REAL)
    with database.reading() as session:
        assert review_history.overturns(session) == {1: Overturns(decided=2, overturned=1)}
        assert review_history.counts(session).overturned == 1


def test_what_a_reference_in_quarantine_holds_is_evidence_too(
    database: Database, judge: Judge, enqueue, claim, model: NewModelVersion
) -> None:
    # In the review band, which it is of active references too.
    doubtful = judge(("d", 0.45))
    ids = enqueue("held 1", "held 2", "held 3")
    held = [
        Judged(upload_id, letter * 64, REAL, True, 0.9, 1, QUARANTINED)
        for upload_id, letter in zip(ids, "abc", strict=True)
    ]
    token = claim(ids).token
    with database.transaction() as session:
        references.quarantine(session, [1])
        record_outcomes(session, token, held, [], model.id, 2)
    decide(database, ids[:1], REAL)
    decide(database, ids[1:2], PLACEHOLDER)
    decide(database, doubtful, REAL)
    with database.reading() as session:
        assert review_history.overturns(session) == {1: Overturns(decided=2, overturned=1)}


def test_the_history_is_newest_first_without_what_was_undone(
    database: Database, judge: Judge
) -> None:
    one, two, three = judge(("a", 0.9), ("b", 0.9), ("c", 0.9))
    decide(database, [one], REAL, "ann")
    undo(database, decide(database, [two], REAL, "bob"))
    decide(database, [three], REAL, "bob")
    with database.reading() as session:
        assert [d.upload_id for d in review_history.history(session, limit=9)] == [three, one]
        assert [d.upload_id for d in review_history.history(session, limit=9, reviewer="ann")] == [
            one
        ]


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from([*Verdict, "undo"]), st.integers(0, 1), st.integers(0, 9)),
        max_size=12,
    )
)
def test_the_word_on_an_upload_is_always_its_newest_review_that_stands(
    database: Database, judge: Judge, steps: list
) -> None:
    uploads = judge(("a", 0.9), ("b", 0.9))
    stands: dict[int, list[tuple[int, Verdict]]] = {upload: [] for upload in uploads}
    for action, which, nth in steps:
        upload = uploads[which]
        if action == "undo":
            if stands[upload]:
                review, _ = stands[upload].pop(nth % len(stands[upload]))
                with database.transaction() as session:
                    reviews.undo(session, [review], "ann")
        else:
            made = decide(database, [upload], action, replace=True).made
            stands[upload].append((made[0].review_id, action))
        for each in uploads:
            newest = max(stands[each], default=(0, None))
            assert word(database, each) == newest[1]
    with database.transaction() as session:
        session.execute(delete(Review))
