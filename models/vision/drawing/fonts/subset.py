"""Cuts the fonts of this folder out of Debian's packages, down to the letters that are drawn.

apt install fonts-noto-core fonts-noto-extra fonts-noto-cjk fonts-noto-mono fonts-comic-neue
pip install fonttools
python -m nophoto.models.vision.drawing.fonts.subset
"""

import string
from pathlib import Path

from fontTools import subset

from nophoto.models.vision.drawing.phrases import CJK, LANGUAGES, LATIN, characters

SOURCES = tuple(
    Path("/usr/share/fonts", folder)
    for folder in ("truetype/noto", "opentype/noto", "opentype/comic-neue")
)
COLLECTION_INDEX = 2
"""Simplified Chinese in the CJK collections; its font holds the Japanese and Korean signs too."""

LICENCE_NAMES = [0, 1, 2, 4, 6, 7, 13, 14]
"""Copyright, names, trademark and licence stay readable in the files, as the licence asks."""


def main() -> None:
    """Write one subset a font."""
    for stem in sorted({font for language in LANGUAGES.values() for font in language.fonts}):
        sources = (path for folder in SOURCES for path in folder.glob(f"{stem}.*"))
        source = next(sources, None)
        if source is None:
            raise FileNotFoundError(f"{stem} is not installed; install the packages named above")
        _write_subset(stem, source)


def _write_subset(stem: str, source: Path) -> None:
    options = subset.Options(hinting=False, name_IDs=LICENCE_NAMES, font_number=COLLECTION_INDEX)
    # A letter that is missing shall show.
    options.notdef_outline = True
    # Only scripts that need shaping are laid out with the font's tables.
    options.layout_features = [] if stem in (*LATIN, *CJK) else ["*"]
    text = characters(stem) + " "
    if stem in LATIN:
        text += string.printable.strip() + "×"
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=text)
    subsetter.subset(font)
    suffix = ".ttf" if "glyf" in font else ".otf"
    subset.save_font(font, str(Path(__file__).with_name(stem + suffix)), options)


if __name__ == "__main__":
    main()
