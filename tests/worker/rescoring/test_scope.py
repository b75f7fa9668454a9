"""Which uploads a rescoring is about, and which of their pictures it reads."""

from hashlib import sha256

from celery import Celery
from sqlalchemy import delete, select, update

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultFilter
from nophoto.models.records.scoring import claims
from nophoto.models.records.scoring.outcomes import Failed, record_outcomes
from nophoto.models.records.tables import Embedding, Lane, RunState, Score, Upload, UploadState
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.rescoring import Rescoring
from nophoto.worker.settings import Settings
from tests.parts import pipeline_of


def test_a_moved_threshold_needs_no_picture(
    database: Database, later: int, run, rows, rescoring: Rescoring
) -> None:
    run()
    with database.transaction() as session:
        references.retire(session, [later])
    done = run()
    assert done.result["to_real"] == 2
    assert rows()["new-1"].verdict == Verdict.REAL
    assert rows()["new-1"].nearest_reference_id != later


def test_an_empty_set_and_an_empty_table(database: Database, later: int, run, rows) -> None:
    with database.transaction() as session:
        references.retire(session, [row.id for row in references.list_all(session)])
    done = run(yes=True)
    assert done.result["to_real"] == 1
    assert {row.similarity for row in rows().values()} == {None}
    with database.transaction() as session:
        session.execute(delete(Score))
        session.execute(delete(Upload))
    empty = run()
    assert (empty.state, empty.result["compared"]) == (RunState.DONE, 0)


def test_filters_choose_and_moderators_words_stay(
    database: Database, later: int, run, rows
) -> None:
    with database.transaction() as session:
        session.execute(update(Upload).where(Upload.key == "new-1").values(reviewed=Verdict.REAL))
    done = run(filters=ResultFilter(key_prefix="new-"), yes=True)
    assert (done.result["compared"], done.result["decided"]) == (2, 1)
    after = rows()
    assert (after["new-1"].verdict, after["new-1"].reviewed) == (Verdict.REAL, Verdict.REAL)
    assert after["new-0"].verdict == Verdict.PLACEHOLDER
    assert run(filters=ResultFilter(verdict=Verdict.PLACEHOLDER)).result["compared"] == 2
    assert run(filters=ResultFilter(model_version="none")).result["compared"] == 0


def test_failures_of_a_code_are_queued_again_on_the_bulk_lane(
    database: Database, later: int, run, app: Celery, upload, settings: Settings
) -> None:
    (failed,) = upload(gone=None)
    with database.transaction() as session:
        token = claims.claim(session, [failed], 60).token
        outcome = Failed(failed, None, FailureCode.MISSING, "gone")
        record_outcomes(session, token, [], [outcome], "", 0)
        session.execute(update(Upload).where(Upload.id == failed).values(lane=Lane.INTERACTIVE))
    dry = run(filters=ResultFilter(failure=FailureCode.MISSING), dry_run=True)
    assert dry.result["queued_again"] == 0
    done = run(filters=ResultFilter(failure=FailureCode.MISSING))
    assert done.result["queued_again"] == 1
    assert waiting(app, "bulk") == 1
    with database.reading() as session:
        row = session.get(Upload, failed)
        assert (row.state, row.lane) == (UploadState.QUEUED, Lane.BULK)


def test_pictures_are_read_where_the_network_has_not_seen_them(
    database: Database,
    run,
    rows,
    rescoring: Rescoring,
    upload,
    add_reference,
    placeholder,
    noise,
    small: Settings,
    model: str,
    pictures,
) -> None:

    add_reference(placeholder(1))
    ids = upload(a=placeholder(1), b=noise(1), c=noise(2), gone=noise(3), other=noise(4))
    pipeline_of(database, small).score_chunk(ids)
    before = rows()
    with database.transaction() as session:
        digests = select(Upload.digest)
        session.execute(delete(Embedding).where(Embedding.digest.in_(digests)))
    (pictures / "gone").unlink()
    (pictures / "other").write_bytes(noise(5))
    done = run()
    # The file of `a` is the reference's too.
    assert done.result["embedded"] == 3
    assert done.result["failures"] == {"missing": 1}
    assert (done.result["replaced"], done.result["compared"]) == (1, 3)
    assert done.result["changed"] == 0
    after = rows()
    assert {key: row for key, row in after.items() if key != "other"} == {
        key: row for key, row in before.items() if key != "other"
    }
    # It is judged by the bytes that lie there now, and until then its verdict stays.
    assert (after["other"].state, after["other"].verdict) == (UploadState.QUEUED, Verdict.REAL)
    pipeline_of(database, small).score_chunk(ids)
    with database.reading() as session:
        assert session.get_one(Upload, ids[-1]).digest == sha256(noise(5)).hexdigest()
        assert sha256(noise(4)).hexdigest() not in set(session.scalars(select(Embedding.digest)))


def test_a_dry_run_queues_nothing_though_other_bytes_lie_there(
    database: Database, run, rows, upload, noise, small: Settings, model: str, pictures
) -> None:
    ids = upload(other=noise(4))
    pipeline_of(database, small).score_chunk(ids)
    before = rows()
    with database.transaction() as session:
        session.execute(delete(Embedding))
    (pictures / "other").write_bytes(noise(5))
    assert run(dry_run=True).result["replaced"] == 1
    assert rows() == before
