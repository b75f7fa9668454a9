"""`nophoto rejudge`: other bytes at the same place are found."""

import json
from pathlib import Path

from PIL import Image
from sqlalchemy import select

from nophoto.models.records.database import Database
from nophoto.models.records.lifecycle.uploads import NewUpload, add_uploads
from nophoto.models.records.tables import Lane, Upload, UploadState
from nophoto.models.vision.references import shipped_references
from nophoto.models.vocabulary import Verdict
from nophoto.worker.broker.app import create_app
from nophoto.worker.broker.publisher import waiting
from nophoto.worker.settings import Settings
from tests.parts import pipeline_of


def test_other_bytes_get_another_verdict(
    cli, installed: Database, broker_url: str, monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOPHOTO_BROKER_URL", broker_url)
    file = tmp_path / "photo.png"
    file.write_bytes(shipped_references()[0].data)
    with installed.transaction() as session:
        ids = add_uploads(session, [NewUpload("a", str(file))], Lane.INTERACTIVE).ids
    pipeline = pipeline_of(installed, Settings(_env_file=None, roots=(str(tmp_path),)))
    pipeline.score_chunk(ids)
    Image.effect_noise((80, 80), 90).convert("RGB").save(file)
    done = cli("rejudge", "a", "b", "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {"queued": ["a"], "unknown": ["b"], "broker_error": None}
    assert waiting(create_app(Settings(_env_file=None, broker_url=broker_url)), "interactive") == 1
    with installed.reading() as session:
        upload = session.scalars(select(Upload)).one()
        assert (upload.state, upload.verdict) == (UploadState.QUEUED, Verdict.PLACEHOLDER)
    assert pipeline.score_chunk(ids).judged == 1
    with installed.reading() as session:
        assert session.scalars(select(Upload.verdict)).one() == Verdict.REAL


def test_without_a_broker_they_wait_for_the_sweep(cli, upgraded: Database) -> None:
    with upgraded.transaction() as session:
        add_uploads(session, [NewUpload("a", "/a.jpg")], Lane.BULK)
    done = cli("rejudge", "a")
    assert done.exit_code == 3
    assert "the next sweep" in done.stderr
