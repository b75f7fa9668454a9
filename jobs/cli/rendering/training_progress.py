"""The progress of a training as bars on stderr."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

from nophoto.jobs.cli.rendering.output import printable, stderr, warn

if TYPE_CHECKING:
    from rich.progress import TaskID

    from nophoto.models.vision.training.fitting import Epoch


class TrainingProgress:
    """Shows what a training tells of itself; a `Reporter`."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        self._bars: Progress = Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=stderr(),
        )
        self._tasks: dict[str, TaskID] = {}
        self._unreadable: set[Path] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
        if self._unreadable:
            warn(f"{len(self._unreadable):,} pictures were left out; they are named above")

    def on_picture(self, stage: str, done: int, total: int) -> None:
        """After every picture of a stage."""
        self._advance(stage, done, total)

    def on_epoch(self, epoch: "Epoch") -> None:
        """After every point of the learning curve."""
        stage = f"head from seed {epoch.seed}"
        self._advance(stage, epoch.step, epoch.steps)
        self._bars.update(self._tasks[stage], description=f"{stage}, loss {epoch.loss:.3f}")

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out, each once."""
        if path in self._unreadable:
            return
        self._unreadable.add(path)
        text = printable(f"left out {path}: {reason}")
        self._bars.console.print(text, markup=False, highlight=False)

    def _advance(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done)
