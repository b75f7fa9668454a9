"""The state of a training on disk, so that one that was killed goes on from its last epoch."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np
from numpy.typing import NDArray

from nophoto.models.errors import NophotoError


class CheckpointError(NophotoError):
    """The state of a training cannot be kept."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Keeps the state of one network while it is trained: one file, each state after the other.

    A state holds the weights, the optimizer and the chances of dropout. One that was left by
    another training, or torn by a crash, counts for nothing.

    Attributes:
        path: of the file; its folder exists.
        inputs: a digest of all that the training depends on, see `inputs_digest`.
    """

    path: Path
    inputs: str

    def restore(self, network: keras.Model) -> list[Any]:
        """Put a compiled network into the state that was kept.

        Returns:
            The learning curve so far, as it was given to `save`; empty if there was no state.
        """
        kept = self._read()
        variables = _variables(network)
        if kept is None or len(kept[1]) != len(variables):
            return []
        for variable, value in zip(variables, kept[1], strict=True):
            variable.assign(value)
        return kept[0]

    def save(self, network: keras.Model, curve: Sequence[Any]) -> None:
        """Keep the state of a network and its curve, as plain values.

        Raises:
            CheckpointError: if there is no room.
        """
        part = self.path.with_suffix(".part")
        content: dict[str, Any] = {"inputs": self.inputs, "curve": json.dumps(list(curve))}
        content |= {f"v{n}": np.asarray(v) for n, v in enumerate(_variables(network))}
        try:
            with part.open("wb") as file:
                np.savez(file, **content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CheckpointError(
                f"the state of the training cannot be kept in {self.path} ({error.strerror}). "
                "Make room on its disk"
            ) from error

    def _read(self) -> tuple[list[Any], list[NDArray[Any]]] | None:
        try:
            with np.load(self.path, allow_pickle=False) as kept:
                if str(kept["inputs"]) != self.inputs:
                    return None
                values = [kept[f"v{n}"] for n in range(len(kept.files) - 2)]
                return json.loads(str(kept["curve"])), values
        except (FileNotFoundError, BadZipFile, KeyError, ValueError, EOFError):
            return None


def inputs_digest(*parts: NDArray[Any] | str) -> str:
    """SHA-256 (hex) over arrays and texts: equal inputs, equal training."""
    digest = sha256()
    for part in parts:
        if isinstance(part, str):
            digest.update(part.encode())
        else:
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _variables(network: keras.Model) -> list[keras.Variable]:
    """All that the next step depends on, metrics aside."""
    network.optimizer.build(network.trainable_variables)
    return [*network.variables, *network.optimizer.variables]
