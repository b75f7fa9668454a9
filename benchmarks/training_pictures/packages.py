"""The packages whose pictures are learnt from, and how the card of a version names them."""

from collections.abc import Sequence

from benchmarks.training_pictures.figures import FIGURES
from benchmarks.training_pictures.illustrations import ILLUSTRATIONS, PIXEL_ART, RENDERS
from benchmarks.training_pictures.logos import FLAGS, LOGOS
from benchmarks.training_pictures.package import Package, Registry
from benchmarks.training_pictures.photographs import PHOTOGRAPHS
from benchmarks.training_pictures.placeholders import PLACEHOLDERS

PACKAGES = (
    *PHOTOGRAPHS,
    *LOGOS,
    *FLAGS,
    *ILLUSTRATIONS,
    *PIXEL_ART,
    *RENDERS,
    *FIGURES,
    *PLACEHOLDERS,
)
"""Graphics are real: people upload them as often as photographs, and they say no absence."""


def sources(packages: Sequence[Package]) -> str:
    """Where the pictures come from, in Markdown, for the card of a version."""
    lines = [
        "Of packages, with their licences; logos, flags, clip art and cut-out objects were laid on",
        "plain grounds, as real pictures:",
    ]
    for registry in Registry:
        lines += ["", f"Of {registry}:", ""]
        lines += dict.fromkeys(  # a package may be listed once for each use of its pictures
            f"- {package.name} ({package.licence})"
            for package in packages
            if package.registry is registry
        )
    return "\n".join(lines) + "\n"
