"""`nophoto quality` on a database: what moderators said, by week and kind."""

import json
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import insert, select

from nophoto.jobs.quality.report import quality_report
from nophoto.models.records import clock
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.tables import Lane, SpotCheck, SpotCheckPurpose, Upload, UploadState
from nophoto.models.records.versions import model_versions
from nophoto.models.vocabulary import Kind, Verdict
from tests.jobs.conftest import Cli

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL

Plant = Callable[..., None]


def plant(database: Database, days: int, rows: list[tuple[Verdict, Verdict | None, int]]) -> None:
    """Checked uploads of so many days ago: what the network said, the truth, how many."""
    with database.transaction() as session:
        before = session.scalar(select(Upload.id).order_by(Upload.id.desc()).limit(1)) or 0
        model = model_versions.active(session)
        now = clock.now(session)
        at = now - timedelta(days=days)
        said = [(verdict, truth) for verdict, truth, times in rows for _ in range(times)]
        new = [NewUpload(f"key {before + n}", "/x.jpg") for n in range(len(said))]
        ids = add_uploads(session, new, Lane.BULK).ids
        for upload_id, (verdict, truth) in zip(ids, said, strict=True):
            upload = session.get_one(Upload, upload_id)
            upload.state, upload.verdict, upload.reviewed = UploadState.JUDGED, verdict, truth
            upload.digest, upload.judged_at = f"{upload_id:064x}", at
            upload.model_version_id, upload.reference_set_version = model.id, 1
            session.flush()
            session.execute(
                insert(SpotCheck).values(
                    upload_id=upload_id,
                    purpose=SpotCheckPurpose.SAMPLE,
                    digest=upload.digest,
                    verdict=verdict,
                    kind=Kind.PERSON,
                    model_version_id=model.id,
                    probability=0.5 if verdict == PLACEHOLDER else 0.1,
                    at=at,
                )
            )


GOOD = [(PLACEHOLDER, PLACEHOLDER, 95), (PLACEHOLDER, REAL, 5), (REAL, PLACEHOLDER, 2),
        (REAL, REAL, 198)]  # fmt: skip
BAD = [(PLACEHOLDER, PLACEHOLDER, 40), (PLACEHOLDER, REAL, 5), (REAL, PLACEHOLDER, 16),
       (REAL, REAL, 184)]  # fmt: skip


def test_a_fall_of_recall_is_found_and_ends_the_command_with_1(
    installed: Database, cli: Cli
) -> None:
    plant(installed, 20, GOOD)
    result = cli("quality", "--json")
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["total"]["recall"]["value"] == 190 / 210
    assert told["kinds"]["person"]["precision"]["value"] == 0.95
    assert told["falls"] == []

    plant(installed, 2, BAD)
    result = cli("quality")
    assert result.exit_code == 1
    assert "recall fell from 90.5% to 33.3%" in result.stderr
    assert len(quality_report(installed).weeks) == 2


def test_without_answers_there_is_no_figure_and_it_is_said(installed: Database, cli: Cli) -> None:
    result = cli("quality")
    assert result.exit_code == 0
    assert "has been judged yet" in result.stderr
    plant(installed, 1, [(PLACEHOLDER, None, 3), (REAL, None, 3)])
    result = cli("quality", "--json")
    told = json.loads(result.stdout)["total"]
    assert (told["recall"], told["missing"], told["drawn"]) == (None, "answers", 6)


def test_golden_items_are_named_by_key(installed: Database, cli: Cli) -> None:
    plant(installed, 1, [(REAL, None, 1)])
    result = cli("reviews", "golden", "real", "key 0")
    assert "1 golden items added" in result.stderr
    result = cli("reviews", "golden", "real", "nothing")
    assert result.exit_code == 1
    assert "no upload has the key nothing" in result.stderr
