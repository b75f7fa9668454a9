"""Activations of a frozen network on disk: computed once a picture, shared by all trainings."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError

if TYPE_CHECKING:
    import keras

MOST_BYTES = 4 * 2**30
"""Of the files of all networks, before those that were not used for longest go."""

_ASKED_AT_ONCE = 500
"""Keys of one query; SQLite takes a thousand and more."""

_TIMEOUT_SECONDS = 60.0
"""For another training that writes into the same file."""

_IN_USE_SECONDS = 3600.0
"""A file that was written to so lately may belong to a training that runs."""

Row = NDArray[np.float16]


class ActivationCacheError(NophotoError):
    """The file of the activations cannot be read or written."""


class ActivationCache:
    """What one network made of pictures, by the keys of the samples: one SQLite file.

    Several trainings may share it, and what was added is still there after a crash.

    Args:
        folder: of the files of all networks.
        network: the digest of this one, see `network_digest`.

    Raises:
        ActivationCacheError: if the file cannot be made, or is damaged.
    """

    def __init__(self, folder: Path, network: str) -> None:
        self.path = folder / f"{network}.sqlite"
        with self._errors():
            folder.mkdir(parents=True, exist_ok=True)
            _make_room(folder)
            with closing(self._connect()) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS activations (key BLOB PRIMARY KEY, value BLOB)"
                )
            self.path.touch()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Row]:
        """The activations that are there, by key, each as (values,).

        Raises:
            ActivationCacheError: if the file is damaged.
        """
        found: dict[bytes, Row] = {}
        with self._errors(), closing(self._connect()) as connection:
            for start in range(0, len(keys), _ASKED_AT_ONCE):
                some = keys[start : start + _ASKED_AT_ONCE]
                marks = ", ".join("?" * len(some))
                query = f"SELECT key, value FROM activations WHERE key IN ({marks})"  # noqa: S608
                for key, value in connection.execute(query, some):
                    found[key] = np.frombuffer(value, np.float16)
        return found

    def add(self, rows: Mapping[bytes, Row]) -> None:
        """Keep the activations (values,) of some pictures.

        Raises:
            ActivationCacheError: if the disk is full.
        """
        values = [(key, row.tobytes()) for key, row in rows.items()]
        with self._errors(), closing(self._connect()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO activations VALUES (?, ?)", values)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=_TIMEOUT_SECONDS)
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise ActivationCacheError(
                f"activations cannot be kept in {self.path} ({error}). Remove that file, which "
                "only saves time, make room on its disk, or name another folder for it"
            ) from error


def default_activations() -> Path:
    """Where activations are kept for this user."""
    return Path.home() / ".cache" / "nophoto" / "activations"


def network_digest(network: "keras.Model", name: str) -> str:
    """What tells a frozen network from any other: its layers, their weights and what runs it.

    Args:
        network: from pixels to activations.
        name: of what the layers do not tell, as which of them are pooled.
    """
    shapes = (network.input_shape, network.output_shape)
    digest = sha256(repr((name, *shapes, version("openvino"))).encode())
    for layer in network.layers:
        # Names of layers count up within a process.
        config = {key: value for key, value in layer.get_config().items() if key != "name"}
        digest.update(repr((type(layer).__name__, config)).encode())
    for array in network.get_weights():
        digest.update(array.tobytes())
    return digest.hexdigest()


def _make_room(folder: Path) -> None:
    files = sorted(folder.glob("*.sqlite"), key=lambda file: file.stat().st_mtime)
    excess = sum(file.stat().st_size for file in files) - MOST_BYTES
    for file in files:
        if excess <= 0 or time() - file.stat().st_mtime < _IN_USE_SECONDS:
            break
        excess -= file.stat().st_size
        for part in (file, *folder.glob(f"{file.name}-*")):
            part.unlink(missing_ok=True)
