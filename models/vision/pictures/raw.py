"""RAW of cameras in TIFF: what a viewer of TIFF shows of it is a thumbnail, not the picture."""

import struct
from collections.abc import Iterator

_SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MARKS = {b"CR": "RAW (CR2)", b"IIII": "RAW (IIQ)"}
"""What stands behind the header, at byte 8."""

_COMPRESSION, _PHOTOMETRIC, _SUB_DIRECTORIES, _DNG_VERSION = 259, 262, 330, 50706
_SENSOR = frozenset((32803, 34892))
"""Values of PhotometricInterpretation: a mosaic of a sensor's colours, and what came of one."""

_CODECS = frozenset((262, 32767, 32769, 32770, 34713, 65000, 65535))
"""Values of Compression that cameras alone write: Kodak, Sony, Epson, Samsung, Nikon, Pentax."""

_NUMBERS = {3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}
"""The types of a tag's values that are numbers, or places of directories."""

_MOST_DIRECTORIES, _MOST_TAGS, _MOST_VALUES = 32, 512, 16
"""How much of a file is looked at: a camera writes less."""


def raw_in_tiff(data: bytes) -> str | None:
    """The name of the RAW format in a TIFF file; None of any other file."""
    if not data.startswith(_SIGNATURES):
        return None
    for mark, name in _MARKS.items():
        if data.startswith(mark, 8):
            return name
    tiff = _Tiff(data)
    waiting, seen = tiff.first(), set[int]()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        place = waiting.pop(0)
        if not place or place in seen:
            continue
        seen.add(place)
        try:
            for tag, values in tiff.tags(place):
                if raw := _raw(tag, values):
                    return raw
                if tag in (_SUB_DIRECTORIES, None):
                    waiting += values
        except struct.error:
            continue  # outside the file: whether its picture can be decoded is not said here
    return None


def _raw(tag: int | None, values: tuple[int, ...]) -> str | None:
    """The name of the RAW format that one tag tells of, if it does."""
    if tag == _DNG_VERSION:
        return "RAW (DNG)"
    is_raw = (tag == _PHOTOMETRIC and _SENSOR.intersection(values)) or (
        tag == _COMPRESSION and _CODECS.intersection(values)
    )
    return "RAW" if is_raw else None


class _Tiff:
    """The directories of a TIFF or BigTIFF file, without their larger values."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<" if data.startswith(b"II") else ">"
        self._is_big = b"+" in data[2:4]
        self._place = "Q" if self._is_big else "L"

    def first(self) -> list[int]:
        """Where the first directory is."""
        start = 8 if self._is_big else 4
        if len(self._data) < 2 * start:
            return []
        return [*self._read(self._place, start)]

    def tags(self, place: int) -> Iterator[tuple[int | None, tuple[int, ...]]]:
        """Each tag and its first values; of the tag None, where the next directory is."""
        (count,) = self._read("Q" if self._is_big else "H", place)
        entry = place + (8 if self._is_big else 2)
        head = f"HH{self._place}"
        width = struct.calcsize(f"={head}{self._place}")
        for number in range(min(count, _MOST_TAGS)):
            at = entry + number * width
            tag, kind, length = self._read(head, at)
            yield tag, self._values(kind, length, at + width - struct.calcsize(f"={self._place}"))
        yield None, self._read(self._place, entry + count * width)

    def _values(self, kind: int, count: int, place: int) -> tuple[int, ...]:
        if kind not in _NUMBERS:
            return ()
        unit = struct.calcsize(f"={_NUMBERS[kind]}")
        if count * unit > struct.calcsize(f"={self._place}"):
            (place,) = self._read(self._place, place)
        return self._read(f"{min(count, _MOST_VALUES)}{_NUMBERS[kind]}", place)

    def _read(self, form: str, place: int) -> tuple[int, ...]:
        return struct.unpack_from(self._order + form, self._data, place)
