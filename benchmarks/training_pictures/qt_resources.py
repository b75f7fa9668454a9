"""Reads Qt's resource files, in which Qt's programs carry their pictures.

A file holds a tree of nodes, the names and the contents, each at an offset that the header
names; all numbers are big-endian.
"""

import struct
import zlib
from collections.abc import Iterator

from nophoto.models.errors import NophotoError

_MAGIC = b"qres"
_COMPRESSED, _FOLDER, _ZSTD = 1, 2, 4


class QtResourceError(NophotoError):
    """The bytes are no resource file that can be read."""


def read_resources(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The path and the content of each file in a resource file, in its own order.

    Raises:
        QtResourceError: if it is none, is cut short, or is compressed by zstd.
    """
    if data[:4] != _MAGIC:
        raise QtResourceError("this is no resource file of Qt")
    try:
        version, *offsets = struct.unpack_from(">iiii", data, 4)
        yield from _Resources(data, version, *offsets).below(0, "")
    except (struct.error, zlib.error, UnicodeDecodeError) as error:
        raise QtResourceError(
            f"a resource file of Qt is damaged ({error}); fetch its package again"
        ) from error


class _Resources:
    def __init__(self, data: bytes, version: int, tree: int, contents: int, names: int) -> None:
        self._data, self._tree, self._contents, self._names = data, tree, contents, names
        # Since the second version a node ends with the time of its last change.
        self._node_size = 14 if version < 2 else 22

    def below(self, node: int, path: str) -> Iterator[tuple[str, bytes]]:
        at = self._tree + node * self._node_size
        flags, first, second = struct.unpack_from(">HII", self._data, at + 4)
        if not flags & _FOLDER:
            yield path, self._content(second, flags)
            return
        for child in range(second, second + first):
            yield from self.below(child, f"{path}/{self._name(child)}".lstrip("/"))

    def _name(self, node: int) -> str:
        (place,) = struct.unpack_from(">I", self._data, self._tree + node * self._node_size)
        (length,) = struct.unpack_from(">H", self._data, self._names + place)
        start = self._names + place + 6  # the length and a hash
        return self._data[start : start + 2 * length].decode("utf-16-be")

    def _content(self, place: int, flags: int) -> bytes:
        if flags & _ZSTD:
            raise QtResourceError("a resource file of Qt is compressed by zstd, which is not read")
        (length,) = struct.unpack_from(">I", self._data, self._contents + place)
        start = self._contents + place + 4
        content = self._data[start : start + length]
        # Qt puts the length of what is compressed before it.
        return zlib.decompress(content[4:]) if flags & _COMPRESSED else content
