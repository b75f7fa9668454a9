"""What a training tells of how it gets on."""

from pathlib import Path
from typing import Protocol

from nophoto.models.vision.training.fitting import Epoch


class Reporter(Protocol):
    """Told how a training gets on."""

    def on_picture(self, stage: str, done: int, total: int) -> None:
        """After every picture of a stage."""

    def on_epoch(self, epoch: Epoch) -> None:
        """After every point of the learning curve."""

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out."""
