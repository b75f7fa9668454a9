"""JPEGs that lack their end, and CMYK ones that do not say how their inks are stored."""

import io
import re
import struct

import numpy as np
from PIL import Image, ImageChops, JpegImagePlugin

_END = b"\xff\xd9"
"""The marker that ends a JPEG."""

_NOISE = bytes(range(0x11, 0xF0, 7)) * 4
"""Picture data that means something, whatever the code tables of the file are."""

_RESTARTS = b"".join(bytes((0xFF, 0xD0 + number)) + _NOISE for number in range(8))
"""The same behind each of the markers that may stand between two parts of the picture data."""

_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
"""The next marker behind picture data."""

_START_OF_SCAN = 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of the header that names the components."""

_MOST_SEGMENTS, _MOST_COMPONENTS = 10_000, 4
"""How much of a file is looked at: no picture has more."""

_COEFFICIENTS = 64
"""Of each block, which a progressive file sends in several scans."""

_HALF = 127.5
"""The amount of black ink, of 255, from which on a picture is nearly black."""


def without_its_end(data: bytes, at_least: int) -> Image.Image | None:
    """The loaded picture of a JPEG that lacks only its end marker; None where more is missing.

    libjpeg fills what the last scan lacks in a way that depends on the bytes that follow. So the
    file is decoded twice, once with picture data that it never had: where nothing is missing, that
    data is not read, and both pictures are the same. A smaller copy, as `at_least` allows, needs
    less of the data, and is judged where that is there.

    Args:
        data: of a file that libjpeg finds cut short.
        at_least: as of `decode`.

    Raises:
        OSError: where the file has no picture at all.
    """
    if not _has_every_scan(data):
        return None
    # The first byte of the marker may be there; before other data it would begin another one.
    body = data.removesuffix(_END[:1])
    ends = (_END, _NOISE + _RESTARTS + _END)
    picture, other = (_loaded(body + end, at_least) for end in ends)
    return picture if ImageChops.difference(picture, other).getbbox() is None else None


def with_plain_inks(image: Image.Image) -> Image.Image:
    """A loaded CMYK JPEG with its inks stored as Pillow's CMYK: 0 is no ink.

    Adobe's files store them inverted, and Pillow takes every file for one of these, as Chromium
    does. A file without Adobe's marker may be either; one that would be nearly black by Adobe's way
    is not Adobe's.
    """
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode != "CMYK":
        return image
    if "adobe" in image.info or float(np.asarray(image.getchannel("K")).mean()) < _HALF:
        return image
    return ImageChops.invert(image)


def _loaded(data: bytes, at_least: int) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=(JpegImagePlugin.JpegImageFile.format,))
    image.draft("RGB", (at_least, at_least))
    image.load()
    return image


def _has_every_scan(data: bytes) -> bool:
    """Whether each coefficient of each component is in some scan down to its last bit."""
    missing: set[tuple[int, int]] = set()
    place = 2
    for _ in range(_MOST_SEGMENTS):
        marker = _MARKER.search(data, place)
        if marker is None or len(data) < marker.end() + 2:
            return place > 2 and not missing
        kind, body = marker[1][0], marker.end() + 2
        place = marker.end() + struct.unpack_from(">H", data, marker.end())[0]
        segment = data[body:place]
        if kind in _FRAMES:
            components = segment[6::3][:_MOST_COMPONENTS]
            missing = {(each, number) for each in components for number in range(_COEFFICIENTS)}
        elif kind == _START_OF_SCAN and len(segment) >= 4 and not segment[-1] & 0x0F:
            first, last = segment[-3:-1]
            in_scan = segment[1:-3:2][:_MOST_COMPONENTS]
            missing -= {(each, number) for each in in_scan for number in range(first, last + 1)}
    return False
