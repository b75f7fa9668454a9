"""The packages with logos, flags and coats of arms."""

from benchmarks.training_pictures.package import Package, Registry, Use

_THEMES = "usr/share/icons"

LOGOS = (
    Package(
        "devicon@2.17.0",
        "MIT",
        Use.LOGOS,
        ("node_modules/devicon/icons/*/*-original*.svg",),
        Registry.NPM,
    ),
    Package(
        "cryptocurrency-icons@0.18.1",
        "CC0-1.0",
        Use.LOGOS,
        ("node_modules/cryptocurrency-icons/svg/color/*.svg",),
        Registry.NPM,
    ),
    Package(
        "super-tiny-icons@0.6.0",
        "MIT",
        Use.LOGOS,
        ("node_modules/super-tiny-icons/images/svg/*.svg",),
        Registry.NPM,
    ),
    Package(
        "payment-icons@1.2.1",
        "MPL-2.0",
        Use.LOGOS,
        tuple(f"node_modules/payment-icons/svg/{sort}/*.svg" for sort in ("flat", "single")),
        Registry.NPM,
    ),
    Package(
        "simple-icons@16.37.0",
        "CC0-1.0",
        Use.LOGOS,
        ("node_modules/simple-icons/icons/*.svg",),
        Registry.NPM,
    ),
    Package("papirus-icon-theme", "GPL-3.0", Use.LOGOS, (f"{_THEMES}/Papirus/64x64/apps/*.svg",)),
    Package(
        "numix-icon-theme-circle",
        "GPL-3.0+",
        Use.LOGOS,
        (f"{_THEMES}/Numix-Circle/48/apps/*.svg",),
    ),
    Package("moka-icon-theme", "CC-BY-SA, GPL", Use.LOGOS, (f"{_THEMES}/Moka/256x256/apps/*.png",)),
)

FLAGS = (
    Package(
        "flag-icons@7.5.0",
        "MIT",
        Use.FLAGS,
        ("node_modules/flag-icons/flags/4x3/*.svg",),
        Registry.NPM,
    ),
    Package(
        "circle-flags@2.8.3",
        "MIT",
        Use.FLAGS,
        ("node_modules/circle-flags/flags/**/*.svg",),
        Registry.NPM,
    ),
    Package("kgeography-data", "GPL-2.0+", Use.FLAGS, ("usr/share/kgeography/flags/**/*.png",)),
    Package(
        "freecol",
        "GPL-2.0+, CC-BY-SA-3.0, CC-BY-4.0, CC0-1.0",
        Use.FLAGS,
        ("usr/share/games/freecol/**/coat-of-arms/*.png",),
    ),
)
