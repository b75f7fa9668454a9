"""Decodes a file of an allowed format, upright and in RGB, no larger than is needed."""

import io
import struct
import zlib

from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from models.vision.pictures import gif
from models.vision.pictures.errors import PictureError
from models.vision.pictures.formats import FORMATS, READABLE, other_format
from models.vision.pictures.gate import GATE
from models.vision.pictures.limits import DEFAULT_LIMITS, PictureLimits
from models.vision.pictures.modes import to_rgb
from models.vision.pictures.orientation import orientation_of, turn
from models.vocabulary import FailureCode

DAMAGE = (
    OSError,  # truncated data and most of what the codecs report
    SyntaxError,  # malformed chunks and headers, in Pillow's plugins
    ValueError,  # impossible sizes, modes and tile layouts; what pillow-heif reports
    EOFError,  # no first frame
    struct.error,  # a header shorter than its fields
    zlib.error,  # damaged PNG and TIFF streams
    IndexError,  # tables that point outside themselves
    KeyError,  # TIFF tags that are absent, or modes that Pillow does not know
    TypeError,  # TIFF and EXIF fields of another type than the standard's
    OverflowError,  # sizes and offsets beyond a C integer
    ZeroDivisionError,  # rational fields with a zero denominator
    AttributeError,  # a plugin that met an unfinished header
    RuntimeError,  # what libheif and libavif report
    NotImplementedError,  # variants that Pillow recognises but does not decode
    MemoryError,  # sizes that the header hides from the pixel limit
)
"""All that Pillow and pillow-heif have been seen to raise on damaged files."""


def decode(data: bytes, *, at_least: int, limits: PictureLimits = DEFAULT_LIMITS) -> Image.Image:
    """The picture in `data`: its first frame, upright, in RGB.

    JPEGs are decoded at a half, a quarter or an eighth of their size where both sides stay
    at least `at_least` pixels long; other formats come in full, or no smaller than four times that.

    Raises:
        PictureError: whatever is wrong with the bytes; nothing else is raised.
    """
    if not data:
        raise PictureError(FailureCode.UNREADABLE, "the file is empty (0 bytes); upload it again")
    if len(data) > limits.max_bytes:
        raise PictureError(
            FailureCode.TOO_LARGE,
            f"the file has {len(data):,} bytes, and at most {limits.max_bytes:,} are read; send a "
            "smaller one, or raise NOPHOTO_MAX_BYTES",
        )
    try:
        _check_size(gif.size_of(data), limits)
        with _open(data) as image:
            _check_size(_size(image), limits)
            image.draft("RGB", (at_least, at_least))
            with GATE.passing(image.size):
                image.load()
                rgb = to_rgb(image, at_least)
            return turn(rgb, _orientation(image))
    except MemoryError as error:
        raise PictureError(
            FailureCode.TOO_LARGE,
            "decoding the picture takes more memory than there is for one; send a smaller one, or "
            "raise NOPHOTO_MAX_PIXELS, by which a worker gives out memory",
        ) from error
    except DAMAGE as error:
        raise PictureError(
            FailureCode.UNREADABLE,
            f"the file is damaged or cut short ({_reason(error)}); upload it again",
        ) from error


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        kind = other_format(data)
        if kind is None:
            raise PictureError(
                FailureCode.UNREADABLE,
                "the file is no picture, or its beginning is damaged; upload a picture",
            ) from None
        raise PictureError(
            FailureCode.UNSUPPORTED, f"{kind} files are not judged; send {READABLE}"
        ) from None


def _size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # A tile is decoded whole, however little of it the picture shows.
        width = max(width, image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 0))
        height = max(height, image.tag_v2.get(TiffImagePlugin.TILELENGTH, 0))
    return width, height


def _check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise PictureError(
            FailureCode.TOO_LARGE,
            f"the picture has {width} x {height} pixels, and at most {limits.max_pixels:,} are "
            "decoded; send a smaller one, or raise NOPHOTO_MAX_PIXELS",
        )


def _orientation(image: Image.Image) -> object:
    """The EXIF orientation; none where the EXIF is damaged, which harms no pixel."""
    try:
        return orientation_of(image)
    except DAMAGE:
        return None


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
