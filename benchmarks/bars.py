"""Draws figures beside each other as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer

from benchmarks.spread import Spread

PlotFile = Annotated[
    Path | None, typer.Option("--plot", metavar="FILE", help="Draw the figures as PNG or SVG.")
]
"""The option of a benchmark that draws."""

_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram.

    Attributes:
        title: what was measured, and its unit.
        values: by name, from top to bottom.
        ranges: lowest and highest of those that were measured several times.
    """

    title: str
    values: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]] | None = None

    @classmethod
    def of(cls, title: str, spreads: Mapping[str, Spread]) -> Self:
        """The medians of several rounds, with their ranges."""
        return cls(
            title,
            {name: spread.median for name, spread in spreads.items()},
            {name: (spread.lowest, spread.highest) for name, spread in spreads.items()},
        )


def draw_bars(panels: Sequence[Panel], file: Path) -> None:
    """Draw the panels, three in a row, each value written beside its bar."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(_COLUMNS, len(panels))
    rows = -(-len(panels) // columns)
    longest = max(len(panel.values) for panel in panels)
    figure = Figure(figsize=(4.6 * columns, (0.9 + 0.36 * longest) * rows), layout="constrained")
    FigureCanvasAgg(figure)
    for place, panel in enumerate(panels, start=1):
        axes = figure.add_subplot(rows, columns, place)
        names, values = list(panel.values), list(panel.values.values())
        ranges = panel.ranges or {}
        ends = [ranges.get(name, (value, value)) for name, value in panel.values.items()]
        errors = [
            [max(0.0, value - low) for value, (low, _) in zip(values, ends, strict=True)],
            [max(0.0, high - value) for value, (_, high) in zip(values, ends, strict=True)],
        ]
        bars = axes.barh(names, values, xerr=errors, color="tab:blue", ecolor="0.3", height=0.65)
        axes.bar_label(bars, labels=[_text(value) for value in values], padding=4)
        axes.invert_yaxis()
        axes.margins(x=0.22)
        axes.set_title(panel.title, fontsize="medium", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=110)


def _text(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
