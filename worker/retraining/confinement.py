"""What a retraining may read that somebody asked for from afar: only what uploads may."""

import os
from pathlib import Path

from nophoto.models.errors import NophotoError
from nophoto.worker.retraining.request import RetrainParameters, RetrainParametersError
from nophoto.worker.settings import Settings
from nophoto.worker.storage.storage import Storage, storage_of


class OutsideRootsError(NophotoError):
    """A retraining was to read what lies outside the allowed roots."""


def confine(parameters: RetrainParameters, settings: Settings) -> RetrainParameters:
    """The same retraining, which reads below the roots of `settings` only.

    For what a message or the console asks: its sender has no account on this host, and the
    names of files that a training could not read would come back to them.

    Raises:
        OutsideRootsError: if it names a path elsewhere.
        RetrainParametersError: if it says where activations are kept, which are written.
    """
    if parameters.activations:
        raise RetrainParametersError(
            "a message cannot say where activations are kept: that folder is written to and "
            "emptied. Leave the field out, or ask by `nophoto retrain --activations`"
        )
    storage = storage_of(settings)
    for path in parameters.paths:
        if not path.is_absolute() or not storage.allows(path):
            raise _outside(path)
    return parameters.model_copy(update={"confined": True})


def check_contents(parameters: RetrainParameters, settings: Settings) -> None:
    """Make sure that no link below the folders of a confined retraining leads out of the roots.

    Raises:
        OutsideRootsError: naming the first that does.
    """
    if not parameters.confined:
        return
    storage = storage_of(settings)
    for path in parameters.paths:
        _check_below(path, storage)


def _check_below(named: Path, storage: Storage) -> None:
    seen: set[Path] = set()  # links may lead in a circle
    waiting = [named]
    while waiting:
        path = waiting.pop()
        real = Path(os.path.realpath(path))
        if not storage.allows(real):
            raise _outside(path)
        if real in seen or not real.is_dir():
            continue
        seen.add(real)
        try:
            waiting += real.iterdir()
        except OSError as error:
            raise OutsideRootsError(
                f"{path} cannot be looked through ({error.strerror}); give the worker's user the "
                "permission to"
            ) from error


def _outside(path: Path) -> OutsideRootsError:
    return OutsideRootsError(
        f"{path} is outside the allowed roots, below which a retraining reads that a message or "
        "the console asked for. List its folder in NOPHOTO_ROOTS, or ask by `nophoto retrain`"
    )
