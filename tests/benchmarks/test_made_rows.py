import pytest
from sqlalchemy import func, select

from benchmarks.made_rows import fill, sizes
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference, add
from nophoto.models.records.scoring import embeddings
from nophoto.models.records.tables import Embedding, Score, Upload, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import NewModelVersion


@pytest.fixture
def version(database: Database) -> str:
    if not database.is_postgresql:
        pytest.skip("rows are made by PostgreSQL")
    new = NewModelVersion(
        id="v-00000001",
        digest="0" * 64,
        backbone="b",
        dimension=128,
        threshold=0.5,
        review_low=0.4,
        review_high=0.6,
        metrics={},
        location="/nowhere",
    )
    with database.transaction() as session:
        model_versions.register(session, new)
        add(session, [NewReference("one", b"picture")])
    return new.id


def test_each_step_adds_what_lacks_as_a_worker_would_have_left_it(
    database: Database, version: str
) -> None:
    fill(database, 0, 30, version, 128)
    fill(database, 30, 100, version, 128)
    with database.reading() as session:
        for table in (Upload, Score, Embedding):
            assert session.scalar(select(func.count()).select_from(table)) == 100
        upload = session.scalars(select(Upload).where(Upload.key == "made/77")).one()
        found = embeddings.recall(session, [upload.digest or ""], version)
    assert upload.state == UploadState.JUDGED
    assert [vector.shape for vector in found.values()] == [(128,)]


def test_sizes_are_powers_of_ten() -> None:
    assert list(sizes(100, 10_000)) == [100, 1_000, 10_000]
    assert list(sizes(100, 99)) == []
