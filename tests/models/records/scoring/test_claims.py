from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from nophoto.models.records import clock, references
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.records.scoring.claims import Claim, claim, release
from nophoto.models.records.scoring.outcomes import Failed, Judged, record_outcomes
from nophoto.models.records.tables import Score, Upload, UploadState
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import FailureCode, Verdict

Enqueue = Callable[..., list[int]]
ClaimNow = Callable[..., Claim]


def judged(upload_id: int, verdict: Verdict = Verdict.REAL, **changes: object) -> Judged:
    values: dict[str, object] = {
        "digest": "ab" * 32,
        "needs_review": False,
        "similarity": None,
        "nearest_reference_id": None,
    }
    return Judged(upload_id=upload_id, verdict=verdict, **(values | changes))  # type: ignore[arg-type]


def stored(database: Database, upload_id: int) -> Upload:
    with database.reading() as session:
        return session.scalars(select(Upload).where(Upload.id == upload_id)).one()


def test_a_claim_names_what_to_read_and_counts_the_attempt(
    enqueue: Enqueue, claim: ClaimNow
) -> None:
    ids = enqueue("a", "b")
    uploads = claim(ids).uploads
    assert [(u.id, u.key, u.uri, u.attempts) for u in uploads] == [
        (ids[0], "a", "/pictures/a.jpg", 1),
        (ids[1], "b", "/pictures/b.jpg", 1),
    ]


def test_claims_by_many_threads_at_once_never_share_an_upload(
    database: Database, enqueue: Enqueue
) -> None:
    ids = enqueue(*(f"key {number}" for number in range(60)))

    def take(start: int) -> list[int]:
        taken: list[int] = []
        for offset in range(0, 60, 5):
            wanted = [ids[(start + offset + step) % 60] for step in range(10)]
            with database.transaction() as session:
                taken += [upload.id for upload in claim(session, wanted, 60).uploads]
        return taken

    with ThreadPoolExecutor(8) as threads:
        taken = [upload_id for some in threads.map(take, range(0, 40, 5)) for upload_id in some]
    assert sorted(taken) == ids


def test_a_message_that_comes_twice_claims_nothing_the_second_time(
    enqueue: Enqueue, claim: ClaimNow
) -> None:
    ids = enqueue("a")
    claim(ids)
    assert claim([*ids, 12345]).uploads == []


def test_an_upload_whose_lease_has_passed_can_be_claimed_again(
    enqueue: Enqueue, claim: ClaimNow
) -> None:
    ids = enqueue("a")
    first = claim(ids, lease_seconds=-1)
    second = claim(ids)
    assert [upload.attempts for upload in second.uploads] == [2]
    assert first.token != second.token


