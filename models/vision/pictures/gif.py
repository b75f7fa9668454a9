"""What a GIF holds, before Pillow opens it.

A frame may be larger than the screen that the header states, and Pillow may already make a canvas
of its size when it opens the file, or goes on to the frame.
"""

import struct

_HEADER = 13
_EXTENSION, _FRAME, _END = 0x21, 0x2C, 0x3B
_MOST_JUNK = 256
"""Bytes between frames that belong to nothing; both we and Pillow look at each."""


def survey(data: bytes, most_frames: int) -> tuple[tuple[int, int], int]:
    """Width and height of the screen and the first frame together, and how many frames fit there.

    What follows a frame that does not fit, or much junk, is not counted; (0, 0) and 0 of what is
    not a GIF.

    Args:
        data: of a file.
        most_frames: after which counting ends.
    """
    if not data.startswith(b"GIF8") or len(data) < _HEADER:
        return (0, 0), 0
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = _HEADER + _palette(flags)
    frames = junk = 0
    while place < len(data) and data[place] != _END and frames < most_frames:
        if data[place] == _FRAME and place + 9 < len(data):
            left, top, wide, high, flags = struct.unpack_from("<HHHHB", data, place + 1)
            if not frames:
                width, height = max(width, left + wide), max(height, top + high)
            elif left + wide > width or top + high > height:
                break
            frames += 1
            # The smallest size of a code stands before the blocks.
            place = _behind_blocks(data, place + 10 + _palette(flags) + 1)
        elif data[place] == _EXTENSION:
            place = _behind_blocks(data, place + 2)
        elif frames and junk == _MOST_JUNK:
            break
        else:
            place += 1  # like Pillow, over whatever else stands there
            junk += bool(frames)
    return (width, height), frames


def _palette(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _behind_blocks(data: bytes, place: int) -> int:
    while place < len(data) and data[place]:
        place += 1 + data[place]
    return place + 1
