"""The formats that are judged, and the names of some that are not."""

import warnings

import pillow_heif
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

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

READABLE = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
"""The same for people."""

# Thumbnails stay unread: they need not show what the picture shows. One thread decodes a picture,
# since the worker decodes several at once.
pillow_heif.register_heif_opener(
    thumbnails=False, depth_images=False, aux_images=False, decode_threads=1
)
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
# Our own limit is checked on every file before it is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None
# Pillow warns of odd metadata, which says nothing of the pixels. Once for the process, because
# `catch_warnings` around each picture would race between the threads that decode.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")

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

_FILM_BRANDS = (b"isom", b"iso2", b"mp41", b"mp42", b"avc1", b"M4V ", b"qt  ")
"""What follows `ftyp` in films, whose container HEIC and AVIF share."""


def other_format(data: bytes) -> str | None:
    """The name of a format outside the allow-list, by its first bytes alone.

    Only a message depends on it, so no decoder is asked.
    """
    for signature, name in _SIGNATURES.items():
        if data.startswith(signature):
            return name
    if data[4:8] == b"ftyp" and data[8:12] in _FILM_BRANDS:
        return "MP4 or QuickTime"
    if data[-18:-2] == b"TRUEVISION-XFILE":
        return "TGA"
    return "SVG" if b"<svg" in data[:1024] else None
