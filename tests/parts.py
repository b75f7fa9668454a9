"""The parts of a worker, joined as `WorkerContext` joins them; tests replace one of them."""

from pathlib import Path
from shutil import copytree

from celery import Celery

from nophoto.models.records.database import Database
from nophoto.models.vision.versions import COHORT, ModelVersion, shipped_version, write_manifest
from nophoto.worker.decoding.pool import decoders_of
from nophoto.worker.matching.active_judge import ActiveJudge
from nophoto.worker.rescoring import Rescoring
from nophoto.worker.scoring.pipeline import Pipeline
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, storage_of

DECODERS = decoders_of(Settings(_env_file=None))
"""Shared by all tests of one process; a decoding process starts when the first picture comes."""


def pipeline_of(
    database: Database,
    settings: Settings,
    judge: ActiveJudge | None = None,
    storage: Storage | None = None,
) -> Pipeline:
    """A pipeline over the shared decoders."""
    return Pipeline(
        database,
        judge or ActiveJudge(database, settings, DECODERS),
        settings,
        storage or storage_of(settings),
        DECODERS,
    )


def rescoring_of(
    database: Database, settings: Settings, app: Celery, judge: ActiveJudge | None = None
) -> Rescoring:
    """What works on rescorings, over the shared decoders."""
    return Rescoring(
        database,
        judge or ActiveJudge(database, settings, DECODERS),
        settings,
        app,
        storage_of(settings),
        DECODERS,
    )


def blind_version(folder: Path) -> ModelVersion:
    """A version that calls next to nothing a placeholder, though its network is the shipped one."""
    shipped = shipped_version()
    copytree(shipped.folder, folder)
    (folder / COHORT).unlink()
    (folder / "manifest.json").unlink()
    fields = shipped.manifest.model_dump(exclude={"id", "files"})
    fields |= {"threshold": 1.0, "review_low": 1.0, "review_high": 1.0}
    return write_manifest(folder, "blind", **fields)
