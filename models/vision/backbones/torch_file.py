"""Reads the tensors of a PyTorch checkpoint in its first file format, without PyTorch.

The format, as `torch.load` of versions before 1.6 reads it: four pickles (magic number, protocol,
system, state), a pickled list of storage keys, and behind it each storage as an 8-byte count and
its raw numbers.
"""

import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_STORAGES = {"FloatStorage": "<f4", "LongStorage": "<i8"}


class TorchFileError(ValueError):
    """The file is not a checkpoint of plain tensors in the first PyTorch format."""


class _Tensor:
    """A tensor whose numbers are read later: the storages follow the pickle that names them."""

    def __init__(
        self,
        storage: tuple[str, str],
        offset: int,
        shape: tuple[int, ...],
        stride: tuple[int, ...],
        *_: Any,
    ) -> None:
        self.key, self.dtype = storage
        self.offset, self.shape, self.stride = offset, shape, stride

    def array(self, storage: NDArray[Any]) -> NDArray[Any]:
        reach = sum((size - 1) * step for size, step in zip(self.shape, self.stride, strict=True))
        if (
            self.offset < 0
            or min(self.stride, default=0) < 0
            or self.offset + reach >= len(storage)
        ):
            raise TorchFileError(f"a tensor of shape {self.shape} reaches outside its storage")
        steps = [step * storage.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(storage[self.offset :], self.shape, steps).copy()


class _TensorsOnly(pickle.Unpickler):
    """An unpickler that knows ordered dictionaries and tensors, and refuses all else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _Tensor
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise TorchFileError(f"refused to unpickle {module}.{name}")

    def persistent_load(self, pid: Any) -> tuple[str, str]:
        _, dtype, key, *_ = pid
        return key, dtype


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a state dictionary by name.

    Raises:
        TorchFileError: if the file is something else, or names any other Python object.
    """
    with path.open("rb") as file:
        if _unpickle(file) != _MAGIC:
            raise TorchFileError(f"{path} is not a PyTorch file of the first format")
        _unpickle(file)
        _unpickle(file)
        state: dict[str, _Tensor] = _unpickle(file)
        dtypes = {tensor.key: tensor.dtype for tensor in state.values()}
        storages = {}
        for key in _unpickle(file):
            count = int(np.fromfile(file, "<i8", 1)[0])
            storages[key] = np.fromfile(file, dtypes[key], count)
    return {name: tensor.array(storages[tensor.key]) for name, tensor in state.items()}


def _unpickle(file: BinaryIO) -> Any:
    return _TensorsOnly(file).load()
