"""The packages with photographs, and with cut-outs of goods."""

from benchmarks.training_pictures.package import Package, Use

_PHOTOGRAPHS = ("usr/share/**/*.jpg", "usr/share/**/*.jpeg", "usr/share/**/*.png")

PHOTOGRAPHS = (
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
    Package("tuxpaint-data", "GPL-2.0+", Use.WALLPAPERS, ("usr/share/tuxpaint/templates/*.*",)),
    Package("ukui-wallpapers", "CC-BY-SA-3.0", Use.WALLPAPERS, _PHOTOGRAPHS),
    Package(
        "tuxpaint-stamps-default",
        "GPL-2.0",
        Use.STAMPS,
        tuple(  # no letters and signs: a letter alone is what stands for a person without a picture
            f"usr/share/tuxpaint/stamps/{subject}/**/*.png"
            for subject in (
                "animals",
                "clothes",
                "food",
                "hobbies",
                "household",
                "medical",
                "military",
                "naturalforces",
                "people",
                "plants",
                "seasonal",
                "space",
                "sports",
                "town",
                "vehicles",
            )
        ),
    ),
)
