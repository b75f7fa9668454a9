"""What platforms do to the pictures that pass through them."""

import io

from numpy.random import Generator
from PIL import Image, ImageDraw, ImageFont

_STAMPS = ("SAMPLE", "© 2024", "example.com", "PREVIEW", "shop24", "DRAFT", "@someone")


def reencode(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Through JPEG or WebP at a quality from 95 down to 50, or to 20 at twice the strength."""
    lowest = max(10, round(80 - 30 * strength))
    quality = int(rng.integers(lowest, 96))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG" if rng.random() < 0.75 else "WEBP", quality=quality)
    with Image.open(buffer) as reopened:
        return reopened.convert("RGB")


def resize(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """Between a quarter and twice the size, by any common resampler; never below 24 pixels."""
    factor = 2.0 ** rng.uniform(-2 * strength, strength)
    filters = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.LANCZOS)
    return _scaled(image, factor, filters[int(rng.integers(3))])


def thumbnail(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """A thumbnail of 64 to 128 pixels; of 64 only, at twice the strength."""
    longest = rng.uniform(64, max(65, 192 - 64 * strength))
    return _scaled(image, longest / max(image.size), Image.Resampling.BICUBIC)


def watermark(image: Image.Image, rng: Generator, strength: float = 1.0) -> Image.Image:
    """A word across a corner or all over, half transparent."""
    width, height = image.size
    font = ImageFont.load_default(max(8, min(width, height) * rng.uniform(0.06, 0.14)))
    layer = Image.new("L", image.size)
    draw = ImageDraw.Draw(layer)
    word = _STAMPS[int(rng.integers(len(_STAMPS)))]
    opacity = round(255 * min(0.9, rng.uniform(0.2, 0.45) * strength))
    for _ in range(1 if rng.random() < 0.6 else 6):
        place = (rng.uniform(-0.05, 0.7) * width, rng.uniform(0, 0.9) * height)
        draw.text(place, word, fill=opacity, font=font)
    if rng.random() < 0.4:
        layer = layer.rotate(rng.uniform(-40, 40), Image.Resampling.BILINEAR)
    ink = (255, 255, 255) if rng.random() < 0.5 else (0, 0, 0)
    marked = image.copy()
    marked.paste(ink, mask=layer)
    return marked


def _scaled(image: Image.Image, factor: float, method: Image.Resampling) -> Image.Image:
    factor = max(factor, 24 / max(image.size))
    factor = min(factor, 1024 / max(image.size))
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, method)
