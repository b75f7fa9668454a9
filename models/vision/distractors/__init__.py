"""Draws what is drawn and yet says no absence: documents, charts, screens, goods, logos, covers.

They are negatives of the training: photographs alone would teach the network that whatever is
drawn is a placeholder.
"""

from collections.abc import Callable, Mapping
from zlib import crc32

import numpy as np
from numpy.random import Generator
from PIL import Image

from nophoto.models.vision.distractors import (
    boards,
    cards,
    charts,
    codes,
    covers,
    crayons,
    flags,
    games,
    goods,
    logos,
    packshots,
    papers,
    parts,
    patterns,
    pixel_art,
    quotes,
    regions,
    scans,
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
    "ramp": targets.ramp,
    "grating": targets.grating,
    "zone-plate": targets.zone_plate,
    "few-pixels": targets.few_pixels,
    "logo": logos.logo,
    "wordmark": logos.wordmark,
    "letter-sign": logos.letter_sign,
    "flag": flags.flag,
    "coat-of-arms": flags.coat_of_arms,
    "seal": flags.seal,
    "book-cover": covers.book_cover,
    "album-cover": covers.album_cover,
    "film-poster": covers.film_poster,
    "flyer": covers.flyer,
    "quotation": quotes.quotation,
    "meme": quotes.meme,
    "greeting": quotes.greeting,
    "price-sign": quotes.price_sign,
    "slide": quotes.slide,
    "business-card": cards.business_card,
    "ticket": cards.ticket,
    "label": cards.label,
    "identity-card": cards.identity_card,
    "certificate": cards.certificate,
    "square-code": codes.square_code,
    "bar-code": codes.bar_code,
    "sprite": pixel_art.sprite,
    "sprite-sheet": pixel_art.sprite_sheet,
    "pixel-scene": pixel_art.pixel_scene,
    "whiteboard": boards.whiteboard,
    "blackboard": boards.blackboard,
    "handwritten-page": boards.handwritten_page,
    "sticky-notes": boards.sticky_notes,
    "carton": packshots.carton,
    "labelled-bottle": packshots.bottle,
    "tin": packshots.tin,
    "pouch": packshots.pouch,
    "platform-game": games.platform_game,
    "board-from-above": games.board_from_above,
    "falling-blocks": games.falling_blocks,
    "polygon-world": games.polygon_world,
    "x-ray": scans.x_ray,
    "cells": scans.cells,
    "fields": scans.fields,
    "echo": scans.echo,
    "political-map": regions.political_map,
    "contour-map": regions.contour_map,
    "transit-map": regions.transit_map,
    "machine-part": parts.machine_part,
    "crayon-drawing": crayons.crayon_drawing,
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
