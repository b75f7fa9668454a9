"""`nophoto retrain`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from jobs.cli.output import say, stderr, stdout

if TYPE_CHECKING:
    from rich.progress import TaskID

    from models.vision.training.fitting import Epoch


def retrain(
    real: Annotated[
        list[Path],
        typer.Option(metavar="DIR", help="Real pictures; name it again for every source."),
    ],
    held_out: Annotated[
        Path,
        typer.Option(
            metavar="DIR", help="Holds placeholder/ and real/: to measure with, never learnt."
        ),
    ],
    placeholders: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Placeholders of your own, beside the drawn ones."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the new version's folder is made.")
    ] = Path("model-versions"),
    target: Annotated[
        float,
        typer.Option(min=0.0001, max=0.5, help="Share of real pictures that may be flagged."),
    ] = 0.01,
    seed: Annotated[int, typer.Option(min=0, help="Of every chance in the training.")] = 0,
    sources: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Markdown on the pictures' origin, for the model card."),
    ] = None,
) -> None:
    """Train a new model version, export it and set its threshold.

    The network learns from drawn placeholders and distractors, from the shipped references, and
    from your folders. It needs the extra `train`, and about ten minutes on two cores for 1,500
    photographs. Judge with the result by `nophoto evaluate DIR --model-version FOLDER`.
    """
    from jobs.retrain import collect
    from jobs.retrain import retrain as run_training

    pictures = collect(
        placeholders or [], real, held_out, sources.read_text(encoding="utf-8") if sources else ""
    )
    from models.vision.training.recipes import Recipe

    with _Shown() as shown:
        version = run_training(Recipe(seed=seed), pictures, out, target, shown)
    stdout().print((version.folder / "card.md").read_text(encoding="utf-8"), markup=False)
    say(f"the model version is in {version.folder}")


class _Shown:
    """The progress of a training as bars on stderr."""

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

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def on_picture(self, stage: str, done: int, total: int) -> None:
        """After every picture of a stage."""
        self._advance(stage, done, total)

    def on_epoch(self, epoch: "Epoch") -> None:
        """After every point of the learning curve."""
        stage = f"head from seed {epoch.seed}"
        self._advance(stage, epoch.step, epoch.steps)
        self._bars.update(self._tasks[stage], description=f"{stage}, loss {epoch.loss:.3f}")

    def on_unreadable(self, path: Path, reason: str) -> None:
        """For every picture file that is left out."""
        self._bars.console.print(f"left out {path}: {reason}", markup=False, highlight=False)

    def _advance(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done)
