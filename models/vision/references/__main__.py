"""Draws the shipped reference set again: `python -m nophoto.models.vision.references`.

Run it after a change to the drawing code, look at the pictures, and commit them with the index.
"""

import csv
from collections.abc import Iterator
from hashlib import sha256

from nophoto.models.vision.drawing import KINDS, draw
from nophoto.models.vision.references import INDEX, PICTURES, SUFFIX

LONGEST_SIDE = 224
"""Pixels; the networks look at no more."""

PER_WEIGHT = 4
"""Pictures of a kind of weight 1; rare kinds still get two, to have some variety."""

_PLAIN = {"blank", "checkerboard", "gradient", "pattern", "solid"}
"""Plain tiles, which other references find as well, for networks learn them with all the rest. As
references they would find ramps, boards and black frames too, which may be real pictures."""


def main() -> None:
    """Replace all pictures and the index."""
    PICTURES.mkdir(exist_ok=True)
    for old in PICTURES.glob(f"*{SUFFIX}"):
        old.unlink()
    with INDEX.open("w", newline="", encoding="utf-8") as rows:
        index = csv.writer(rows, lineterminator="\n")
        index.writerow(("name", "kind", "seed", "sha256"))
        for kind, seed in _selection():
            name = f"{kind}-{seed:03}"
            path = PICTURES / (name + SUFFIX)
            draw(seed, kind, longest_side=LONGEST_SIDE).image.save(path, lossless=True)
            index.writerow((name, kind, seed, sha256(path.read_bytes()).hexdigest()))


def _selection() -> Iterator[tuple[str, int]]:
    for name, kind in KINDS.items():
        if name not in _PLAIN:
            for seed in range(max(2, round(PER_WEIGHT * kind.weight))):
                yield name, seed


if __name__ == "__main__":
    main()
