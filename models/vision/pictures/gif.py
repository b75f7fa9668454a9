"""How large a GIF really is, before Pillow opens it.

A frame may be larger than the screen that the header states, and Pillow may already make a canvas
of its size when it opens the file.
"""

import struct

_HEADER = 13
_EXTENSION, _FRAME, _END = 0x21, 0x2C, 0x3B


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of the screen and the first frame together; (0, 0) of what is no GIF."""
    if not data.startswith(b"GIF8") or len(data) < _HEADER:
        return 0, 0
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = _HEADER + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    while place < len(data) and data[place] != _END:
        if data[place] == _FRAME and place + 9 <= len(data):
            left, top, wide, high = struct.unpack_from("<HHHH", data, place + 1)
            return max(width, left + wide), max(height, top + high)
        # Like Pillow, over whatever else stands there.
        place = _behind_extension(data, place) if data[place] == _EXTENSION else place + 1
    return width, height


def _behind_extension(data: bytes, place: int) -> int:
    place += 2
    while place < len(data) and data[place]:
        place += 1 + data[place]
    return place + 1
