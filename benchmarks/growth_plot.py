"""Draws how costs and rates grow, beside what they would be if they grew with the number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_HEADROOM = 30
"""Times the highest figure: further up, the line that grows with the number is cut off."""


_FEW = 10
"""Numbers below it need no logarithms."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One diagram.

    Attributes:
        number: what grows.
        figure: what is drawn over it, and its unit.
        lines: by name, the numbers and the figures.
    """

    number: str
    figure: str
    lines: Mapping[str, tuple[list[int], list[float]]]


def draw_growth(plots: Sequence[Plot], file: Path) -> None:
    """Draw the plots beside each other, on logarithmic axes where the numbers are large."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    drawing = Figure(figsize=(5.5 * len(plots), 4.2), layout="constrained")
    FigureCanvasAgg(drawing)
    for place, plot in enumerate(plots, start=1):
        axes = drawing.add_subplot(1, len(plots), place)
        is_short = max(max(counts) for counts, _ in plot.lines.values()) < _FEW
        draw = axes.plot if is_short else axes.loglog
        every: list[float] = []
        reached: list[float] = []
        for label, (counts, figures) in plot.lines.items():
            (drawn,) = draw(counts, figures, marker="o", label=label)
            linear = [figures[0] * count / counts[0] for count in counts]
            draw(counts, linear, ":", color=drawn.get_color(), alpha=0.5)
            every += figures
            reached += linear
        axes.set(xlabel=plot.number, ylabel=plot.figure)
        if is_short:
            axes.set_xticks(counts)
            axes.set_ylim(0, max(*every, *reached) * 1.4)
        else:
            axes.set_ylim(min(every) / 3, min(max(every) * _HEADROOM, max(*every, *reached) * 3))
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.plot([], [], ":", color="grey", label="if it grew with the number")
        axes.legend()
    drawing.savefig(file, dpi=110)
