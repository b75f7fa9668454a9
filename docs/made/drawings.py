"""Draws the site's figures: boxes on a grid, and arrows between them."""

import tomllib
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

import mkdocs_gen_files

ROOT = Path(__file__).parents[2]
COLOUR = "#607d8b"
WIDTH, HEIGHT, GAP_X, GAP_Y = 168, 56, 62, 46


@dataclass(frozen=True)
class Box:
    """A box at a place of the grid; a second line says more."""

    name: str
    column: float
    row: float
    note: str = ""
    strong: bool = False

    @property
    def left(self) -> float:
        return 12 + self.column * (WIDTH + GAP_X)

    @property
    def top(self) -> float:
        return 12 + self.row * (HEIGHT + GAP_Y)

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + WIDTH / 2, self.top + HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """From one box to another, by their names."""

    start: str
    end: str
    text: str = ""


def draw(boxes: list[Box], arrows: list[Arrow]) -> str:
    """The figure as SVG, in a grey that can be read on light and on dark."""
    named = {box.name: box for box in boxes}
    width = max(box.left for box in boxes) + WIDTH + 12
    height = max(box.top for box in boxes) + HEIGHT + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" font-family="sans-serif" font-size="14" '
        f'fill="{COLOUR}" stroke="none" role="img">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z"/></marker></defs>',
    ]
    parts += [_arrow(named[arrow.start], named[arrow.end], arrow.text) for arrow in arrows]
    parts += [_box(box) for box in boxes]
    return "\n".join([*parts, "</svg>"])


def _box(box: Box) -> str:
    x, y = box.middle
    fill = "#00897b33" if box.strong else "none"
    lines = [box.name, box.note] if box.note else [box.name]
    first = y + 5 - 9 * (len(lines) - 1)
    weights = ('font-weight="bold"', 'font-size="12"')
    text = "".join(
        f'<text x="{x:g}" y="{first + 18 * place:g}" text-anchor="middle" {weights[place]}>'
        f"{escape(line)}</text>"
        for place, line in enumerate(lines)
    )
    return (
        f'<rect x="{box.left:g}" y="{box.top:g}" width="{WIDTH}" height="{HEIGHT}" rx="6" '
        f'fill="{fill}" stroke="{COLOUR}"/>{text}'
    )


def _arrow(start: Box, end: Box, text: str) -> str:
    (x1, y1), (x2, y2) = start.middle, end.middle
    if start.row == end.row:
        side = 1 if x2 > x1 else -1
        x1, x2 = x1 + side * WIDTH / 2, x2 - side * (WIDTH / 2 + 2)
    else:
        side = 1 if y2 > y1 else -1
        y1, y2 = y1 + side * HEIGHT / 2, y2 - side * (HEIGHT / 2 + 2)
    label = ""
    if text:
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        # Beside a line that goes down, above one that goes across.
        place = (x, y - 6, "middle") if start.row == end.row else (x + 6, y + 4, "start")
        label = (
            f'<text x="{place[0]:g}" y="{place[1]:g}" text-anchor="{place[2]}" '
            f'font-size="11">{escape(text)}</text>'
        )
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{COLOUR}" '
        f'marker-end="url(#tip)"/>{label}'
    )


def flow() -> str:
    """How an upload comes to its verdict."""
    return draw(
        [
            Box("Backend", 0, 0, "key and URI"),
            Box("Database", 1, 0, "the truth", strong=True),
            Box("Broker", 2, 0, "wakes workers"),
            Box("Worker", 2, 1, "claims a chunk", strong=True),
            Box("Storage", 3, 1, "files, S3, HTTPS"),
            Box("Network", 2, 2, "picture to embedding"),
            Box("References", 3, 2, "known placeholders"),
            Box("Verdict", 1, 2, "similarity, reference"),
            Box("Platform", 0, 2, "webhook, query"),
            Box("Sweep", 1, 1, "sends again"),
        ],
        [
            Arrow("Backend", "Database", "store"),
            Arrow("Database", "Broker", "publish"),
            Arrow("Broker", "Worker", "ids"),
            Arrow("Storage", "Worker", "bytes"),
            Arrow("Worker", "Network", "pixels"),
            Arrow("References", "Network", "cosine"),
            Arrow("Network", "Verdict"),
            Arrow("Worker", "Sweep", "every 10 s"),
            Arrow("Sweep", "Database", "what waits?"),
            Arrow("Verdict", "Platform"),
        ],
    )


def layers() -> str:
    """The import contract, as pyproject.toml holds it."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    # The first of each type; further ones are about the inside of a package.
    by_type = {contract["type"]: contract for contract in reversed(settings["contracts"])}
    packages = [package.replace("nophoto.", "") for package in by_type["layers"]["layers"]]
    halves = [half.removeprefix("nophoto.") for half in by_type["independence"]["modules"]]
    boxes = [Box(package, 0.5, row) for row, package in enumerate(packages[:-1])]
    boxes += [Box(half, place, len(packages) - 1, strong=True) for place, half in enumerate(halves)]
    arrows = [Arrow(*pair) for pair in pairwise(packages[:-1])]
    arrows += [Arrow(packages[-2], half) for half in halves]
    return draw(boxes, arrows)


for name, figure in (("flow", flow()), ("layers", layers())):
    with mkdocs_gen_files.open(f"images/{name}.svg", "w") as file:
        file.write(figure)
