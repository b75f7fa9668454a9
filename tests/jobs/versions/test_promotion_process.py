"""What opens a network ends with a process of its own, and does not grow the console's."""

import shutil
from pathlib import Path

import pytest

import nophoto.jobs.versions.promotion
from nophoto.jobs.versions.promotion import import_version
from nophoto.jobs.versions.promotion_process import PromotionRequest, promote_in_subprocess
from nophoto.models.errors import NophotoError
from nophoto.models.records.database import Database
from nophoto.models.records.tables import PromotionKind
from nophoto.models.records.versions import model_versions, promotions
from nophoto.models.vision.versions import MANIFEST, shipped_version, write_manifest
from nophoto.worker.settings import Settings
from nophoto.worker.versions.shipped import install_shipped


@pytest.fixture
def other(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a version that replaced the shipped one; the database is the settings'."""
    url = database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("NOPHOTO_DATABASE_URL", url)
    monkeypatch.setenv("NOPHOTO_HOME", str(tmp_path / "home"))
    install_shipped(database)
    folder = tmp_path / "other"
    shutil.copytree(shipped_version().folder, folder)
    (folder / MANIFEST).unlink()
    fields = shipped_version().manifest.model_dump(exclude={"id", "files"})
    version = write_manifest(folder, "other", **fields)
    import_version(database, Settings(_env_file=None), folder)
    with database.transaction() as session:
        model_versions.activate(session, version.id)
    return version.id


def test_a_rollback_opens_no_network_in_this_process(database, other, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a network was opened here")

    monkeypatch.setattr(nophoto.jobs.versions.promotion, "open_network", refuse)
    done = promote_in_subprocess(PromotionRequest(None, "ann", "it finds less"))
    assert done["model_version"] == shipped_version().id
    with database.reading() as session:
        change = promotions.history(session)[0]
    assert (change.kind, change.by, change.reason, change.replaced_id) == (
        PromotionKind.ROLLED_BACK,
        "ann",
        "it finds less",
        other,
    )
    with pytest.raises(NophotoError, match="no model version judged before"):
        promote_in_subprocess(PromotionRequest(None, "ann", ""))
