"""Decodes a file of an allowed format, upright and in RGB, no larger than is needed."""

import io
import struct
import warnings
import zlib

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from models.vision.pictures.errors import PictureError
from models.vision.pictures.limits import DEFAULT_LIMITS, PictureLimits
from models.vision.pictures.modes import to_rgb
from models.vocabulary import FailureCode

FORMATS = (
    JpegImagePlugin.JpegImageFile.format,  # and MPO, which it hands on to its own plugin
    PngImagePlugin.PngImageFile.format,
    WebPImagePlugin.WebPImageFile.format,
    GifImagePlugin.GifImageFile.format,
    BmpImagePlugin.BmpImageFile.format,
    BmpImagePlugin.DibImageFile.format,
    TiffImagePlugin.TiffImageFile.format,
    AvifImagePlugin.AvifImageFile.format,
    pillow_heif.HeifImageFile.format,
)
"""The only decoders that bytes from outside ever reach, by Pillow's names."""

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

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
# Our own limit is checked on every file before it is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None


def decode(data: bytes, *, at_least: int, limits: PictureLimits = DEFAULT_LIMITS) -> Image.Image:
    """The picture in `data`: its first frame, upright, in RGB.

    JPEGs are decoded at a half, a quarter or an eighth of their size where both sides stay
    at least `at_least` pixels long; other formats come in full.

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
    with warnings.catch_warnings():
        # Pillow warns of odd metadata, which says nothing of the pixels.
        warnings.simplefilter("ignore")
        try:
            with _open(data) as image:
                _check_pixels(image, limits)
                image.draft("RGB", (at_least, at_least))
                image.load()
                return to_rgb(_upright(image))
        except DAMAGE as error:
            raise PictureError(
                FailureCode.UNREADABLE,
                f"the file is damaged or cut short ({_reason(error)}); upload it again",
            ) from error


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        kind = _other_format(data)
        if kind is None:
            raise PictureError(
                FailureCode.UNREADABLE,
                "the file is no picture, or its beginning is damaged; upload a picture",
            ) from None
        raise PictureError(
            FailureCode.UNSUPPORTED,
            f"{kind} files are not judged; send {', '.join(_READABLE)}",
        ) from None


_READABLE = ("JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "AVIF or HEIC")

_SIGNATURES = {
    b"8BPS": "Photoshop (PSD)",
    b"\x00\x00\x00\x0cjP  ": "JPEG 2000",
    b"\xff\x4f\xff\x51": "JPEG 2000",
    b"\x00\x00\x00\x0cJXL ": "JPEG XL",
    b"\xff\x0a": "JPEG XL",
    b"DDS ": "DDS",
    b"icns": "ICNS",
    b"\x00\x00\x01\x00": "ICO",
    b"%PDF": "PDF",
    b"%!PS": "PostScript",
    b"<svg": "SVG",
    b"P5\n": "PGM",
    b"P6\n": "PPM",
}


def _other_format(data: bytes) -> str | None:
    """The name of a picture format outside the allow-list, by its first bytes alone.

    Only the message depends on it, so no decoder is asked.
    """
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            return name
    return "SVG" if b"<svg" in data[:1024] else None


def _check_pixels(image: Image.Image, limits: PictureLimits) -> None:
    width, height = image.size
    if width * height > limits.max_pixels:
        raise PictureError(
            FailureCode.TOO_LARGE,
            f"the picture has {width} x {height} pixels, and at most {limits.max_pixels:,} are "
            "decoded; send a smaller one, or raise NOPHOTO_MAX_PIXELS",
        )


def _upright(image: Image.Image) -> Image.Image:
    """The picture as its EXIF orientation says; as it lies where the EXIF is damaged."""
    try:
        return ImageOps.exif_transpose(image)
    except DAMAGE:
        return image


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
