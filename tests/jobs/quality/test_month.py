"""A month of a platform whose true recall is known: what moderators' answers say of it."""

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import insert, update

from nophoto.jobs.quality.report import quality_report
from nophoto.models.records import references
from nophoto.models.records.database import Database
from nophoto.models.records.review import spot_check_draws
from nophoto.models.records.review.spot_check_draws import Shares
from nophoto.models.records.scoring.outcomes import Judged
from nophoto.models.records.tables import Lane, SpotCheck, Upload, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Kind, Verdict

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL
START = datetime(2026, 11, 2, tzinfo=UTC)
DAYS, UPLOADS = 28, 600
SHARES = Shares(0.05, 0.3, 0.0)


def test_the_estimate_of_a_month_holds_what_is_true(installed: Database) -> None:
    """From the third week on the network misses twice as many, and an alarm says so."""
    random = np.random.default_rng(28)
    found = missed = flagged = 0
    for day in range(DAYS):
        recall = 0.9 if day < 21 else 0.35
        true, said = _day(installed, random, day, recall)
        found += (true & said).sum()
        missed += (true & ~said).sum()
        flagged += said.sum()
    report = quality_report(installed, now=START + timedelta(days=DAYS))
    true_recall, true_precision = found / (found + missed), found / flagged
    assert report.total.recall.low <= true_recall <= report.total.recall.high
    assert report.total.precision.low <= true_precision <= report.total.precision.high
    assert report.total.recall.high - report.total.recall.low < 0.3
    assert report.total.missed.low <= missed <= report.total.missed.high
    assert len(report.weeks) == 4
    assert [fall.figure for fall in report.falls] == ["recall"]
    weeks = [week.quality.recall.value for week in reversed(report.weeks)]
    assert weeks[3] < min(weeks[:3])


def _day(
    database: Database, random: np.random.Generator, day: int, recall: float
) -> tuple[np.ndarray, np.ndarray]:
    """Judge a day's uploads, draw some, and let moderators answer two of three."""
    true = random.random(UPLOADS) < 0.08
    said = np.where(true, random.random(UPLOADS) < recall, random.random(UPLOADS) < 0.005)
    score = np.where(said, 0.1, -random.exponential(np.where(true, 0.1, 0.35)))
    at = START + timedelta(days=day, hours=12)
    with database.transaction() as session:
        model, reference = model_versions.active(session), references.active(session).members[0]
        rows = [
            {
                "id": day * UPLOADS + n + 1,
                "key": f"{day}/{n}",
                "uri": "/x.jpg",
                "lane": Lane.BULK,
                "state": UploadState.JUDGED,
                "digest": f"{day * UPLOADS + n:064x}",
                "verdict": PLACEHOLDER if said[n] else REAL,
                "score": float(score[n]),
                "similarity": 0.5,
                "nearest_reference_id": reference.id,
                "model_version_id": model.id,
                "reference_set_version": 1,
                "created_at": at,
                "updated_at": at,
                "judged_at": at,
            }
            for n in range(UPLOADS)
        ]
        session.execute(insert(Upload), rows)
        judged = [
            Judged(row["id"], row["digest"], row["verdict"], False, 0.5, reference.id,
                   score=row["score"], kind=Kind.PERSON)
            for row in rows
        ]  # fmt: skip
        drawn = spot_check_draws.draw(session, judged, model.id, SHARES)
        session.execute(update(SpotCheck).where(SpotCheck.upload_id.in_(drawn)).values(at=at))
        for upload_id in drawn:
            if random.random() < 2 / 3:
                truth = PLACEHOLDER if true[upload_id - day * UPLOADS - 1] else REAL
                answered = update(Upload).where(Upload.id == upload_id)
                session.execute(answered.values(reviewed=truth, reviewed_at=at))
    return true, said