def test_a_verdict_is_stored_with_all_that_made_it_and_in_the_history(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    (upload_id,) = enqueue("a")
    token = claim([upload_id]).token
    with database.transaction() as session:
        reference = references.add(session, [NewReference("tile", b"tile")]).added[0]
        outcome = judged(
            upload_id,
            Verdict.PLACEHOLDER,
            needs_review=True,
            similarity=0.625,
            nearest_reference_id=reference.id,
        )
        assert record_outcomes(session, token, [outcome], [], model.id, 1) == 1
    upload = stored(database, upload_id)
    assert (upload.state, upload.verdict, upload.needs_review, upload.similarity) == (
        UploadState.JUDGED,
        Verdict.PLACEHOLDER,
        True,
        0.625,
    )
    assert (upload.model_version_id, upload.reference_set_version) == (model.id, 1)
    assert (upload.nearest_reference_id, upload.digest) == (reference.id, "ab" * 32)
    assert (upload.lease_token, upload.judged_at) == (None, upload.updated_at)
    with database.reading() as session:
        score = session.scalars(select(Score)).one()
    assert (score.upload_id, score.verdict, score.similarity, score.needs_review, score.at) == (
        upload_id,
        Verdict.PLACEHOLDER,
        0.625,
        True,
        upload.judged_at,
    )


def test_a_failure_takes_the_place_of_the_verdict_and_has_no_score(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    sound, broken = enqueue("sound", "broken")
    token = claim([sound, broken]).token
    with database.transaction() as session:
        failed = Failed(broken, None, FailureCode.UNREADABLE, "not a picture: \0\udcff")
        assert record_outcomes(session, token, [judged(sound)], [failed], model.id, 0) == 2
        assert session.scalars(select(Score.upload_id)).all() == [sound]
    upload = stored(database, broken)
    assert (upload.state, upload.failure) == (UploadState.FAILED, FailureCode.UNREADABLE)
    assert upload.failure_message == "not a picture: \\0\\udcff"
    assert stored(database, sound).state == UploadState.JUDGED


def test_a_late_worker_undoes_nothing(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    ids = enqueue("a", "b", "still under way")
    late = claim(ids, lease_seconds=-1)
    newer = claim([ids[0], ids[2]])
    with database.transaction() as session:
        record_outcomes(
            session, newer.token, [judged(ids[0], Verdict.PLACEHOLDER)], [], model.id, 0
        )
    with database.transaction() as session:
        outcomes = [judged(upload_id) for upload_id in ids]
        written = record_outcomes(session, late.token, outcomes, [], model.id, 0)
    assert written == 1, "only what nobody took over"
    assert stored(database, ids[0]).verdict == Verdict.PLACEHOLDER
    assert stored(database, ids[1]).verdict == Verdict.REAL
    assert stored(database, ids[2]).lease_token == newer.token
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Score)) == 2


def test_writing_the_same_outcomes_twice_writes_them_once(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    ids = enqueue("a")
    token = claim(ids).token
    for expected in (1, 0):
        with database.transaction() as session:
            assert record_outcomes(session, token, [judged(ids[0])], [], model.id, 0) == expected


def test_workers_that_write_at_once_write_what_is_theirs(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    ids = enqueue(*(f"key {number}" for number in range(40)))
    tokens = [claim(ids[start::4]).token for start in range(4)]

    def write(token: object) -> int:
        with database.transaction() as session:
            outcomes = [judged(upload_id) for upload_id in reversed(ids)]
            return record_outcomes(session, token, outcomes, [], model.id, 0)  # type: ignore[arg-type]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(write, tokens)) == [10, 10, 10, 10]


def test_each_new_verdict_is_added_to_the_history(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    (upload_id,) = enqueue("a")
    for set_version, verdict in enumerate([Verdict.REAL, Verdict.PLACEHOLDER]):
        token = claim([upload_id]).token
        with database.transaction() as session:
            outcome = judged(upload_id, verdict)
            record_outcomes(session, token, [outcome], [], model.id, set_version)
            session.execute(update(Upload).values(state=UploadState.QUEUED))
    with database.reading() as session:
        history = select(Score.reference_set_version, Score.verdict).order_by(Score.id)
        assert session.execute(history).all() == [
            (0, Verdict.REAL),
            (1, Verdict.PLACEHOLDER),
        ]


def test_a_release_gives_the_uploads_and_the_attempt_back(
    database: Database, enqueue: Enqueue, claim: ClaimNow, model: NewModelVersion
) -> None:
    ids = enqueue("a", "b", "c")
    held = claim(ids[:2])
    other = claim(ids[2:])
    with database.transaction() as session:
        record_outcomes(session, held.token, [judged(ids[0])], [], model.id, 0)
        assert release(session, held.token) == [ids[1]]
    assert stored(database, ids[0]).state == UploadState.JUDGED
    assert (stored(database, ids[1]).state, stored(database, ids[1]).attempts) == (
        UploadState.QUEUED,
        0,
    )
    assert stored(database, ids[2]).lease_token == other.token


def test_a_lease_ends_by_the_clock_of_the_database(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    (upload_id,) = enqueue("a")
    claim([upload_id], lease_seconds=60)
    with database.reading() as session:
        left = session.scalars(select(Upload)).one().lease_until - clock.now(session)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)


def test_a_model_version_that_is_not_registered_makes_no_verdict(
    database: Database, enqueue: Enqueue, claim: ClaimNow
) -> None:
    (upload_id,) = enqueue("a")
    token = claim([upload_id]).token
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.transaction() as session:
        record_outcomes(session, token, [judged(upload_id)], [], "unknown", 0)
    assert stored(database, upload_id).state == UploadState.CLAIMED
