"""Model versions where the database says that they lie: with nophoto, in a folder, in a store."""

from pathlib import Path

from nophoto.models.records.database import Database
from nophoto.models.records.versions import model_versions
from nophoto.models.records.versions.model_versions import ModelVersionRow, NewModelVersion
from nophoto.models.vision.versions import (
    SHIPPED,
    ModelVersion,
    ModelVersionError,
    keep_version,
    open_location,
    shipped_version,
    unpack_version,
)
from nophoto.worker.settings import Settings


def open_registered(row: ModelVersionRow, settings: Settings) -> ModelVersion:
    """A registered version, whole and the one that was registered.

    One that lies in an object store is copied to this host first, where it has no copy yet.

    Raises:
        ModelVersionError: if it is missing, changed or another, or its store cannot be reached.
    """
    if is_remote(row.location):
        # Only installations with such a version pay for this.
        from nophoto.worker.versions.object_store import fetched

        version = fetched(row, settings.fetched_folder)
    else:
        version = open_location(row.location)
    if version.digest != row.digest:
        raise ModelVersionError(
            f"the model version at {row.location} has the digest {version.digest}, and the "
            f"database knows {row.id} by {row.digest}. Install the nophoto that it was registered "
            "with, or run `nophoto db upgrade` with this one"
        )
    return version


def is_remote(location: str) -> bool:
    """Whether a version that lies there lies in an object store."""
    return "://" in location


def store_version(
    source: Path, settings: Settings, digest: str | None = None
) -> tuple[ModelVersion, str]:
    """Copy a version to where `settings` have versions kept.

    Args:
        source: the folder of a version, or a file of `pack_version`.
        settings: name the place.
        digest: that the version must have, SHA-256 (hex), as its maker says.

    Returns:
        The version in a folder of this host, and the location that the database is to know.

    Raises:
        ModelVersionError: if it is missing, changed or another, or cannot be kept.
    """
    copy = keep_version if source.is_dir() else unpack_version
    version = copy(source, settings.versions_folder, digest)
    if settings.versions_store is None:
        return version, str(version.folder)
    from nophoto.worker.versions.object_store import store

    return version, store(version, settings.versions_store)


def register_version(database: Database, version: ModelVersion, location: str) -> bool:
    """Register a version that lies at a location of `store_version`.

    Returns:
        Whether it is new. One that is known keeps its location, unless it is now in a store, which
        every host sees, or came with an earlier nophoto, and went with it.

    Raises:
        ModelVersionConflictError: if another version has its id.
    """
    with database.transaction() as session:
        is_new = model_versions.register(session, registration(version, location))
        if is_new:
            return True
        if model_versions.get(session, version.id).location == SHIPPED:
            # This nophoto's own is at hand everywhere, and makes room for the next one's.
            moves = version.id != shipped_version().id
        else:
            moves = is_remote(location)
        if moves:
            model_versions.relocate(session, version.id, location)
    return False


def check_store(settings: Settings, *, writes: bool = False) -> None:
    """Make sure that the store of versions answers, where `settings` name one.

    Args:
        settings: name the place.
        writes: whether versions are to be put there.

    Raises:
        VersionStoreError: if it does not, or if its package is not installed.
    """
    if settings.versions_store is not None:
        from nophoto.worker.versions.object_store import check_store

        check_store(settings.versions_store, writes=writes)


def registration(version: ModelVersion, location: str) -> NewModelVersion:
    """What the database keeps of a model version that lies at `location`."""
    manifest = version.manifest
    return NewModelVersion(
        id=version.id,
        digest=version.digest,
        backbone=manifest.backbone,
        dimension=manifest.dimension,
        threshold=manifest.threshold,
        review_low=manifest.review_low,
        review_high=manifest.review_high,
        metrics=manifest.metrics,
        location=location,
    )
