"""Saving a network as Keras does, the same network as the same bytes."""

import json
import re
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import keras

_ADDRESS = re.compile(r'("shared_object_id": )(\d+)')


def write_keras_form(network: keras.Model, path: Path) -> None:
    """Save `network` into a `.keras` file without what differs from one saving to the next.

    That is the date, and numbers that only say which parts of the configuration are one object and
    come from its address in memory. Without them a training that is done again ends with the same
    digest.
    """
    network.save(path)
    with ZipFile(path) as saved:
        entries = {name: saved.read(name) for name in saved.namelist()}
    metadata = json.loads(entries["metadata.json"])
    metadata.pop("date_saved")
    entries["metadata.json"] = json.dumps(metadata).encode()
    entries["config.json"] = _numbered(entries["config.json"].decode()).encode()
    with ZipFile(path, "w") as rewritten:
        for name, data in entries.items():
            rewritten.writestr(ZipInfo(name), data)


def _numbered(config: str) -> str:
    numbers: dict[str, int] = {}
    return _ADDRESS.sub(
        lambda found: f"{found[1]}{numbers.setdefault(found[2], len(numbers))}", config
    )
