"""The packages whose pictures are learnt from, and what each of them holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Use(StrEnum):
    """What becomes of the pictures of a package; the value is the folder that they go to."""

    OPENCV = "real/opencv"
    GCOMPRIS = "real/gcompris"
    WALLPAPERS = "real/wallpapers"
    STAMPS = "real/stamps"
    ICONS = "placeholders/icons"
    CLIP_ART = "placeholders/clip-art"


@dataclass(frozen=True, slots=True)
class Package:
    """A package of Debian.

    Attributes:
        name: of the package.
        licence: as its copyright file states it.
        use: what becomes of its pictures.
        patterns: of the files that are taken, below the root; `**` stands for any folders.
    """

    name: str
    licence: str
    use: Use
    patterns: Sequence[str]


_PHOTOGRAPHS = ("usr/share/**/*.jpg", "usr/share/**/*.jpeg", "usr/share/**/*.png")
# Icons of devices are left out: many are as good as photographs of goods, and goods are real.
_SORTS = ("actions", "categories", "emblems", "emotes", "mimes", "mimetypes", "places", "status")


def _icons(*folders: str) -> Sequence[str]:
    """Icons of useful sizes, by folders in which `{}` stands for what they show."""
    return [f"usr/share/icons/{folder.format(sort)}/*.png" for folder in folders for sort in _SORTS]


PACKAGES = (
    Package(
        "opencv-doc",
        "Apache-2.0, BSD",
        Use.OPENCV,
        (
            "usr/share/doc/opencv-doc/examples/data/**/*.jpg",
            "usr/share/doc/opencv-doc/examples/data/**/*.png",
            "usr/share/doc/opencv-doc/opencv4/html/*.jpg",
        ),
    ),
    Package(
        "gcompris-qt-data",
        "CC-BY-SA, CC-BY, public domain, GPL-3.0+",
        Use.GCOMPRIS,
        tuple(
            f"usr/share/gcompris-qt/rcc/{activity}.rcc"
            for activity in (
                "details",
                "explore_farm_animals",
                "explore_monuments",
                "explore_world_animals",
                "explore_world_music",
                "paintings",
            )
        ),
    ),
    Package("lomiri-wallpapers-16.04", "CC-BY, CC-BY-SA", Use.WALLPAPERS, _PHOTOGRAPHS),
    Package("lomiri-wallpapers-20.04", "CC-BY, CC-BY-SA", Use.WALLPAPERS, _PHOTOGRAPHS),
    Package("mate-backgrounds", "GPL-2.0+", Use.WALLPAPERS, _PHOTOGRAPHS),
    Package(
        "plasma-workspace-wallpapers",
        "GPL-2.0+",
        Use.WALLPAPERS,
        ("usr/share/wallpapers/*/contents/screenshot.*",),
    ),
    Package("ukui-wallpapers", "CC-BY-SA-3.0", Use.WALLPAPERS, _PHOTOGRAPHS),
    Package(
        "tuxpaint-stamps-default",
        "GPL-2.0",
        Use.STAMPS,
        tuple(
            f"usr/share/tuxpaint/stamps/{subject}/**/*.png"
            for subject in ("animals", "clothes", "food", "hobbies", "household", "plants")
        ),
    ),
    Package("elementary-xfce-icon-theme", "GPL-2.0+", Use.ICONS, _icons("elementary-xfce/{}/128")),
    Package("faenza-icon-theme", "GPL-3.0", Use.ICONS, _icons("Faenza/{}/96")),
    Package("gnome-icon-theme", "GPL-2.0+", Use.ICONS, _icons("gnome/256x256/{}")),
    Package("lxde-icon-theme", "GPL-2.0+", Use.ICONS, _icons("nuoveXT2/128x128/{}")),
    Package("mate-icon-theme", "CC-BY-SA, GPL", Use.ICONS, _icons("mate/256x256/{}")),
    Package("moka-icon-theme", "CC-BY-SA, GPL", Use.ICONS, _icons("Moka/256x256/{}")),
    Package("obsidian-icon-theme", "GPL-3.0", Use.ICONS, _icons("Obsidian/{}/96")),
    Package("oxygen-icon-theme", "LGPL-3.0+", Use.ICONS, _icons("oxygen/base/256x256/{}")),
    Package(
        "openclipart-png",
        "public domain",
        Use.CLIP_ART,
        tuple(f"usr/share/openclipart/png/{subject}/**/*.png" for subject in ("animals", "people")),
    ),
)


def sources(packages: Sequence[Package]) -> str:
    """Where the pictures come from, in Markdown, for the card of a version."""
    lines = [
        "Of Debian's packages, with their licences; icons and clip art were laid on plain",
        "backgrounds as placeholders, cut-out objects as goods:",
        "",
        *(f"- {package.name} ({package.licence})" for package in packages),
    ]
    return "\n".join(lines) + "\n"
