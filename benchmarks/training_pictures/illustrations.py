"""The packages with clip art, illustrations, pixel art and renders of goods."""

from benchmarks.training_pictures.package import Package, Use

_CLIP_ART = "usr/share/openclipart/png"
_WESNOTH = "usr/share/games/wesnoth/1.16/data"
_FREECOL = "usr/share/games/freecol/default/resources/images"
_SUPERTUX = "usr/share/games/supertux2/images"
_HEDGEWARS = "usr/share/games/hedgewars/Data"

ILLUSTRATIONS = (
    Package(
        "openclipart-png",
        "public domain",
        Use.CLIP_ART,
        tuple(
            f"{_CLIP_ART}/{subject}/**/*.png"
            for subject in (
                "animals",
                "buildings",
                "containers",
                "decorations",
                "education",
                "electronics",
                "food",
                "geography",
                "office",
                "people",
                "plants",
                "recreation",
                "science",
                "signs_and_symbols",
                "special",
                "tools",
                "transportation",
                "unsorted",
            )
        ),
    ),
    Package(
        "gcompris-qt-data",
        "CC-BY-SA, CC-BY, public domain, GPL-3.0+",
        Use.CLIP_ART,
        tuple(f"usr/share/gcompris-qt/rcc/{name}.rcc" for name in ("categorization", "lang")),
    ),
    Package(
        "tuxpaint-data",
        "GPL-2.0+",
        Use.SKETCHES,
        tuple(  # neither empty frames nor grids
            f"usr/share/tuxpaint/starters/{name}*.*"
            for name in ("[a-e]", "fish", "frog", "gecko", "h", "jet", "[m-q]", "[r-w]")
        ),
    ),
    Package(
        "wesnoth-1.16-data",
        "GPL-2.0+",
        Use.ILLUSTRATIONS,
        (
            f"{_WESNOTH}/**/portraits/**/*.png",
            f"{_WESNOTH}/**/portraits/**/*.webp",
            f"{_WESNOTH}/**/story/**/*.jpg",
            f"{_WESNOTH}/**/story/**/*.webp",
            f"{_WESNOTH}/**/story/**/*.png",
            f"{_WESNOTH}/core/images/attacks/*.png",
        ),
    ),
    Package(
        "freecol",
        "GPL-2.0+, CC-BY-SA-3.0, CC-BY-4.0, CC0-1.0",
        Use.ILLUSTRATIONS,
        tuple(
            f"{_FREECOL}/{subject}/**/*.{suffix}"
            for subject in ("foundingFathers", "monarch", "buildings", "units", "settlements")
            for suffix in ("png", "jpg")
        ),
    ),
    Package(
        "flare-game",
        "CC-BY-SA-3.0+",
        Use.ILLUSTRATIONS,
        tuple(
            f"usr/share/games/flare/mods/*/images/{sort}/*.*"
            for sort in ("portraits", "books", "cutscenes", "menus/backgrounds", "parallax")
        ),
    ),
    Package(
        "hedgewars-data",
        "GPL-2.0, GFDL-1.3, CC-BY-SA-3.0",
        Use.ILLUSTRATIONS,
        (
            f"{_HEDGEWARS}/Graphics/Missions/**/*.png",
            f"{_HEDGEWARS}/Graphics/SuddenDeath/*.png",
            f"{_HEDGEWARS}/Maps/*/map.png",
            f"{_HEDGEWARS}/Maps/*/preview.png",
            f"{_HEDGEWARS}/Themes/*/*.png",
        ),
    ),
    Package(
        "supertux-data",
        "GPL-3.0+, GPL-2.0+, CC-BY-SA, CC0-1.0",
        Use.ILLUSTRATIONS,
        (
            f"{_SUPERTUX}/background/**/*.png",
            f"{_SUPERTUX}/background/**/*.jpg",
            f"{_SUPERTUX}/creatures/*/*0.png",
            f"{_SUPERTUX}/worldmap/*/*.png",
            f"{_SUPERTUX}/decal/**/*.png",
        ),
    ),
    Package(
        "pingus-data",
        "GPL-2.0+",
        Use.ILLUSTRATIONS,
        tuple(
            f"usr/share/games/pingus/data/images/{sort}/**/*.{suffix}"
            for sort in ("story", "textures", "groundpieces", "core/worldmap", "core/menu")
            for suffix in ("png", "jpg")
        ),
    ),
    Package(
        "lincity-ng-data",
        "GPL-2.0+, public domain",
        Use.ILLUSTRATIONS,
        ("usr/share/games/lincity-ng/images/**/*.png",),
    ),
)

PIXEL_ART = (
    Package(
        "minetest-data",
        "CC-BY-SA-3.0, CC-BY-SA-4.0, CC0-1.0",
        Use.PIXEL_ART,
        ("usr/share/games/minetest/games/minetest_game/mods/*/textures/*.png",),
    ),
    Package(
        "wesnoth-1.16-data",
        "GPL-2.0+",
        Use.PIXEL_ART,
        (
            f"{_WESNOTH}/core/images/units/**/*[!0-9].png",
            f"{_WESNOTH}/core/images/items/*.png",
            f"{_WESNOTH}/core/images/scenery/*.png",
            f"{_WESNOTH}/core/images/terrain/village/*.png",
        ),
    ),
    Package(
        "hedgewars-data",
        "GPL-2.0, GFDL-1.3, CC-BY-SA-3.0",
        Use.PIXEL_ART,
        (f"{_HEDGEWARS}/Graphics/Flags/*.png", f"{_HEDGEWARS}/Graphics/Graves/*.png"),
    ),
    Package(
        "supertux-data",
        "GPL-3.0+, GPL-2.0+, CC-BY-SA, CC0-1.0",
        Use.PIXEL_ART,
        (f"{_SUPERTUX}/tiles/**/*.png", f"{_SUPERTUX}/objects/**/*.png"),
    ),
    Package(
        "freeciv-data", "GPL-2.0+", Use.PIXEL_ART, ("usr/share/games/freeciv/flags/*-large.png",)
    ),
)

RENDERS = (
    Package(
        "sweethome3d-furniture",
        "CC-BY-3.0, CC0-1.0",
        Use.RENDERS,
        ("usr/share/sweethome3d/furniture/*.sh3f",),
    ),
)
