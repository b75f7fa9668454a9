"""Which icons say absence, by kind, and which are marks of something that is there."""

import io
import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks.laid_out.icon_sets import BRANDS, COLOURED, ICON_SETS
from benchmarks.training_pictures.commands import (
    RENDERER,
    RENDERER_REMEDY,
    PackageError,
    draw_svg,
)
from nophoto.models.vocabulary import Kind

Icons = Mapping[str, list[str]]
"""Names of icons by the set that holds them."""


def _names(words: str) -> re.Pattern[str]:
    """Whole names, of words between spaces; `*` stands for any ending or beginning."""
    return re.compile("|".join(word.replace("*", ".*") for word in words.split()))


_SAYS_ABSENCE = {
    Kind.PICTURE_ICON: _names(
        "image images photo photos picture pictures insert-photo image-* photo-* picture-* "
        "gallery* camera cameras?-* no-photography* hide-image* broken-image* photograph* "
        "*image-not* "
        "no-image* *landscape-image* panorama* wallpaper* polaroid* add-photo* add-a-photo* "
        "file-image* photo-camera* image-broken* image-off*"
    ),
    Kind.PERSON: _names(
        "user users account person people user-circle* account-circle* avatar* profile* "
        "person-circle* account-outline "
        "user-(alt|large|round|square|fill|bold|solid|outline|line|thin|light|duotone|slash|off|tie"
        "|2|1|3|4|filled)* account-(group|multiple|box|tie|off)* "
        "person-(fill|outline|off|solid|circle|square|bounding)* contact* group groups* anonymous* "
        "incognito* human* face face-(man|woman)* man woman male* female* id-badge* team* customer"
    ),
    Kind.OBJECT_ICON: _names(
        "box boxes package package-(variant|outline|closed|open|fill|2|bold|light)* parcel* cube "
        "cube-outline* book book-(open|outline|fill|bold|closed|solid|line|2)* books film "
        "film-(outline|fill|strip|reel|bold)* movie* clapper* music music-(note|notes)* disc "
        "disc-* vinyl* album* headphones* house home home-(outline|fill|line|solid|bold|variant)* "
        "building buildings?-(2|fill|outline|bold|office|store)* store store-* shop shop-* "
        "shopping-(bag|cart)* cart cart-* basket* tag tags car "
        "car-(side|profile|outline|fill|solid|line|bold)* truck* tshirt* t-shirt* shirt* hanger* "
        "shoe* food food-* restaurant* utensils* fork* bowl* pizza* cup* coffee* file "
        "file-(outline|text|fill|blank|line|solid|document)* document document-* newspaper* folder "
        "folder-(outline|fill|open|line|solid)* video video-* videocam* play play-(circle|box)* tv "
        "tv-* monitor monitor-* microphone* mic mic-* globe* earth* map-pin* map-marker* location* "
        "pin question* help* help-circle* clock* hourglass* calendar paw* dog* cat leaf* tree* "
        "flower* wrench* tool* bottle* glass* gift* puzzle* cog gear* rocket* ghost* robot* "
        "briefcase* graduation* school* bed* sofa* chair* lamp* laptop* phone* smartphone* "
        "device* gamepad* game-?controller* joystick* trophy* ticket* bike* bicycle* plane* "
        "airplane* boat* ship* guitar* piano* palette* brush*"
    ),
    Kind.BROKEN: _names(
        "broken* *-broken* alert* warning* exclamation* error* ban* cancel* forbidden* prohibit* "
        "block block-* x-circle* close-circle* circle-x* circle-slash* slash* "
        "triangle-exclamation* triangle-alert* cloud-off* link-off* unlink* eye-off* "
        "visibility-off* eye-slash*"
    ),
}


def check_renderer() -> None:
    """Raise `PackageError`, with the remedy, if nothing here can draw icons."""
    if not shutil.which(RENDERER):
        raise PackageError(f"there is no {RENDERER}. {RENDERER_REMEDY}")


class Catalogue:
    """The icons of all sets, by what they say.

    Args:
        folder: with one folder for each set, as npm packages are unpacked.

    Attributes:
        absent: icons that placeholders show, by kind.
        brands: marks of companies and products.
        coloured: emoji, flags, icons in many colours.
        others: of one colour, and of no kind of placeholder.
    """

    def __init__(self, folder: Path) -> None:
        self._sets: dict[str, Any] = {
            name: json.loads((folder / name / "icons.json").read_bytes())
            for name, _, _ in ICON_SETS
        }
        self.absent: dict[Kind, dict[str, list[str]]] = {kind: {} for kind in _SAYS_ABSENCE}
        self.brands: dict[str, list[str]] = {}
        self.coloured: dict[str, list[str]] = {}
        self.others: dict[str, list[str]] = {}
        for name, icons in self._sets.items():
            for icon in icons["icons"]:
                self._shelf(name, icon).setdefault(name, []).append(icon)

    def _shelf(self, name: str, icon: str) -> dict[str, list[str]]:
        if name in BRANDS:
            return self.brands
        if name in COLOURED:
            return self.coloured
        for kind, names in _SAYS_ABSENCE.items():
            if names.fullmatch(icon):
                return self.absent[kind]
        return self.others

    def drawn(self, name: str, icon: str, colour: str, size: int) -> Image.Image:
        """An icon, RGBA, its longest side `size` pixels; what has no colour of its own in `colour`.

        Raises:
            PackageError: if there is no rsvg-convert, or the icon cannot be drawn.
        """
        shapes = self._sets[name]
        own = shapes["icons"][icon]
        width, height = (own.get(side, shapes.get(side, 16)) for side in ("width", "height"))
        left, top = (own.get(side, shapes.get(side, 0)) for side in ("left", "top"))
        drawing = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'viewBox="{left} {top} {width} {height}" width="{width}" height="{height}" '
            f'fill="#000">{own["body"].replace("currentColor", colour)}</svg>'
        )
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "icon.svg"
            file.write_text(drawing)
            side = "--width" if width >= height else "--height"
            data = draw_svg(file, name, (side, str(size)))
        return Image.open(io.BytesIO(data)).convert("RGBA")
