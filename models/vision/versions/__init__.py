"""Model versions: immutable directories of a trained network and all that judges with it."""

from nophoto.models.vision.versions.archive import (
    MOST_BYTES,
    VersionPlaceError,
    keep_version,
    pack_version,
    says_what_to_do,
    unfinished,
    unpack_version,
)
from nophoto.models.vision.versions.cohort import COHORT, read_cohort
from nophoto.models.vision.versions.directory import (
    MANIFEST,
    ModelVersion,
    ModelVersionError,
    content_digest,
    open_version,
    write_manifest,
)
from nophoto.models.vision.versions.held_out import (
    HeldOutMistake,
    held_out_mistakes,
    read_held_out,
    write_held_out,
)
from nophoto.models.vision.versions.shipped import (
    SHIPPED,
    open_location,
    replace_shipped,
    shipped_version,
)

__all__ = [
    "COHORT",
    "MANIFEST",
    "MOST_BYTES",
    "SHIPPED",
    "HeldOutMistake",
    "ModelVersion",
    "ModelVersionError",
    "VersionPlaceError",
    "content_digest",
    "held_out_mistakes",
    "keep_version",
    "open_location",
    "open_version",
    "pack_version",
    "read_cohort",
    "read_held_out",
    "replace_shipped",
    "says_what_to_do",
    "shipped_version",
    "unfinished",
    "unpack_version",
    "write_held_out",
    "write_manifest",
]
