from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from nophoto.models.records import clock, references, runs
from nophoto.models.records.database import Database
from nophoto.models.records.references import NewReference
from nophoto.models.records.rescoring import (
    RescoreParameters,
    Source,
    changes,
    write_changes,
)
from nophoto.models.records.rescoring.changes import Changes
from nophoto.models.records.tables import Lane, RunKind, Score, Upload, UploadState
from nophoto.models.records.versions.model_versions import NewModelVersion
from nophoto.models.vocabulary import Verdict

COUNT = 1_000


def rows_looked_at(session: Session) -> int:
    """Uploads and changes that the transaction has fetched so far."""
    query = text(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
        "WHERE relname IN ('uploads', 'run_changes')"
    )
    return session.execute(query).scalar_one()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_writing_many_changes_looks_at_each_a_few_times(
    database: Database, model: NewModelVersion
) -> None:
    with database.transaction() as session:
        references.add(session, [NewReference("grey", b"a picture")])
        (reference_id,) = [member.id for member in references.active(session).members]
        now = clock.now(session)
        made = {
            "lane": Lane.BULK,
            "state": UploadState.JUDGED,
            "verdict": Verdict.REAL,
            "similarity": 0.1,
            "nearest_reference_id": reference_id,
            "model_version_id": model.id,
            "reference_set_version": 1,
            "created_at": now,
            "updated_at": now,
            "judged_at": now - timedelta(days=1),
        }
        rows = [
            made | {"key": str(n), "uri": f"/pictures/{n}.jpg", "digest": f"{n:064x}"}
            for n in range(COUNT)
        ]
        session.execute(insert(Upload), rows)
        run_id = runs.request(session, RunKind.RESCORE, RescoreParameters().as_dict(), "test")
    with database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        # As autovacuum leaves them before a run.
        connection.exec_driver_sql("VACUUM ANALYZE uploads, run_changes")
    with database.reading() as session:
        ids = np.array(session.scalars(select(Upload.id).order_by(Upload.id)).all())
        (judged_at,) = session.execute(
            text("SELECT DISTINCT extract(epoch FROM judged_at - '2000-01-01Z') * 1e6 FROM uploads")
        ).one()
    found = Changes(
        ids=ids,
        judged_at=np.full(COUNT, int(judged_at)),
        was_placeholder=np.zeros(COUNT, np.bool_),
        is_placeholder=np.ones(COUNT, np.bool_),
        needs_review=np.zeros(COUNT, np.bool_),
        similarity_before=np.full(COUNT, 0.1),
        similarity=np.full(COUNT, 0.9),
        score_before=np.full(COUNT, np.nan),
        score=np.full(COUNT, 0.2),
        nearest_before=np.full(COUNT, reference_id),
        nearest=np.full(COUNT, reference_id),
        reasons={},
    )
    spans = [(int(ids[0]), int(ids[-1]))]
    with database.transaction() as session:
        changes.keep(session, run_id, spans, found)
    with database.transaction() as session:
        before = rows_looked_at(session)
        written = write_changes(session, Source(run_id, model.id, 1), spans, [])
        looked_at = rows_looked_at(session) - before
        assert written.verdicts == len(session.scalars(select(Score.id)).all()) == COUNT
        assert sorted(written.flipped) == ids.tolist()
    # Each change and its upload, once; the history is written of what the update returns.
    assert looked_at <= 3 * COUNT
