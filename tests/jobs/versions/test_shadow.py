"""A version in the shadow: it judges live uploads, writes no verdict, and a worse one is named."""

import json
from io import BytesIO
from pathlib import Path
from shutil import rmtree

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select

from nophoto.jobs.curation.spot_checks import answer_spot_check, next_spot_check
from nophoto.jobs.quality.paired import paired_difference
from nophoto.jobs.versions.promotion import import_version
from nophoto.jobs.versions.shadow import (
    last_dry_rescoring,
    objection_of_shadow,
    shadow_report,
    start_shadow,
    stop_shadow,
)
from nophoto.models.records import runs
from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.rescoring import RescoreParameters
from nophoto.models.records.review.spot_checks import OpenSpotCheck
from nophoto.models.records.tables import Lane, Notice, RunKind, Score, Upload
from nophoto.models.records.versions import model_versions, shadows
from nophoto.models.records.versions.shadows import ShadowError
from nophoto.models.vision.references import shipped_references
from nophoto.models.vision.versions import shipped_version
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.scoring.shadow import ShadowJudge
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import storage_of
from tests.jobs.conftest import Cli
from tests.parts import DECODERS, blind_version, pipeline_of, rescoring_of

PLACEHOLDER, REAL = Verdict.PLACEHOLDER, Verdict.REAL


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Changed copies of shipped placeholders, which the shipped version flags."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    monkeypatch.setenv("NOPHOTO_ROOTS", str(folder))
    files = []
    for place, reference in enumerate(shipped_references()[:120:10]):
        file = folder / f"{place}.jpg"
        image = Image.open(BytesIO(reference.data)).convert("RGB")
        image.resize((230, 230)).save(file, quality=60)
        files.append(file)
    return files


@pytest.fixture
def blind(installed: Database, tmp_path: Path) -> str:
    """A worse version, registered."""
    version = blind_version(tmp_path / "blind")
    import_version(installed, Settings(_env_file=None, home=tmp_path / "home"), version.folder)
    return version.id


def judge_live(database: Database, pictures: list[Path], prefix: str = "shop") -> list[int]:
    """Enqueue pictures and have them judged by the active version."""
    with database.transaction() as session:
        new = [NewUpload(f"{prefix}/{file.name}", str(file)) for file in pictures]
        ids = add_uploads(session, new, Lane.BULK).ids
    pipeline_of(database, Settings(_env_file=None)).score_chunk(ids)
    return ids


def step(database: Database) -> int:
    settings = Settings(_env_file=None)
    return ShadowJudge(database, settings, storage_of(settings), DECODERS).step(30)


def test_a_planted_worse_version_is_named_and_writes_no_verdict(
    installed: Database, pictures: list[Path], blind: str, cli: Cli
) -> None:
    judge_live(installed, pictures[:2], "before")
    result = cli("model", "shadow", blind, "--share", "1")
    assert result.exit_code == 0, result.stderr
    ids = judge_live(installed, pictures)
    with installed.reading() as session:
        before = session.execute(
            select(Upload.id, Upload.verdict, Upload.model_version_id).order_by(Upload.id)
        ).all()
        written = session.scalar(select(func.count()).select_from(Score))
    flagged = sum(row.verdict == PLACEHOLDER for row in before if row.id in ids)
    assert flagged >= 10, "the shipped version knows its references"

    assert step(installed) == len(pictures), "only what was judged since the shadow began"
    assert step(installed) == 0
    with installed.reading() as session:
        after = session.execute(
            select(Upload.id, Upload.verdict, Upload.model_version_id).order_by(Upload.id)
        ).all()
        assert session.scalar(select(func.count()).select_from(Score)) == written
        assert session.scalar(select(func.count()).select_from(Notice)) == 0
    assert after == before

    report = shadow_report(installed)
    assert (report.tally.compared, report.tally.active_flagged) == (len(pictures), flagged)
    differ = flagged - report.tally.shadow_flagged
    assert differ >= 5
    assert report.tally.differ == differ
    assert report.difference is None, "nobody has judged a disagreement"

    def next_check() -> OpenSpotCheck | None:
        with installed.reading() as session:
            return next_spot_check(session, "ann", 0)

    while check := next_check():
        answer_spot_check(installed, check.spot_check_id, "ann", PLACEHOLDER)
    report = shadow_report(installed)
    assert report.tally.answered == differ
    assert report.difference.word == "worse"
    assert "the shadow is worse" in cli("model", "shadow").stderr
    assert len(json.loads(cli("model", "shadow", "--json").stdout)["examples"]) == differ
    assert "fewer uploads than the active" in (objection_of_shadow(installed, blind, 5) or "")
    assert "asks for 50" in (objection_of_shadow(installed, blind, 50) or "")
    assert objection_of_shadow(installed, blind, 0) is None


