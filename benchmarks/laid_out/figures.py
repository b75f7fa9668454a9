"""Figures of pictures that are laid out: shaded, marked as absent, or a person of nobody."""

from random import Random

from PIL import Image, ImageDraw, ImageFont

from benchmarks.laid_out.sheets import Colour, ink_on

_SKINS = ((241, 194, 125), (255, 219, 172), (198, 134, 66), (141, 85, 36))
_HAIR = ((40, 26, 13), (90, 56, 37), (20, 20, 20), (220, 180, 90))
_REDS = ((200, 30, 30), (230, 60, 60))
_FINER = 3
"""Times the size at which a person is drawn, so that its edges become smooth."""


def shaded(rng: Random, figure: Image.Image) -> Image.Image:
    """A figure, RGBA, as glossy icons look: darker to one side, at times with a highlight."""
    shape, solid = figure.getchannel("A"), figure.convert("RGB")
    turn = rng.choice([0, 0, 90, 180])
    fade = Image.linear_gradient("L").rotate(turn).resize(figure.size)
    other = Image.new("RGB", figure.size, rng.choice([(0, 0, 0), (255, 255, 255)]))
    share = rng.uniform(0.3, 0.8)
    result = Image.composite(other, solid, fade.point(lambda level: round(level * share)))
    if rng.random() < 0.5:
        width, height = figure.size
        light = Image.new("L", figure.size, 0)
        box = (-0.2 * width, -0.6 * height, 1.2 * width, rng.uniform(0.4, 0.6) * height)
        ImageDraw.Draw(light).ellipse(box, fill=rng.randint(60, 150))
        result.paste((255, 255, 255), mask=light)
    result.putalpha(shape)
    return result


def mark_absent(rng: Random, figure: Image.Image, ink: Colour, behind: Colour) -> Image.Image:
    """A figure, RGBA, struck out, crossed, forbidden or with a question mark."""
    side = max(figure.size)
    marked = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    marked.paste(figure, ((side - figure.width) // 2, (side - figure.height) // 2))
    draw, width = ImageDraw.Draw(marked), max(2, round(side * rng.uniform(0.04, 0.12)))
    colour = rng.choice([ink, ink, *_REDS])
    mark = rng.choice(["slash", "slash", "cross", "forbidden", "question"])
    low, high = width, side - width
    if mark == "question":
        font = ImageFont.load_default(max(10, round(side * rng.uniform(0.3, 0.6))))
        place = rng.choice([side / 2, side * 0.75])
        draw.text((place, place), "?", fill=behind, font=font, anchor="mm", stroke_width=width)
        draw.text((place, place), "?", fill=colour, font=font, anchor="mm")
        return marked
    if mark == "forbidden":
        edge, far = width // 2, side - width // 2
        draw.ellipse((edge, edge, far, far), None, colour, width)
        low, high = round(side * 0.16), round(side * 0.84)
    if mark == "slash" and rng.random() < 0.6:
        draw.line((low - width, low, high - width, high), fill=behind, width=width)
    draw.line((low, low, high, high), fill=colour, width=width)
    if mark == "cross":
        draw.line((low, high, high, low), fill=colour, width=width)
    return marked


def portrait(rng: Random, side: int, behind: Colour) -> Image.Image:
    """Head and shoulders of nobody, RGBA, (side, side), in two or three flat colours."""
    fine = _FINER * side
    image = Image.new("RGBA", (fine, fine), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    skin = rng.choice(_SKINS)
    flat = rng.random() < 0.4
    body = ink_on(rng, behind, 0.5)
    head = ink_on(rng, behind, 0.5) if flat else skin
    radius, across = fine * rng.uniform(0.16, 0.24), fine * rng.uniform(0.3, 0.46)
    top = fine * rng.uniform(0.1, 0.2)
    bottom, centre = top + 2.2 * radius, fine / 2
    shoulders = bottom + fine * rng.uniform(0.02, 0.1)
    if rng.random() < 0.5:
        draw.ellipse((centre - across, shoulders, centre + across, shoulders + 1.3 * fine), body)
    else:
        box = (centre - across, shoulders, centre + across, fine * 1.3)
        draw.rounded_rectangle(box, across * rng.uniform(0.3, 0.8), body)
    if not flat:
        neck = radius * rng.uniform(0.35, 0.55)
        draw.rectangle((centre - neck, bottom - radius, centre + neck, shoulders + neck), head)
    if not flat and rng.random() < 0.8:
        hair = rng.choice([*_HAIR, body])
        grown = radius * rng.uniform(1.05, 1.3)
        low = top + grown * rng.choice([1.2, 2.6, 3])
        draw.rounded_rectangle(
            (centre - grown, top - 0.2 * radius, centre + grown, low), grown, hair
        )
        top += 0.35 * radius
    draw.ellipse((centre - 0.9 * radius, top, centre + 0.9 * radius, bottom), head)
    return image.resize((side, side), Image.Resampling.BOX)
