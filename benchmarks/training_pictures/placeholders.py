"""The packages with avatars, and with placeholders of projects."""

import csv
import glob
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from benchmarks.training_pictures.package import Package, Registry, Use
from nophoto.models.vocabulary import Kind

_NAMED = Path(__file__).with_name("project_placeholders.csv")
"""Single files, with their kinds by eye: projects call by such names other pictures as well."""

_AVATARS = {
    Use.INITIALS: ("initials",),
    Use.IDENTICONS: ("glass", "identicon", "rings", "shapes"),
    Use.CARTOONS: (
        "adventurer",
        "adventurerNeutral",
        "avataaars",
        "avataaarsNeutral",
        "bigEars",
        "bigEarsNeutral",
        "bigSmile",
        "bottts",
        "botttsNeutral",
        "croodles",
        "croodlesNeutral",
        "dylan",
        "funEmoji",
        "lorelei",
        "loreleiNeutral",
        "micah",
        "miniavs",
        "notionists",
        "notionistsNeutral",
        "openPeeps",
        "personas",
        "pixelArt",
        "pixelArtNeutral",
        "thumbs",
        "toonHead",
    ),
}
"""DiceBear's styles, by what they show."""


def _named() -> Iterator[Package]:
    files = defaultdict(list)
    with _NAMED.open(newline="") as lines:
        for row in csv.DictReader(lines):
            key = (row["package"], row["licence"], row["registry"], row["kind"])
            files[key].append(glob.escape(row["path"]))
    for (name, licence, registry, kind), patterns in files.items():
        yield Package(name, licence, Use.NAMED_PROJECTS, patterns, Registry(registry), Kind(kind))


PLACEHOLDERS = (
    *_named(),
    *(
        Package(
            "@dicebear/collection@9.4.3",
            "MIT; designs CC0-1.0, CC-BY-4.0, free for any use",
            use,
            tuple(f"avatars/{style}-*.svg" for style in styles),
            Registry.DICEBEAR,
        )
        for use, styles in _AVATARS.items()
    ),
    Package(
        "admin-lte@3.2.0",
        "MIT",
        Use.PROJECTS,
        tuple(f"node_modules/admin-lte/dist/img/{name}.png" for name in ("avatar*", "default-*")),
        Registry.NPM,
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
        tuple(f"usr/share/cinnamon/faces/{name}.png" for name in ("7_*",)),
    ),
    Package("plasma-workspace-data", "GPL-2.0+", Use.PROJECTS, ("usr/share/plasma/avatars/*.png",)),
)
