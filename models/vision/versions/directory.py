"""A model version on disk: a directory that its id, a digest of all that judges, pins."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import from_json

from nophoto.models.errors import NophotoError

MANIFEST = "manifest.json"


class ModelVersionError(NophotoError):
    """A model version is missing, incomplete, or not the one that was trained."""


class Manifest(BaseModel):
    """What `manifest.json` holds.

    Attributes:
        id: the backbone's alias and the beginning of the content digest.
        backbone: its name in its registry.
        backbone_digest: of a quantised backbone; None for a full one.
        input_size: height and width of the pictures that the network takes, in pixels.
        dimension: of an embedding.
        threshold: similarity from which on an upload is a placeholder.
        review_low, review_high: between them, both included, a verdict is marked for review.
        metrics: what evaluation found; for people and for comparing versions.
        files: SHA-256 (hex) by file name, of all that the directory holds beside the manifest.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(pattern=r"^[a-z0-9]+-[0-9a-f]{8}$")
    backbone: str
    backbone_digest: str | None = None
    input_size: int = Field(gt=0)
    dimension: int = Field(gt=0)
    threshold: float
    review_low: float
    review_high: float
    metrics: dict[str, Any]
    files: dict[str, str]

    @model_validator(mode="after")
    def _band_holds_threshold(self) -> "Manifest":
        if not self.review_low <= self.threshold <= self.review_high:
            raise ValueError("the review band does not hold the threshold")
        return self

    @field_validator("files")
    @classmethod
    def _files_lie_in_the_directory(cls, files: dict[str, str]) -> dict[str, str]:
        for name in files:
            if Path(name).name != name:
                raise ValueError(f"{name!r} does not lie in the directory")
        return files


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A model version whose files are known to be whole.

    Attributes:
        folder: the directory.
        digest: of its whole content, `content_digest` of the manifest.
        manifest: what it says of itself.
    """

    folder: Path
    digest: str
    manifest: Manifest

    @property
    def id(self) -> str:
        """What verdicts name it by."""
        return self.manifest.id

    @property
    def serving_form(self) -> Path:
        """The OpenVINO IR; its weights lie beside it."""
        return self.folder / "network.xml"

    @property
    def keras_form(self) -> Path:
        """The trained network as Keras saves it; absent where the backbone is quantised."""
        return self.folder / "network.keras"

    @property
    def head_form(self) -> Path:
        """The trained head as Keras saves it, of a version that stands on a quantised backbone."""
        return self.folder / "head.keras"


def content_digest(manifest: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over a manifest as plain values, its `id` left out, whatever their order.

    The manifest holds the digests of the files, and the threshold, the review band and the metrics
    beside them: none of it can be changed without another id.
    """
    content = {name: value for name, value in manifest.items() if name != "id"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return sha256(text.encode()).hexdigest()


def open_version(folder: Path) -> ModelVersion:
    """The model version in `folder`, after its files were compared with its manifest.

    Raises:
        ModelVersionError: naming the file that is missing or changed, and the remedy.
    """
    remedy = "Install nophoto again, or import the model version again"
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelVersionError(
            f"there is no model version in {folder}: {path} is missing. {remedy}"
        )
    try:
        # As it stands in the file: fields of a later nophoto are part of the content as well.
        content = from_json(path.read_bytes(), allow_inf_nan=False)
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ModelVersionError(f"the manifest {path} is not valid ({reason}). {remedy}") from error
    except ValueError as error:
        raise ModelVersionError(f"the manifest {path} is not valid ({error}). {remedy}") from error
    digest = content_digest(content)
    if not manifest.id.endswith(f"-{digest[:8]}"):
        raise ModelVersionError(
            f"the manifest {path} was changed since {manifest.id} was trained: its digest now "
            f"begins with {digest[:8]}. {remedy}"
        )
    for name, expected in manifest.files.items():
        file = folder / name
        if not file.is_file():
            raise ModelVersionError(f"the model version {manifest.id} lacks {file}. {remedy}")
        with file.open("rb") as opened:
            found = _digest(opened.read())
        if found != expected:
            raise ModelVersionError(
                f"{file} was changed since {manifest.id} was trained: its SHA-256 is {found}, not "
                f"{expected}. {remedy}"
            )
    return ModelVersion(folder, digest, manifest)


def write_manifest(folder: Path, alias: str, **fields: Any) -> ModelVersion:
    """Seal `folder`: give it an id and write the manifest over the files that it holds.

    Args:
        folder: holds the files of the version and no manifest yet.
        alias: what the id begins with.
        fields: the fields of `Manifest` but `id` and `files`.
    """
    files = {path.name: _digest(path.read_bytes()) for path in sorted(folder.iterdir())}
    unnamed = Manifest(id=f"{alias}-{'0' * 8}", files=files, **fields)
    digest = content_digest(unnamed.model_dump())
    manifest = unnamed.model_copy(update={"id": f"{alias}-{digest[:8]}"})
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return ModelVersion(folder, digest, manifest)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
