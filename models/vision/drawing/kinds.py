"""The kinds of placeholder pictures that are drawn, and in which shapes each comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from nophoto.models.vision.drawing import (
    avatars,
    covers,
    documents,
    faces,
    goods,
    identicons,
    mascots,
    media,
    music,
    people,
    photographs,
    places,
    signs,
    tiles,
)
from nophoto.models.vision.drawing.composition import (
    Painter,
    caption_scene,
    figure_scene,
    full_bleed_scene,
)
from nophoto.models.vision.drawing.phrases import LANGUAGES
from nophoto.models.vision.drawing.portraits import portrait
from nophoto.models.vision.drawing.typography import caption

SQUARE = (1.0, 1.0, 1.0, 1.0, 0.75, 0.8, 1.33)
ANY = (1.0, 1.0, 1.0, 1.33, 1.5, 1.78, 0.75, 0.67, 2.4)
UPRIGHT = (0.67, 0.67, 0.7, 0.75, 1.0)
"""Width over height; a repeated shape is more common."""


@dataclass(frozen=True)
class Kind:
    """One kind of placeholder.

    Attributes:
        paint: paints a picture of it.
        aspects: width over height, one of which a picture takes.
        weight: how often it is drawn where no kind is asked for, relative to the others.

    """

    paint: Painter
    aspects: Sequence[float] = ANY
    weight: float = 1.0


def _captions(code: str, weight: float) -> Kind:
    return Kind(caption_scene(lambda rng: caption(rng, code)), ANY, weight)


_PICTURE_ICONS = (
    photographs.landscape,
    photographs.landscape,
    photographs.stacked_pictures,
    photographs.polaroid,
)
_STRUCK = (
    photographs.crossed(photographs.landscape),
    photographs.crossed(photographs.landscape),
    photographs.crossed(photographs.polaroid),
    photographs.crossed(people.bust),
    photographs.crossed(media.video_camera),
)

KINDS: dict[str, Kind] = {
    "silhouette": Kind(full_bleed_scene(people.SILHOUETTES), SQUARE, 3.0),
    "person-icon": Kind(figure_scene(people.SILHOUETTES, captioned=0.15), SQUARE, 2.0),
    "person-outline": Kind(figure_scene(people.OUTLINES, outlined=0.9, captioned=0.1), SQUARE),
    "person-in-circle": Kind(figure_scene([people.encircled], captioned=0.1), SQUARE, 1.5),
    "portrait": Kind(full_bleed_scene([portrait]), SQUARE, 2.0),
    "group": Kind(figure_scene([people.group], outlined=0.0)),
    "full-figure": Kind(figure_scene([people.full_figure], outlined=0.0), ANY, 0.5),
    "mystery-person": Kind(full_bleed_scene([people.mystery]), SQUARE, 0.8),
    "initials": Kind(avatars.initials, (1.0,), 1.0),
    "cartoon-person": Kind(avatars.cartoon_person, (1.0, 1.0, 0.8), 2.0),
    "cartoon-creature": Kind(avatars.cartoon_creature, (1.0, 1.0, 0.8), 2.2),
    "mascot": Kind(mascots.mascot, (1.0, 1.0, 0.8), 3.5),
    "smiley": Kind(figure_scene([faces.smiley], captioned=0.2), SQUARE, 0.8),
    "creature": Kind(figure_scene([faces.creature], outlined=0.0, captioned=0.1), SQUARE, 0.8),
    "identicon-blocks": Kind(identicons.blocks, (1.0,), 0.8),
    "identicon-rings": Kind(identicons.rings, (1.0,), 0.4),
    "identicon-quilt": Kind(identicons.quilt, (1.0,), 0.4),
    "picture-icon": Kind(figure_scene(_PICTURE_ICONS, captioned=0.4), ANY, 3.0),
    "crossed-picture": Kind(figure_scene(_STRUCK, captioned=0.4), ANY, 1.5),
    "broken-picture": Kind(figure_scene([photographs.broken_picture], captioned=0.3)),
    "camera": Kind(figure_scene([photographs.camera], captioned=0.5), ANY, 1.5),
    "crossed-camera": Kind(
        figure_scene([photographs.crossed(photographs.camera)], captioned=0.45), ANY, 2.0
    ),
    "caption-en": _captions("en", 2.5),
    **{f"caption-{code}": _captions(code, 0.1) for code in LANGUAGES if code != "en"},
    "size-label": Kind(tiles.size_label, ANY, 1.2),
    "question-mark": Kind(figure_scene([signs.question_mark], captioned=0.2), ANY, 1.5),
    "warning": Kind(figure_scene([signs.warning]), ANY, 0.5),
    "cross": Kind(figure_scene([signs.cross]), ANY, 0.5),
    "prohibition": Kind(figure_scene([signs.prohibition]), ANY, 0.4),
    "hourglass": Kind(figure_scene([signs.hourglass]), ANY, 0.6),
    "spinner": Kind(figure_scene([signs.spinner]), ANY, 0.6),
    "clock": Kind(figure_scene([signs.clock]), ANY, 0.4),
    "drop-zone": Kind(tiles.drop_zone, ANY, 0.8),
    "solid": Kind(tiles.solid, ANY, 1.0),
    "blank": Kind(tiles.blank, ANY, 0.8),
    "gradient": Kind(tiles.gradient, ANY, 0.8),
    "checkerboard": Kind(tiles.checkerboard, ANY, 0.5),
    "pattern": Kind(tiles.pattern, ANY, 0.4),
    "crossed-box": Kind(tiles.crossed_box, ANY, 0.8),
    "disc": Kind(figure_scene([media.compact_disc], outlined=0.0), SQUARE, 0.8),
    "vinyl": Kind(figure_scene([media.vinyl], outlined=0.0), SQUARE, 0.5),
    "music-note": Kind(figure_scene([media.music_note]), SQUARE, 0.8),
    "sheet-music": Kind(music.sheet_music, SQUARE, 0.5),
    "headphones": Kind(figure_scene([media.headphones]), SQUARE, 0.4),
    "microphone": Kind(figure_scene([media.microphone]), SQUARE, 0.7),
    "film-strip": Kind(figure_scene([media.film_strip]), UPRIGHT, 0.6),
    "film-reel": Kind(figure_scene([media.film_reel]), UPRIGHT, 0.5),
    "clapperboard": Kind(figure_scene([media.clapperboard]), UPRIGHT, 0.4),
    "play-button": Kind(figure_scene([media.play_button]), ANY, 1.0),
    "video-camera": Kind(figure_scene([media.video_camera]), ANY, 0.4),
    "screen": Kind(figure_scene([media.screen]), ANY, 0.7),
    "page": Kind(figure_scene([documents.page]), ANY, 1.0),
    "newspaper": Kind(figure_scene([documents.newspaper]), ANY, 0.4),
    "folder": Kind(figure_scene([documents.folder], captioned=0.15), SQUARE, 0.8),
    "book": Kind(figure_scene([documents.shut_book, documents.open_book]), UPRIGHT),
    "bound-book": Kind(covers.bound_book, (0.62, 0.67, 0.75), 0.6),
    "plain-cover": Kind(covers.plain_cover, (0.62, 0.67, 0.75, 1.0), 0.6),
    "shop": Kind(
        figure_scene([goods.shopping_bag, goods.cart, goods.tag], captioned=0.35), ANY, 1.0
    ),
    "parcel": Kind(figure_scene([goods.box], captioned=0.35), ANY, 0.8),
    "clothing": Kind(figure_scene([goods.shirt, goods.shoe], captioned=0.35), ANY, 0.8),
    "bottle": Kind(figure_scene([goods.bottle], captioned=0.35), ANY, 0.5),
    "plate": Kind(figure_scene([goods.plate], captioned=0.35), ANY, 0.8),
    "cup": Kind(figure_scene([goods.cup], captioned=0.35), ANY, 0.4),
    "house": Kind(figure_scene([places.house], captioned=0.4), (1.33, 1.5, 1.78, 1.0), 0.8),
    "building": Kind(figure_scene([places.towers], captioned=0.3), ANY, 0.6),
    "car": Kind(figure_scene([places.car], captioned=0.4), (1.33, 1.5, 1.78, 1.0), 0.8),
    "map-pin": Kind(figure_scene([places.pin], captioned=0.3), ANY, 0.6),
    "globe": Kind(figure_scene([places.globe], captioned=0.2), ANY, 0.4),
    "rocket": Kind(figure_scene([places.rocket], captioned=0.2), ANY, 0.5),
    "empty-state": Kind(
        figure_scene([signs.magnifier, signs.cloud, goods.box, documents.page], captioned=0.7)
    ),
}
