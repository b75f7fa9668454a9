"""Small files that promise, or hold, very large pictures."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vocabulary import FailureCode

SIDE = 30_000
"""Of what is promised, in pixels: 900 million of them."""


def png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def gif() -> bytes:
    return _patched("GIF", {6: struct.pack("<HH", SIDE, SIDE)})


def gif_frame() -> bytes:
    """A frame larger than the screen that it is for."""
    data = _small("GIF")
    at = data.index(b",\0\0\0\0") + 5
    return data[:at] + struct.pack("<HH", SIDE, SIDE) + data[at + 4 :]


def gif_disposed_of() -> bytes:
    """The same, for which a canvas is made when the file is opened: what `make fuzz` found."""
    data = _small("GIF", disposal=2)
    at = data.index(b",\0\0\0\0") + 5
    return data[:at] + struct.pack("<HH", SIDE, SIDE) + data[at + 4 :]


def bmp() -> bytes:
    return _patched("BMP", {18: struct.pack("<ii", SIDE, SIDE)})


def jpeg() -> bytes:
    data = _small("JPEG")
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", SIDE, SIDE) + data[at + 4 :]


def webp() -> bytes:
    """The largest canvas that the format allows: its decoder is made before its size is known."""
    data = _small("WEBP", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    at = data.index(b"VP8X") + 12
    largest = (16383 - 1).to_bytes(3, "little")
    return data[:at] + 2 * largest + data[at + 6 :]


def avif() -> bytes:
    return _with_extent(_small("AVIF"), 15_000)  # its decoder refuses more by itself


def heic() -> bytes:
    return _with_extent(_small("HEIF"), SIDE)


def tiff() -> bytes:
    return _tiff({256: (4, SIDE), 257: (4, SIDE)}, zlib.compress(bytes(1_000_000), 9))


def tiff_tile() -> bytes:
    """A small picture in a corner of a huge tile, which the decoder unpacks whole."""
    packer = zlib.compressobj(9)
    rows = [packer.compress(bytes(SIDE * 100)) for _ in range(SIDE // 100)]
    data = b"".join([*rows, packer.flush()])
    return _tiff({256: (4, 64), 257: (4, 64), 322: (4, SIDE), 323: (4, SIDE)}, data)


def png_text() -> bytes:
    """A comment that unpacks to 200 MB."""
    data = _small("PNG")
    body = b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return data[:33] + chunk + data[33:]


def _small(form: str, **options: object) -> bytes:
    file = io.BytesIO()
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file, form, **options)
    return file.getvalue()


def _patched(form: str, patches: dict[int, bytes]) -> bytes:
    data = bytearray(_small(form))
    for offset, patch in patches.items():
        data[offset : offset + len(patch)] = patch
    return bytes(data)


def _with_extent(data: bytes, side: int) -> bytes:
    """`data` with the size in its `ispe` boxes changed."""
    parts = data.split(b"ispe\0\0\0\0")
    return b"ispe\0\0\0\0".join(
        [parts[0], *(struct.pack(">II", side, side) + part[8:] for part in parts[1:])]
    )


def _tiff(size: dict[int, tuple[int, int]], data: bytes) -> bytes:
    """A grey TIFF of one deflated strip or tile."""
    height = size[257][1]
    where = {324: (4, 8), 325: (4, len(data))}
    if 322 not in size:
        where = {273: (4, 8), 278: (4, height), 279: (4, len(data))}
    tags = {**size, 258: (3, 8), 259: (3, 8), 262: (3, 1), 277: (3, 1), **where}
    entries = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in sorted(tags.items())
    )
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


BOMBS = {
    build.__name__: build
    for build in (
        png,
        gif,
        gif_frame,
        gif_disposed_of,
        bmp,
        jpeg,
        webp,
        avif,
        heic,
        tiff,
        tiff_tile,
    )
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_too_large(name: str) -> None:
    data = BOMBS[name]()
    assert len(data) < 2 * 2**20
    with pytest.raises(PictureError, match="NOPHOTO_MAX_PIXELS") as raised:
        load(data, 16)
    assert raised.value.code == FailureCode.TOO_LARGE


PROGRAM = """
import resource, sys
from pathlib import Path
from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.prepare import load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        load(Path(path).read_bytes(), 224)
    except PictureError:
        continue
    raise SystemExit(f"{path} was decoded")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_bombs_cost_no_memory(tmp_path: Path) -> None:
    for build in (*BOMBS.values(), png_text):
        (tmp_path / build.__name__).write_bytes(build())
    command = [sys.executable, "-c", PROGRAM, *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kibibytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    assert kibibytes < 64 * 1024
