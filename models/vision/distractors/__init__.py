"""Draws what is drawn and yet no placeholder: documents, charts, screenshots, goods, sketches.

They are negatives of the training: photographs alone would teach the network that whatever is
drawn is a placeholder.
"""

from collections.abc import Callable, Mapping
from zlib import crc32

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors import (
    charts,
    goods,
    papers,
    patterns,
    screens,
    sketches,
    targets,
)

__all__ = ["DISTRACTORS", "draw_distractor"]

DISTRACTORS: Mapping[str, Callable[[Generator], Image.Image]] = {
    "document": papers.document,
    "receipt": papers.receipt,
    "form": papers.form,
    "bars": charts.bars,
    "lines": charts.lines,
    "pie": charts.pie,
    "diagram": charts.diagram,
    "map": charts.street_map,
    "window": screens.window,
    "web-page": screens.web_page,
    "code": screens.code,
    "spreadsheet": screens.spreadsheet,
    "sketch": sketches.sketch,
    "doodle": sketches.doodle,
    "framed-print": goods.framed_print,
    "printed-mug": goods.printed_mug,
    "gadget": goods.gadget,
    "catalogue": goods.catalogue,
    "colour-wheel": patterns.colour_wheel,
    "test-card": patterns.test_card,
    "chessboard": patterns.chessboard,
    "barcode": patterns.barcode,
    "ramp": targets.ramp,
    "grating": targets.grating,
    "zone-plate": targets.zone_plate,
    "few-pixels": targets.few_pixels,
}
"""Each draws a picture of its kind, RGB."""


def draw_distractor(seed: int, kind: str | None = None) -> Image.Image:
    """Draw one picture, RGB, its longest side 160 to 512 pixels; the same seed draws the same.

    Raises:
        KeyError: if there is no such kind.
    """
    if kind is None:
        names = list(DISTRACTORS)
        kind = names[int(np.random.default_rng(seed).integers(len(names)))]
    rng = np.random.default_rng([seed, crc32(kind.encode())])
    image = DISTRACTORS[kind](rng)
    longest = round(float(np.exp(rng.uniform(np.log(160), np.log(512)))))
    image.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return image
