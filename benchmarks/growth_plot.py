"""Draws how costs grow, beside what they would be if they grew with the number."""

from collections.abc import Mapping
from pathlib import Path

Lines = Mapping[str, tuple[list[int], list[float]]]


def draw_growth(plots: Mapping[str, Lines], file: Path) -> None:
    """Draw microseconds for one upload over what grows, on logarithmic axes, one plot for each."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5 * len(plots), 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    for place, (name, lines) in enumerate(plots.items(), start=1):
        axes = figure.add_subplot(1, len(plots), place)
        for label, (counts, costs) in lines.items():
            (drawn,) = axes.loglog(counts, costs, marker="o", label=label)
            linear = [costs[0] * count / counts[0] for count in counts]
            axes.loglog(counts, linear, ":", color=drawn.get_color(), alpha=0.5)
        axes.set(xlabel=name, ylabel="µs for one upload")
        lowest = min(min(costs) for _, costs in lines.values())
        highest = max(max(costs) for _, costs in lines.values())
        axes.set_ylim(lowest / 3, highest * 30)
        axes.grid(visible=True, which="major", alpha=0.3)
        axes.plot([], [], ":", color="grey", label="if it grew with the number")
        axes.legend()
    figure.savefig(file, dpi=110)
