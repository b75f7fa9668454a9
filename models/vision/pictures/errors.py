"""What is raised where a picture cannot be had from bytes."""

import struct
import zlib

from nophoto.models.vocabulary import FailureCode

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
    AssertionError,  # what Pillow takes for granted, such as a palette of a frame of a GIF
    AttributeError,  # a plugin that met an unfinished header
    RuntimeError,  # what libheif and libavif report
    NotImplementedError,  # variants that Pillow recognises but does not decode
    MemoryError,  # sizes that the header hides from the pixel limit
)
"""All that Pillow and pillow-heif have been seen to raise on damaged files."""


class PictureError(Exception):
    """The bytes are not a picture that nophoto judges.

    Attributes:
        code: the failure's code, as it is stored with the upload.
    """

    def __init__(self, code: FailureCode, message: str) -> None:
        super().__init__(message)
        self.code = code
