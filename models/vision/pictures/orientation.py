"""Turns a picture upright, as its EXIF says."""

from PIL import ExifTags, Image

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation but 1, which is upright."""


def turn(image: Image.Image, orientation: object) -> Image.Image:
    """The picture upright, where its EXIF orientation is `orientation`.

    Not by `ImageOps.exif_transpose`: that copies upright pictures too, and writes the EXIF again,
    which fails where the EXIF is damaged.
    """
    for number, transpose in _TURNS.items():
        if orientation == number:
            return image.transpose(transpose)
    return image


def orientation_of(image: Image.Image) -> object:
    """The EXIF orientation as the file has it: a number from 1 to 8 where the file is right."""
    return image.getexif().get(ExifTags.Base.Orientation)
