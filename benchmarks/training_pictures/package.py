"""What a package with pictures is, and what becomes of its pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from nophoto.models.vocabulary import Kind


class Use(StrEnum):
    """What becomes of the pictures of a package; the value is the folder that they go to.

    What is cut out is laid on a ground: composed, and so no sample of what people upload.
    """

    OPENCV = "real/opencv"
    GCOMPRIS = "real/gcompris"
    WALLPAPERS = "real/wallpapers"
    STAMPS = "composed/stamps"
    RENDERS = "composed/renders"
    LOGOS = "composed/logos"
    FLAGS = "composed/flags"
    CLIP_ART = "composed/clip-art"
    ILLUSTRATIONS = "composed/illustrations"
    SKETCHES = "composed/sketches"
    PIXEL_ART = "composed/pixel-art"
    FIGURES = "real/figures"
    MAPS = "real/maps"
    SCREENS = "real/screens"
    CARDS = "composed/cards"
    INITIALS = "placeholders/avatars/initials"
    IDENTICONS = "placeholders/avatars/identicon"
    CARTOONS = "placeholders/avatars/cartoon"
    PROJECTS = "placeholders/projects"
    NAMED_PROJECTS = "placeholders/named"

    @property
    def is_real(self) -> bool:
        """Whether the pictures are of the real side."""
        return self.value.startswith(("real/", "composed/"))

    @property
    def holds_icons(self) -> bool:
        """Whether some pictures may be glyphs that placeholders show as well, as in icon themes."""
        return self is Use.LOGOS

    @property
    def is_of_games(self) -> bool:
        """Whether the pictures are mostly those that games are put together of."""
        return self in {Use.ILLUSTRATIONS, Use.PIXEL_ART}


class Registry(StrEnum):
    """Where a package is fetched from; the value is what the card calls it."""

    DEBIAN = "Debian"
    PYPI = "PyPI"
    NPM = "npm"
    DICEBEAR = "npm, drawn by its own code"


@dataclass(frozen=True, slots=True)
class Package:
    """A package with pictures.

    Attributes:
        name: of the package, with its version where the registry keeps old ones.
        licence: as its copyright file states it.
        use: what becomes of its pictures.
        patterns: of the files that are taken, below the root; `**` stands for any folders.
        registry: that has it.
        kind: of all its placeholders, where somebody has named it.
    """

    name: str
    licence: str
    use: Use
    patterns: Sequence[str]
    registry: Registry = Registry.DEBIAN
    kind: Kind | None = None

    @property
    def folder(self) -> str:
        """Where its pictures lie, below the folder of all; a kind's folder names the kind."""
        return "/".join(filter(None, (self.use, self.kind, self.name)))
