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
    AVATARS = "placeholders/avatars"
    ILLUSTRATIONS = "placeholders/illustrations"
    PROJECTS = "placeholders/projects"


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
    """

    name: str
    licence: str
    use: Use
    patterns: Sequence[str]
    registry: Registry = Registry.DEBIAN


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
    Package(
        "@dicebear/collection@9.4.3",
        "MIT; designs CC0-1.0, CC-BY-4.0, free for any use",
        Use.AVATARS,
        ("avatars/*.svg",),
        Registry.DICEBEAR,
    ),
    Package(
        "@gravity-ui/illustrations@2.1.1",
        "MIT",
        Use.ILLUSTRATIONS,
        ("node_modules/@gravity-ui/illustrations/svgs/*-light.svg",),
        Registry.NPM,
    ),
    Package(
        "@douyinfe/semi-illustrations@2.103.0",
        "MIT",
        Use.ILLUSTRATIONS,
        ("node_modules/@douyinfe/semi-illustrations/src/svgs/*.svg",),
        Registry.NPM,
    ),
    Package(
        "admin-lte@3.2.0",
        "MIT",
        Use.PROJECTS,
        tuple(f"node_modules/admin-lte/dist/img/{name}.png" for name in ("avatar*", "default-*")),
        Registry.NPM,
    ),
    Package(
        "ckan==2.12.0",
        "AGPL-3.0+",
        Use.PROJECTS,
        ("ckan/public/base/images/placeholder-*.png",),
        Registry.PYPI,
    ),
    Package(
        "django-oscar==4.2.1",
        "BSD",
        Use.PROJECTS,
        ("oscar/static/oscar/img/image_not_found.jpg",),
        Registry.PYPI,
    ),
    Package(
        "geonode==5.1.1",
        "GPL-3.0",
        Use.PROJECTS,
        tuple(f"geonode/static/geonode/img/{name}" for name in ("missing_*.png", "default-*.jpg")),
        Registry.PYPI,
    ),
    Package(
        "misago==0.39.6",
        "GPL-2.0",
        Use.PROJECTS,
        ("misago/static/misago/img/blank-avatar.png",),
        Registry.PYPI,
    ),
    Package(
        "products.cmfplone==6.2.2",
        "GPL-2.0",
        Use.PROJECTS,
        ("Products/CMFPlone/skins/plone_images/defaultUser.png",),
        Registry.PYPI,
    ),
    Package(
        "wagtail==8.0.1",
        "BSD-3-Clause",
        Use.PROJECTS,
        ("wagtail/admin/static/wagtailadmin/images/default-user-avatar.png",),
        Registry.PYPI,
    ),
    Package(
        "cinnamon-common",
        "GPL-2.0+",
        Use.PROJECTS,
        tuple(f"usr/share/cinnamon/faces/{name}.png" for name in ("7_*", "user-generic")),
    ),
    Package(
        "kodi-data",
        "GPL-2.0+",
        Use.PROJECTS,
        ("usr/share/kodi/addons/webinterface.default/images/Default*.png",),
    ),
    Package("plasma-workspace-data", "GPL-2.0+", Use.PROJECTS, ("usr/share/plasma/avatars/*.png",)),
)


def sources(packages: Sequence[Package]) -> str:
    """Where the pictures come from, in Markdown, for the card of a version."""
    lines = [
        "Of packages, with their licences; icons, illustrations and clip art were laid on plain",
        "backgrounds as placeholders, cut-out objects as goods:",
    ]
    for registry in Registry:
        lines += ["", f"Of {registry}:", ""]
        lines += [
            f"- {package.name} ({package.licence})"
            for package in packages
            if package.registry is registry
        ]
    return "\n".join(lines) + "\n"
