"""Outlines that are not made of straight lines."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nophoto.models.vision.drawing.pen import Point

STEPS = 8
"""Segments a span; on the largest drawing one is about four pixels before supersampling."""


def smooth(points: Sequence[Point]) -> list[Point]:
    """A closed Catmull-Rom spline through `points`."""
    p1 = np.asarray(points, dtype=float)
    p0, p2, p3 = np.roll(p1, 1, axis=0), np.roll(p1, -1, axis=0), np.roll(p1, -2, axis=0)
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None, None]
    spans = 0.5 * (
        2 * p1
        + (p2 - p0) * t
        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2
        + (3 * p1 - p0 - 3 * p2 + p3) * t**3
    )
    return _pairs(spans.transpose(1, 0, 2).reshape(-1, 2))


def mirrored(points: Sequence[Point], axis: float = 0.5) -> list[Point]:
    """`points` of the right half from top to bottom, then their mirror images back to the top."""
    return [*points, *((2 * axis - x, y) for x, y in reversed(points))]


def superellipse(x: float, y: float, rx: float, ry: float, power: float) -> list[Point]:
    """Lamé's curve: an ellipse at power 2, nearly a rectangle at 6."""
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    cosine, sine = np.cos(angles), np.sin(angles)
    xs = x + rx * np.sign(cosine) * np.abs(cosine) ** (2 / power)
    ys = y + ry * np.sign(sine) * np.abs(sine) ** (2 / power)
    return _pairs(np.stack([xs, ys], axis=1))


def regular(
    x: float, y: float, r: float, corners: int, turn: float = -90.0, inner: float | None = None
) -> list[Point]:
    """A regular polygon, or a star where `inner` gives its second radius; `turn` in degrees."""
    count = corners if inner is None else corners * 2
    angles = np.radians(turn) + np.linspace(0, 2 * np.pi, count, endpoint=False)
    radii = np.full(count, r)
    if inner is not None:
        radii[1::2] = inner
    return _pairs(np.stack([x + radii * np.cos(angles), y + radii * np.sin(angles)], axis=1))


def _pairs(points: NDArray[np.float64]) -> list[Point]:
    return [(float(x), float(y)) for x, y in points]
