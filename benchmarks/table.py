"""What a benchmark found, to be read by people and to be written into `docs/benchmarks.md`."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from nophoto.jobs.cli.rendering.output import stdout


@dataclass(frozen=True, slots=True)
class Table:
    """Figures side by side, from one run.

    Attributes:
        title: what was measured.
        columns: their heads; the first names the rows.
        rows: in text, as it is shown.
        notes: what a reader must know beside it, a sentence each.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The table as Markdown, notes below."""
        lines = [f"### {self.title}", "", "| " + " | ".join(self.columns) + " |"]
        lines.append("|---|" + "---:|" * (len(self.columns) - 1))
        lines += ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join([*lines, *("\n" + note for note in self.notes)]) + "\n"


def show(tables: Sequence[Table], facts: Mapping[str, str], *, as_json: bool) -> None:
    """Print what was found on stdout."""
    if as_json:
        json.dump({"tables": [asdict(table) for table in tables], "facts": facts}, sys.stdout)
        return
    import rich.table

    for table in tables:
        shown = rich.table.Table(*table.columns, title=table.title, title_justify="left")
        for column in shown.columns[1:]:
            column.justify = "right"
        for row in table.rows:
            shown.add_row(*row)
        stdout().print(shown)
        for note in table.notes:
            stdout().print(note, soft_wrap=True)
    for name, value in facts.items():
        stdout().print(f"{name:<12} {value}", soft_wrap=True)
