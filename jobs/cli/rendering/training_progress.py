"""The progress of a training on stderr: bars on a terminal, lines in a file."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Self

from nophoto.jobs.cli.rendering.output import printable, say, stderr, warn

if TYPE_CHECKING:
    from rich.progress import TaskID

    from nophoto.models.vision.training.fitting import Epoch

LINE_EVERY = 15.0
"""Seconds between two lines of a stage, where stderr is not a terminal."""


class TrainingProgress:
    """Shows what a training tells of itself; a `Reporter`."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        console = stderr()
        self._is_terminal = console.is_terminal
        self._bars: Progress = Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not self._is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lines: dict[str, _Lines] = {}
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
        stage, loss = f"head from seed {epoch.seed}", f", loss {epoch.loss:.3f}"
        self._advance(stage, epoch.step, epoch.steps, loss)

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out, each once."""
        if path in self._unreadable:
            return
        self._unreadable.add(path)
        text = printable(f"left out {path}: {reason}")
        self._bars.console.print(text, markup=False, highlight=False)

    def _advance(self, stage: str, done: int, total: int, detail: str = "") -> None:
        if not self._is_terminal:
            self._lines.setdefault(stage, _Lines(stage)).advance(done, total, detail)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, description=f"{stage}{detail}")


class _Lines:
    """One stage as lines: at its begin, now and then, and at its end."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._begun = self._said = monotonic()
        self._first: int | None = None

    def advance(self, done: int, total: int, detail: str) -> None:
        now = monotonic()
        is_first = self._first is None
        if self._first is None:
            self._first = done
        if not is_first and done < total and now - self._said < LINE_EVERY:
            return
        self._said = now
        made = done - self._first
        seconds = (now - self._begun) * (total - done) / made if made else 0
        left = f", about {max(1, round(seconds / 60))} min left" if seconds > LINE_EVERY else ""
        say(f"{self._stage}: {done:,} of {total:,}{detail}{left}")
