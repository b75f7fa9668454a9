"""Local files that somebody who may names: the bytes of those that are pictures."""

from collections.abc import Sequence
from pathlib import Path

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.worker.decoding.pool import Decoders
from nophoto.worker.storage.storage import Storage

_LOOKED_AT = 224  # as large as a network looks at them


def read_pictures(
    files: Sequence[Path], limits: PictureLimits, decoders: Decoders
) -> tuple[list[tuple[Path, bytes]], dict[str, str]]:
    """The files that a worker can decode with their bytes, and by name why others are none."""
    # The caller, who may do so, names the file: the roots bind uploads, which strangers name.
    storage = Storage(("/",), limits)
    pictures: list[tuple[Path, bytes]] = []
    refused: dict[str, str] = {}
    for file in files:
        try:
            data = storage.read(str(file.absolute()))
            decoders.load(data, _LOOKED_AT)
        except PictureError as error:
            refused[str(file)] = f"{error.code}: {error}"
        else:
            pictures.append((file, data))
    return pictures, refused
