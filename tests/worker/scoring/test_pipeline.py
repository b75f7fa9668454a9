import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select, update

from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.outcomes.results import ResultRow
from nophoto.models.records.scoring import claims, embeddings
from nophoto.models.records.tables import Score, Upload, UploadState
from nophoto.models.vision.pictures import PictureLimits
from nophoto.models.vocabulary import FailureCode, Verdict
from nophoto.worker.matching.active_judge import ActiveJudge, NoActiveModelError
from nophoto.worker.scoring.chunk import ChunkReport
from nophoto.worker.scoring.overlap import OverlappingChunks
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage
from tests.parts import DECODERS, pipeline_of

Draw = Callable[[int], bytes]
Add = Callable[[bytes], int]
Enqueue = Callable[..., list[int]]


@pytest.fixture
def pipeline(database: Database, settings: Settings, model: str) -> Pipeline:
    return pipeline_of(database, settings)


def test_a_chunk_comes_to_verdicts_that_name_what_made_them(
    pipeline: Pipeline,
    rows: Callable[[], dict[str, ResultRow]],
    database: Database,
    upload: Enqueue,
    add_reference: Add,
    placeholder: Draw,
    noise: Draw,
    model: str,
) -> None:
    reference = add_reference(placeholder(1))
    ids = upload(same=placeholder(1), photo=noise(1), text=b"hello", gone=None)
    report = pipeline.score_chunk(ids)
    assert (report.claimed, report.judged, report.failed, report.written) == (4, 2, 2, 4)

    found = rows()
    same, photo = found["same"], found["photo"]
    assert same.verdict == Verdict.PLACEHOLDER
    assert same.similarity == pytest.approx(1, abs=1e-3)
    assert photo.verdict == Verdict.REAL
    for row in (same, photo):
        assert row.state == UploadState.JUDGED
        assert row.nearest_reference_id == reference
        assert (row.model_version_id, row.reference_set_version) == (model, 1)
    assert (found["text"].failure, found["gone"].failure) == (
        FailureCode.UNREADABLE,
        FailureCode.MISSING,
    )
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Score)) == 2


def test_what_is_judged_from_stored_embeddings_is_the_very_same(
    pipeline: Pipeline,
    rows: Callable[[], dict[str, ResultRow]],
    database: Database,
    upload: Enqueue,
    add_reference: Add,
    placeholder: Draw,
    model: str,
) -> None:
    add_reference(placeholder(1))
    first = pipeline.score_chunk(upload(a=placeholder(2), b=placeholder(2), c=placeholder(3)))
    second = pipeline.score_chunk(upload(d=placeholder(2), e=placeholder(3)))
    assert (first.embedded, second.embedded) == (2, 0)
    found = rows()
    assert found["a"].similarity == found["b"].similarity == found["d"].similarity
    assert found["c"].similarity == found["e"].similarity != found["a"].similarity
    with database.reading() as session:
        digests = {row.key: row.digest for row in session.scalars(select(Upload))}
        vectors = embeddings.recall(session, list(digests.values()), model)
        (reference,) = references.active(session).members
        (row,) = embeddings.recall(session, [reference.digest], model).values()
    again = np.float32(vectors[digests["a"]]) @ np.float32(row)  # type: ignore[index]
    assert found["a"].similarity == pytest.approx(float(again), abs=1e-6)


def test_the_next_chunk_begins_before_the_last_is_written_and_embeds_nothing_again(
    database: Database,
    settings: Settings,
    model: str,
    upload: Enqueue,
    placeholder: Draw,
    noise: Draw,
) -> None:
    class Locking(Storage):
        def read(self, uri: str) -> bytes:
            if not locks:
                session = held.enter_context(database.transaction())
                locks.extend(session.scalars(select(Upload.id).with_for_update()))
            return super().read(uri)

    def states() -> list[UploadState]:
        with database.reading() as session:
            return list(session.scalars(select(Upload.state).order_by(Upload.id)))

    locks: list[int] = []
    reports: list[ChunkReport] = []
    storage = Locking(settings.roots, PictureLimits())
    chunks = OverlappingChunks(pipeline_of(database, settings, storage=storage))
    with ExitStack() as held:
        chunks.run(upload(a=placeholder(2)), reports.append)
        assert (states(), reports) == ([UploadState.CLAIMED], [])
    chunks.run(upload(b=placeholder(2), c=noise(1)), reports.append)
    chunks.close()
    assert [(report.written, report.embedded) for report in reports] == [(1, 1), (2, 1)]
    assert states() == [UploadState.JUDGED] * 3


def test_a_message_of_done_unknown_or_held_ids_does_nothing(
    pipeline: Pipeline,
    rows: Callable[[], dict[str, ResultRow]],
    database: Database,
    upload: Enqueue,
    noise: Draw,
) -> None:
    done = upload(done=noise(1))
    pipeline.score_chunk(done)
    held = upload(held=noise(2))
    with database.transaction() as session:
        claims.claim(session, held, 60)
    before = rows()
    report = pipeline.score_chunk([*done, *held, 999_999])
    assert (report.claimed, report.written) == (0, 0)
    assert rows() == before
    assert pipeline.score_chunk([]).claimed == 0


