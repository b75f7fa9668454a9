"""Small charts as SVG, in the colours of the page around them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

_WIDTH, _HEIGHT = 440, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 12, 28, 32
COLOURS = ("#2563eb", "#dc2626", "#16a34a", "#d97706")


@dataclass(frozen=True, slots=True)
class Series:
    """Points that a line joins, (n,) each."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def line_chart(series: Sequence[Series], x_name: str, *, unit: bool = False) -> Markup:
    """Lines over a common axis.

    Args:
        series: the lines; those without points are left out.
        x_name: what the axis counts.
        unit: whether both axes go from 0 to 1 whatever the points are.
    """
    shown = [line for line in series if len(line.x)]
    if not shown:
        return Markup()
    all_x = np.concatenate([np.asarray(line.x, float) for line in shown])
    all_y = np.concatenate([np.asarray(line.y, float) for line in shown])
    x_range = (0.0, 1.0) if unit else _range(all_x)
    y_range = (0.0, 1.0) if unit else _range(np.append(all_y, 0.0))
    parts = [_axes(x_range, y_range, x_name)]
    for line, colour in zip(shown, COLOURS, strict=False):
        points = " ".join(
            f"{_place(x, x_range, _LEFT, _WIDTH - _RIGHT):.1f},"
            f"{_place(y, y_range, _HEIGHT - _BOTTOM, _TOP):.1f}"
            for x, y in zip(line.x, line.y, strict=True)
        )
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    return _svg(parts, [line.name for line in shown])


def histogram(
    groups: Sequence[tuple[str, NDArray[np.float64]]], threshold: float, x_name: str
) -> Markup:
    """How often each similarity came, a colour for each group, as shares of the group."""
    edges = np.linspace(-1.0, 1.0, 41)
    parts = []
    counted = [np.histogram(values, edges)[0] / max(1, len(values)) for _, values in groups]
    y_range = (0.0, max(0.01, *(float(shares.max()) for shares in counted)))
    parts.append(_axes((-1.0, 1.0), y_range, x_name))
    bottom = _HEIGHT - _BOTTOM
    for shares, colour in zip(counted, COLOURS, strict=False):
        for left, right, share in zip(edges[:-1], edges[1:], shares, strict=True):
            x = _place(left, (-1.0, 1.0), _LEFT, _WIDTH - _RIGHT)
            width = _place(right, (-1.0, 1.0), _LEFT, _WIDTH - _RIGHT) - x
            y = _place(share, y_range, bottom, _TOP)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{bottom - y:.1f}" '
                f'fill="{colour}" fill-opacity="0.55"/>'
            )
    x = _place(threshold, (-1.0, 1.0), _LEFT, _WIDTH - _RIGHT)
    parts.append(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="currentColor" '
        'stroke-dasharray="4 3"/>'
    )
    return _svg(parts, [name for name, _ in groups])


def roc(placeholders: NDArray[np.float64], real: NDArray[np.float64]) -> Series:
    """The share of placeholders found over the share of real pictures flagged."""
    thresholds = np.unique(np.concatenate([placeholders, real, [np.inf]]))[::-1]
    found = (placeholders[None] >= thresholds[:, None]).mean(axis=1)
    flagged = (real[None] >= thresholds[:, None]).mean(axis=1)
    return Series("ROC", flagged.tolist(), found.tolist())


def _svg(parts: Sequence[str], names: Sequence[str]) -> Markup:
    legend = "".join(
        f'<tspan fill="{colour}" dx="{12 if place else 0}">■ </tspan>'
        f'<tspan fill="currentColor">{escape(name)}</tspan>'
        for place, (name, colour) in enumerate(zip(names, COLOURS, strict=False))
    )
    label = f'<text x="{_LEFT + 6}" y="{_TOP - 12}" font-size="11">{legend}</text>'
    body = "".join(parts) + label
    return Markup(  # noqa: S704 - numbers of ours, and names that were escaped
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" font-size="11">{body}</svg>'
    )


def _axes(x_range: tuple[float, float], y_range: tuple[float, float], x_name: str) -> str:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    parts = [
        f'<path d="M{_LEFT} {_TOP}V{bottom}H{right}" fill="none" stroke="currentColor" '
        'stroke-opacity="0.4"/>'
    ]
    for share in (0.0, 0.5, 1.0):
        x, y = _LEFT + share * (right - _LEFT), bottom - share * (bottom - _TOP)
        anchor = {0.0: "start", 1.0: "end"}.get(share, "middle")
        parts.append(
            f'<text x="{x:.0f}" y="{bottom + 14}" text-anchor="{anchor}" fill="currentColor">'
            f"{_value(x_range, share)}</text>"
            f'<text x="{_LEFT - 5}" y="{y + 4:.0f}" text-anchor="end" fill="currentColor">'
            f"{_value(y_range, share)}</text>"
        )
    middle = (_LEFT + right) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{bottom + 28}" text-anchor="middle" fill="currentColor" '
        f'fill-opacity="0.7">{escape(x_name)}</text>'
    )
    return "".join(parts)


def _value(ends: tuple[float, float], share: float) -> str:
    return f"{ends[0] + share * (ends[1] - ends[0]):.4g}".replace("-", "\N{MINUS SIGN}")


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low, low + 1.0)


def _place(value: float, ends: tuple[float, float], first: float, last: float) -> float:
    return first + (value - ends[0]) / (ends[1] - ends[0]) * (last - first)