def test_the_gate_of_a_promotion_asks_for_the_shadow(
    installed: Database, blind: str, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOPHOTO_SHADOW_FEWEST", "50")
    refused = cli("model", "promote", blind)
    assert refused.exit_code == 1
    assert "NOPHOTO_SHADOW_FEWEST asks for 50" in " ".join(refused.stderr.split())
    with installed.reading() as session:
        active = model_versions.active(session)
    assert active is not None
    assert active.id != blind


def test_a_dry_rescoring_by_another_version_is_the_cheap_first_step(
    installed: Database, pictures: list[Path], blind: str, cli: Cli
) -> None:
    assert last_dry_rescoring(installed) is None
    ids = judge_live(installed, pictures)
    with installed.reading() as session:
        before = dict(session.execute(select(Upload.id, Upload.verdict)).all())
    wanted = RescoreParameters(dry_run=True, model=blind)
    with installed.transaction() as session:
        run_id = runs.request(session, RunKind.RESCORE, wanted.as_dict(), "a test")
    settings = Settings(_env_file=None)
    rescoring = rescoring_of(installed, settings, create_app(settings))
    while rescoring.step(run_id):
        pass
    run = last_dry_rescoring(installed)
    assert run is not None
    assert run.result is not None
    flagged = sum(verdict == PLACEHOLDER for verdict in before.values())
    assert (run.id, run.result["model_version_id"]) == (run_id, blind)
    assert run.result["compared"] == len(ids)
    assert 5 <= run.result["to_real"] <= flagged, "it claims what is next to a reference alone"
    assert (run.result["to_placeholder"], run.result["written"]) == (0, 0)
    with installed.reading() as session:
        assert dict(session.execute(select(Upload.id, Upload.verdict)).all()) == before

    refused = cli("rescore", "--model", blind)
    assert (refused.exit_code, "in a dry run alone" in refused.stderr) == (1, True)
    unknown = cli("rescore", "--dry-run", "--model", "nothing-1")
    assert (unknown.exit_code, "nothing-1" in unknown.stderr) == (1, True)


def test_a_share_of_the_uploads_is_judged(
    installed: Database, pictures: list[Path], blind: str
) -> None:
    start_shadow(installed, blind, 0.3, "ann")
    judge_live(installed, pictures)
    compared = step(installed)
    assert 0 < compared < len(pictures)


def test_a_version_that_judges_or_is_gone_meanwhile_ends_the_run(
    installed: Database, pictures: list[Path], blind: str, tmp_path: Path
) -> None:
    start_shadow(installed, blind, 1.0, "ann")
    judge_live(installed, pictures[:2])
    rmtree(tmp_path / "home/model-versions")
    assert step(installed) == 0
    with installed.reading() as session:
        assert "cannot be opened any more" in shadows.latest(session).ended_because
    start_shadow(installed, blind, 1.0, "ann")
    with installed.transaction() as session:
        model_versions.activate(session, blind)
    assert step(installed) == 0
    with installed.reading() as session:
        assert shadows.latest(session).ended_because == f"{blind} judges by now"


def test_one_runs_at_a_time_and_not_the_active_one(
    installed: Database, blind: str, cli: Cli
) -> None:
    with pytest.raises(ShadowError, match="judges already"):
        start_shadow(installed, shipped_version().id, 0.1, "ann")
    start_shadow(installed, blind, 0.1, "ann")
    with pytest.raises(ShadowError, match="--stop"):
        start_shadow(installed, blind, 0.1, "ann")
    assert "judges in the shadow no longer" in cli("model", "shadow", "--stop").stderr
    with pytest.raises(ShadowError, match="no version"):
        stop_shadow(installed, "ann")


def test_the_paired_interval_covers_the_difference_over_many_seeds() -> None:
    inside = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        compared, better, worse = 5_000, 40, 15
        asked = random.random(better + worse) < 0.5
        right = asked[:better].sum()
        answered = asked.sum()
        found = paired_difference(compared, better + worse, int(answered), int(right))
        inside += found.low <= (better - worse) / compared <= found.high
    assert inside >= 285
    assert paired_difference(5_000, 100, 100, 90).word == "better"
    assert paired_difference(5_000, 100, 100, 10).word == "worse"
    assert paired_difference(5_000, 100, 10, 5).word == "alike"
    assert paired_difference(5_000, 100, 0, 0) is None
