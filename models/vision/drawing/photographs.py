"""Icons of pictures and cameras: whole, broken and crossed out."""

from numpy.random import Generator

from nophoto.models.vision.drawing.pen import Figure, Pen


def landscape(pen: Pen, rng: Generator) -> None:
    """A picture in its frame: mountains under a sun."""
    top, bottom = rng.uniform(0.12, 0.22), rng.uniform(0.78, 0.88)
    radius = rng.uniform(0.0, 0.12)
    if pen.is_filled and rng.random() < 0.6:
        pen.rectangle(0.04, top, 0.96, bottom, radius)
        inside = pen.inverted()
        if rng.random() < 0.5:
            gap = rng.uniform(0.04, 0.09)
            inside.rectangle(0.04 + gap, top + gap, 0.96 - gap, bottom - gap, radius * 0.5)
            inside = pen.solid()
    elif rng.random() < 0.88:
        pen.outlined().rectangle(0.04, top, 0.96, bottom, radius)
        inside = pen.solid() if rng.random() < 0.6 else pen.outlined(0.9)
    else:
        inside = pen.solid()
    _mountains(inside, rng, bottom - rng.uniform(0.08, 0.13))
    sun = rng.uniform(0.05, 0.09)
    inside.ellipse(rng.choice([0.28, 0.7]), top + rng.uniform(0.17, 0.22), sun)


def _mountains(pen: Pen, rng: Generator, base: float) -> None:
    peak = base - rng.uniform(0.22, 0.38)
    style = rng.integers(3)
    if style == 0:
        pen.polygon([(0.13, base), (rng.uniform(0.3, 0.4), peak + 0.12), (0.52, base)])
        pen.polygon([(0.34, base), (rng.uniform(0.58, 0.68), peak), (0.87, base)])
    elif style == 1:
        pen.polygon(
            [
                (0.13, base),
                (0.13, base - 0.08),
                (0.33, base - 0.26),
                (0.48, base - 0.12),
                (0.66, peak),
                (0.87, base - 0.16),
                (0.87, base),
            ]
        )
    else:
        pen.line([(0.13, base), (0.35, peak + 0.1), (0.52, base - 0.05)])
        pen.line([(0.45, base - 0.08), (0.65, peak + 0.05), (0.87, base)])


def stacked_pictures(pen: Pen, rng: Generator) -> None:
    """Two or three pictures on a pile."""
    step = rng.uniform(0.06, 0.1)
    back = pen.outlined()
    back.rectangle(0.04 + 2 * step, 0.08, 0.98, 0.7 - step, 0.04)
    front = pen.within(0.0, 0.08 + step, 0.98 - step * 1.2, 0.86)
    front.inverted().rectangle(0.0, 0.08, 1.0, 0.92, 0.04)
    landscape(front, rng)


def polaroid(pen: Pen, rng: Generator) -> None:
    """An instant photo with a thick lower edge."""
    pen.outlined(rng.uniform(0.5, 1.0)).rectangle(0.12, 0.04, 0.88, 0.96, 0.03)
    pen.toned(rng.uniform(0.4, 1.0)).rectangle(0.2, 0.12, 0.8, 0.72)
    _mountains(pen.inverted().within(0.16, 0.05, 0.68, 0.8), rng, 0.78)


def broken_picture(pen: Pen, rng: Generator) -> None:
    """A picture torn in two, or a page with a torn corner, as browsers show it."""
    if rng.random() < 0.5:
        landscape(pen, rng)
        tear = pen.inverted()
        x = rng.uniform(0.35, 0.6)
        jag = [(x, 0.0), (x + 0.12, 0.3), (x - 0.04, 0.45), (x + 0.12, 0.62), (x, 1.0)]
        width = rng.uniform(0.05, 0.1)
        tear.polygon([*jag, *((px + width, py) for px, py in reversed(jag))])
        return
    pen.outlined().polygon([(0.16, 0.06), (0.64, 0.06), (0.86, 0.28), (0.86, 0.94), (0.16, 0.94)])
    pen.line([(0.64, 0.06), (0.64, 0.28), (0.86, 0.28)])
    inner = pen.solid().within(0.2, 0.26, 0.62, 0.62)
    _mountains(inner, rng, 0.85)
    inner.ellipse(0.3, 0.3, 0.1)
    if rng.random() < 0.7:
        y = rng.uniform(0.45, 0.65)
        zigzag = [(0.06, y), (0.32, y + 0.12), (0.5, y), (0.7, y + 0.12), (0.96, y - 0.04)]
        pen.inverted().line(zigzag, 2)


