"""Model versions: immutable directories of a trained network and all that judges with it."""

from models.vision.versions.directory import (
    MANIFEST,
    ModelVersion,
    ModelVersionError,
    content_digest,
    open_version,
    write_manifest,
)
from models.vision.versions.shipped import SHIPPED, open_location, shipped_version

__all__ = [
    "MANIFEST",
    "SHIPPED",
    "ModelVersion",
    "ModelVersionError",
    "content_digest",
    "open_location",
    "open_version",
    "shipped_version",
    "write_manifest",
]