def test_an_empty_set_makes_everything_real_and_warns(
    pipeline: Pipeline,
    rows: Callable[[], dict[str, ResultRow]],
    upload: Enqueue,
    placeholder: Draw,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        pipeline.score_chunk(upload(a=placeholder(1)))
    row = rows()["a"]
    assert (row.verdict, row.similarity, row.nearest_reference_id) == (Verdict.REAL, None, None)
    assert row.reference_set_version == 0
    assert "REFERENCE SET IS EMPTY" in caplog.text


def test_every_kind_of_bad_upload_fails_with_its_code_and_the_rest_is_judged(
    database: Database,
    settings: Settings,
    model: str,
    rows: Callable[[], dict[str, ResultRow]],
    upload: Enqueue,
    pictures: Path,
    tmp_path: Path,
    noise: Draw,
) -> None:
    (tmp_path / "outside.png").write_bytes(noise(1))
    (pictures / "link").symlink_to(tmp_path / "outside.png")
    (pictures / "folder").mkdir()
    ids = upload(
        good=noise(1),
        link=None,
        folder=None,
        gone=None,
        empty=b"",
        text=b"hello",
        document=b"%PDF-1.7",
        large=noise(2) + bytes(100_000),
        truncated=noise(3)[:2000],
    )
    storage = Storage(settings.roots, PictureLimits(max_bytes=50_000))
    pipeline = pipeline_of(database, settings, storage=storage)
    pipeline.score_chunk(ids)
    found = rows()
    assert found.pop("good").verdict == Verdict.REAL
    assert {key: row.failure for key, row in found.items()} == {
        "link": FailureCode.FORBIDDEN,
        "folder": FailureCode.UNREADABLE,
        "gone": FailureCode.MISSING,
        "empty": FailureCode.UNREADABLE,
        "text": FailureCode.UNREADABLE,
        "document": FailureCode.UNSUPPORTED,
        "large": FailureCode.TOO_LARGE,
        "truncated": FailureCode.UNREADABLE,
    }
    assert all(row.failure_message for row in found.values())


def test_a_worker_that_is_told_to_stop_gives_the_chunk_back(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    class Stopping(Storage):
        def read(self, uri: str) -> bytes:
            raise SystemExit(0)

    ids = upload(a=noise(1))
    judge = ActiveJudge(database, settings, DECODERS)
    stopping = Stopping(settings.roots, PictureLimits())
    with pytest.raises(SystemExit):
        pipeline_of(database, settings, judge, stopping).score_chunk(ids)
    with database.reading() as session:
        row = session.scalars(select(Upload)).one()
    assert (row.state, row.attempts, row.lease_token) == (UploadState.QUEUED, 0, None)
    assert pipeline_of(database, settings, judge).score_chunk(ids).judged == 1


def test_an_error_leaves_the_chunk_to_its_lease(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    class Broken(Storage):
        def read(self, uri: str) -> bytes:
            raise ZeroDivisionError

    ids = upload(a=noise(1))
    broken = Broken(settings.roots, PictureLimits())
    with pytest.raises(ZeroDivisionError):
        pipeline_of(database, settings, storage=broken).score_chunk(ids)
    with database.reading() as session:
        row = session.scalars(select(Upload)).one()
    assert (row.state, row.attempts) == (UploadState.CLAIMED, 1)


def test_a_worker_that_lost_its_lease_writes_nothing(
    database: Database, settings: Settings, model: str, upload: Enqueue, noise: Draw
) -> None:
    class Slow(Storage):
        def read(self, uri: str) -> bytes:
            with database.transaction() as session:
                session.execute(update(Upload).values(lease_until=Upload.created_at))
                claims.claim(session, ids, 60)
            return super().read(uri)

    ids = upload(a=noise(1))
    slow = Slow(settings.roots, PictureLimits())
    report = pipeline_of(database, settings, storage=slow).score_chunk(ids)
    assert (report.judged, report.written) == (1, 0)


def test_without_a_model_version_nothing_is_claimed(
    database: Database, settings: Settings, upload: Enqueue, noise: Draw
) -> None:
    ids = upload(a=noise(1))
    with pytest.raises(NoActiveModelError, match="db upgrade"):
        pipeline_of(database, settings).score_chunk(ids)
    with database.reading() as session:
        assert session.scalars(select(Upload.state)).one() == UploadState.QUEUED


def test_the_log_names_each_failed_upload_and_its_chunk(
    pipeline: Pipeline, upload: Enqueue, caplog: pytest.LogCaptureFixture
) -> None:
    ids = upload(text=b"hello")
    with caplog.at_level(logging.INFO):
        report = pipeline.score_chunk(ids)
    assert f"upload key=text failure=unreadable chunk={report.chunk}" in caplog.messages
    assert len(report.chunk) == 12