def camera(pen: Pen, rng: Generator) -> None:
    """A camera from the front, of one of three builds."""
    style = rng.integers(3)
    top, bottom = rng.uniform(0.26, 0.34), rng.uniform(0.78, 0.86)
    radius = rng.uniform(0.03, 0.12)
    lens = rng.uniform(0.15, 0.21)
    middle = (top + bottom) / 2
    if style == 0:
        hump = rng.uniform(0.12, 0.2)
        pen.solid().polygon(
            [
                (0.5 - hump - 0.06, top + 0.03),
                (0.5 - hump, top - 0.1),
                (0.5 + hump, top - 0.1),
                (0.5 + hump + 0.06, top + 0.03),
            ]
        )
    elif style == 1:
        pen.solid().rectangle(0.16, top - 0.06, 0.32, top + 0.05, 0.02)
    else:
        pen.solid().rectangle(0.36, top - 0.09, 0.64, top + 0.05, 0.03)
    pen.rectangle(0.05, top, 0.95, bottom, radius)
    glass = pen.inverted() if pen.is_filled else pen
    glass.ellipse(0.5, middle, lens)
    if pen.is_filled:
        pen.ellipse(0.5, middle, lens * rng.uniform(0.6, 0.8))
        if rng.random() < 0.4:
            pen.inverted().ellipse(0.5, middle, lens * 0.3)
    elif rng.random() < 0.5:
        pen.ellipse(0.5, middle, lens * 0.5)
    if rng.random() < 0.6:
        glass.solid().ellipse(0.83, top + 0.1, 0.035)


def crossed(figure: Figure) -> Figure:
    """The same thing struck through: a slash, a cross, or the ring of a prohibition sign."""

    def draw(pen: Pen, rng: Generator) -> None:
        style = rng.choice(["slash", "cross", "ring", "badge"], p=[0.5, 0.15, 0.25, 0.1])
        if style == "ring":
            figure(pen.within(0.17, 0.17, 0.66, 0.66), rng)
            _prohibition(pen, rng)
            return
        figure(pen, rng)
        if style == "badge":
            _badge(pen, rng)
            return
        bars = [[(0.06, 0.04), (0.94, 0.96)]]
        if style == "cross":
            bars.append([(0.94, 0.04), (0.06, 0.96)])
        elif rng.random() < 0.4:
            bars = [[(0.94, 0.04), (0.06, 0.96)]]
        weight = rng.uniform(0.06, 0.1) / pen.stroke
        for bar in bars:
            pen.inverted().line(bar, weight * 2)
        for bar in bars:
            pen.line(bar, weight)

    return draw


def _prohibition(pen: Pen, rng: Generator) -> None:
    width = rng.uniform(0.06, 0.1)
    pen.ring(0.5, 0.5, 0.5 - width, 0.5)
    bar = [(0.17, 0.17), (0.83, 0.83)]
    if rng.random() < 0.5:
        pen.inverted().line(bar, width * 1.7 / pen.stroke)
    pen.line(bar, width / pen.stroke)


def _badge(pen: Pen, rng: Generator) -> None:
    """A small disc on the lower right with a cross, a minus or a mark of exclamation."""
    x, y, r = 0.82, 0.82, rng.uniform(0.15, 0.2)
    pen.inverted().ellipse(x, y, r * 1.25)
    pen.solid().ellipse(x, y, r)
    cut, reach = pen.inverted(), r * 0.45
    style = rng.integers(3)
    if style == 0:
        cut.line([(x - reach, y - reach), (x + reach, y + reach)])
        cut.line([(x - reach, y + reach), (x + reach, y - reach)])
    elif style == 1:
        cut.line([(x - reach, y), (x + reach, y)])
    else:
        cut.line([(x, y - reach * 1.3), (x, y + reach * 0.3)])
        cut.ellipse(x, y + reach * 1.2, 0.025)
