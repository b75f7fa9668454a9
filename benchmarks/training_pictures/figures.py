"""The packages with charts, maps, screens and playing cards."""

from benchmarks.training_pictures.package import Package, Use

_HELP = "usr/share/doc/HTML/*"

FIGURES = (
    Package(
        "python-sklearn-doc",
        "BSD-3-Clause",
        Use.FIGURES,
        ("usr/share/doc/python-sklearn-doc/html/_images/*.png",),
    ),
    Package(
        "python-skimage-doc",
        "BSD-3-Clause",
        Use.FIGURES,
        ("usr/share/doc/python-skimage-doc/html/_images/*.png",),
    ),
    Package("octave-doc", "GPL-3.0+", Use.FIGURES, ("usr/share/doc/octave/octave.html/*.png",)),
    Package("grass-doc", "GPL-2.0+", Use.MAPS, ("usr/share/doc/grass-doc/html/*.*",)),
    Package("kgeography-data", "GPL-2.0+", Use.MAPS, ("usr/share/kgeography/*.png",)),
    Package(
        "marble-data",
        "LGPL-2.1+, CC-BY-3.0",
        Use.MAPS,
        ("usr/share/marble/data/maps/**/*.*", f"{_HELP}/marble/*.png"),
    ),
    Package(
        "gnome-user-docs",
        "CC-BY-SA-3.0",
        Use.SCREENS,
        tuple(f"usr/share/help/*/*/figures/*.{suffix}" for suffix in ("png", "jpg")),
    ),
    Package(
        "gimp-help-en",
        "GFDL-1.2+",
        Use.SCREENS,
        tuple(
            f"usr/share/gimp/2.0/help/en/images/{sort}/**/*.{suffix}"
            for sort in ("dialogs", "menus", "using", "tutorials", "preferences", "filters")
            for suffix in ("png", "jpg")
        ),
    ),
    Package(
        "pokerth-data",
        "CC-BY-3.0, GPL-2.0+, public domain",
        Use.CARDS,
        ("usr/share/games/pokerth/gfx/cards/*/*.png",),
    ),
)
