"""Backbones that were quantised to 8 bits once, with the pooling of their maps.

Heads are trained on the features of the quantised network, so that quantising moves no embedding.
`python -m benchmarks.quantised_backbone` makes one; its `card.md` tells how.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from nophoto.models.errors import NophotoError

_FOLDER = Path(__file__).parent


class QuantisedBackboneError(NophotoError):
    """A quantised backbone is not registered, missing or changed."""


class QuantisedManifest(BaseModel):
    """What `manifest.json` beside a quantised backbone holds.

    Attributes:
        name: in the registry.
        backbone: the full network that was quantised, a name in its registry.
        alias: the short form that begins the id of a model version.
        input_size: height and width of the pictures that it takes, in pixels.
        features: numbers that it makes of a picture.
        files: SHA-256 (hex) by file name.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    backbone: str
    alias: str
    input_size: int
    features: int
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class QuantisedBackbone:
    """A quantised backbone whose files are known to be whole.

    Attributes:
        folder: with the network and its card.
        manifest: what it says of itself.
        digest: SHA-256 (hex) of the manifest, which pins the files.
    """

    folder: Path
    manifest: QuantisedManifest
    digest: str

    @property
    def form(self) -> Path:
        """The OpenVINO IR, from bytes of pixels (n, size, size, 3) to features (n, features)."""
        return self.folder / "features.xml"


def quantised_names() -> list[str]:
    """The names of the quantised backbones that come with the package."""
    return sorted(path.parent.name for path in _FOLDER.glob("*/manifest.json"))


def quantised_backbone(name: str) -> QuantisedBackbone:
    """The quantised backbone of that name, after its files were compared with its manifest.

    Raises:
        QuantisedBackboneError: naming what is missing or changed, and the remedy.
    """
    folder = _FOLDER / name
    path = folder / "manifest.json"
    if not path.is_file():
        raise QuantisedBackboneError(
            f"no quantised backbone {name!r}; there are: {', '.join(quantised_names())}"
        )
    text = path.read_bytes()
    manifest = QuantisedManifest.model_validate_json(text)
    for file, expected in manifest.files.items():
        found = sha256((folder / file).read_bytes()).hexdigest()
        if found != expected:
            raise QuantisedBackboneError(
                f"{folder / file} was changed: its SHA-256 is {found}, not {expected}. Install "
                "nophoto again"
            )
    return QuantisedBackbone(folder, manifest, sha256(text).hexdigest())
