"""Decided pictures for anyone's training: whole, labelled, weighed, and nothing that was erased."""

import csv
import json
from hashlib import sha256
from pathlib import Path

import pyarrow.parquet
import pytest
from sqlalchemy import select

from nophoto.jobs.training.dataset import check_named
from nophoto.models.records.database import Database
from nophoto.models.records.tables import SpotCheck, SpotCheckPurpose, Upload
from nophoto.models.vision.training.pictures import TrainingError
from nophoto.models.vocabulary import Verdict
from nophoto.worker.retraining.request import RetrainParameters
from tests.jobs.conftest import Cli


@pytest.fixture
def decided(installed: Database, picture, outcomes, cli: Cli, monkeypatch) -> dict[str, bytes]:
    """Five decided uploads; of one other bytes lie there by now."""
    files = [picture(f"{n}.png") for n in range(5)]
    monkeypatch.setenv("NOPHOTO_ROOTS", str(files[0].parent))
    outcomes(installed, *((f"shop/{n}", str(file), 0.9 - n / 3) for n, file in enumerate(files)))
    with installed.transaction() as session:
        for upload in session.scalars(select(Upload)):
            data = Path(upload.uri).read_bytes()
            upload.digest = sha256(data).hexdigest()
        session.flush()
        row = session.scalars(select(Upload).where(Upload.key == "shop/4")).one()
        session.add(
            SpotCheck(
                upload_id=row.id,
                purpose=SpotCheckPurpose.SAMPLE,
                digest=row.digest,
                verdict=Verdict.REAL,
                model_version_id=row.model_version_id,
                probability=0.25,
                at=row.created_at,
            )
        )
    cli("reviews", "decide", "placeholder", "shop/0", "shop/1", "--code", "logo")
    cli("reviews", "decide", "real", "shop/2", "shop/3", "shop/4")
    files[3].write_bytes(b"other bytes")
    return {f"shop/{n}": file.read_bytes() for n, file in enumerate(files)}


def test_a_folder_by_class_comes_back_in_by_retrain(
    decided: dict[str, bytes], cli: Cli, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    result = cli("reviews", "export", out, "--json")
    assert json.loads(result.stdout) == {"placeholders": 2, "real": 2, "unreadable": 1}
    with (out / "labels.csv").open(newline="") as file:
        rows = {row["key"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"shop/0", "shop/1", "shop/2", "shop/4"}
    for key, row in rows.items():
        assert (out / row["file"]).read_bytes() == decided[key]
        assert row["file"].startswith(row["label"])
    assert (rows["shop/0"]["code"], rows["shop/0"]["weight"]) == ("logo", "1.0")
    assert float(rows["shop/4"]["weight"]) == 4.0
    with pytest.raises(TrainingError):
        # They are taken, and are only too few to learn from.
        check_named(
            RetrainParameters.of(
                {
                    "placeholders": [str(out / "placeholder")],
                    "real": [str(out / "real")],
                    "reviews": False,
                }
            )
        )


def test_parquet_holds_the_pictures_and_nothing_that_was_erased(
    decided: dict[str, bytes], cli: Cli, tmp_path: Path
) -> None:
    cli("erase", "shop/1")
    out = tmp_path / "set.parquet"
    result = cli("reviews", "export", out)
    assert "1 placeholders and 2 real pictures" in result.stderr
    table = pyarrow.parquet.read_table(out).to_pylist()
    pictures = {row["key"]: row["picture"] for row in table}
    assert pictures == {key: decided[key] for key in ("shop/0", "shop/2", "shop/4")}
    assert {row["key"]: row["label"] for row in table}["shop/0"] == "placeholder"
