"""What commands print with: tables on stdout, progress and warnings on stderr."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nophoto.models.errors import NophotoError

if TYPE_CHECKING:  # a worker prints nothing as a rule, and starts sooner without
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from nophoto.models.records.outcomes.results import ResultRow

WIDTH_OF_FILES = 200
"""Columns of a table that is written to a file or a pipe, where no terminal sets them."""

VERDICT_STYLES = {"placeholder": "bold red", "real": "green"}


def stdout() -> "Console":
    """The console for results."""
    return _console(stderr=False)


def stderr() -> "Console":
    """The console for people who watch: progress, warnings, hints."""
    return _console(stderr=True)


def say(message: str) -> None:
    """A sentence on stderr, unchanged by any markup in it."""
    _print("", "", message)


def warn(message: str) -> None:
    """A warning on stderr."""
    _print("warning: ", "bold yellow", message)


def print_error(error: NophotoError) -> None:
    """The message of an error, alone."""
    _print("error: ", "bold red", str(error))


def print_json(value: object) -> None:
    """`value` as JSON on stdout, and nothing else; in ASCII, which every locale can carry."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def printable(text: str) -> str:
    """`text` with control characters escaped: a file's name must not command the terminal."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text
    )


def cell(value: Any, style: str = "") -> "Text":
    """A value as a table shows it; None is a dash."""
    from rich.text import Text

    if value is None:
        return Text("–", style="dim")
    return Text(printable(f"{value:.3f}" if isinstance(value, float) else str(value)), style=style)


def signed(score: float | None) -> str | None:
    """A score with its sign, which says on which side of the reach it lies."""
    return None if score is None else f"{score:+.3f}"


def print_results(rows: "Iterable[ResultRow]") -> None:
    """Uploads and what they came to, as a table on stdout."""
    from rich.table import Table

    table = Table(
        "Key", "Outcome", "Kind", "Score", "Nearest reference", "Judged at (UTC)", "Detail"
    )
    table.columns[0].overflow = "fold"
    table.columns[3].justify = "right"
    for row in rows:
        outcome = row.verdict or row.failure or row.state
        style = VERDICT_STYLES.get(row.verdict or "", "yellow" if row.failure else "dim")
        table.add_row(
            cell(row.key),
            cell(outcome, style),
            cell(row.kind),
            cell(signed(row.score)),
            cell(row.nearest_reference),
            cell(row.judged_at and f"{row.judged_at:%Y-%m-%d %H:%M:%S}"),
            cell("for review" if row.needs_review else row.failure_message or ""),
        )
    stdout().print(table)


@contextmanager
def progress(description: str, total: int | None = None) -> Iterator["Advance"]:
    """A progress bar on stderr where that is a terminal; nothing otherwise."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    console = stderr()
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        yield Advance(bar, description, total)


class Advance:
    """Moves a progress bar; to be given to a job as its `on_progress`."""

    def __init__(self, bar: "Progress", description: str, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task(description, total=total)

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show `done` of `total`; a total that was known already may be left out."""
        if total is None:
            self._bar.update(self._task, completed=done)
        else:
            self._bar.update(self._task, completed=done, total=total)


def _print(label: str, style: str, message: str) -> None:
    from rich.text import Text

    stderr().print(Text.assemble((label, style), printable(message)), soft_wrap=True)


def _console(*, stderr: bool) -> "Console":
    from rich.console import Console

    console = Console(stderr=stderr, highlight=False, emoji=False, markup=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console
