"""The surface of one drawing: larger than the result, so that shrinking smooths its edges."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from nophoto.models.vision.drawing.palette import Palette
from nophoto.models.vision.drawing.pen import Colour, Pen

Box = tuple[float, float, float, float]
"""Left, top, width and height, in pixels of the canvas."""


@dataclass
class Canvas:
    """A picture being drawn.

    Attributes:
        image: RGB, `scale` times the size of the result.
        scale: canvas pixels per result pixel.
        palette: the colours of this drawing.

    """

    image: Image.Image
    scale: int
    palette: Palette

    @classmethod
    def of_size(cls, width: int, height: int, palette: Palette) -> "Canvas":
        """A blank canvas for a result of `width` x `height` pixels."""
        scale = 4 if max(width, height) <= 128 else 2
        size = (width * scale, height * scale)
        return cls(Image.new("RGB", size, palette.paper), scale, palette)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the canvas."""
        return self.image.size

    @property
    def side(self) -> int:
        """The smaller of the two."""
        return min(self.image.size)

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        """A drawing surface on the picture itself."""
        return ImageDraw.Draw(self.image)

    def centred(self, share: float, x: float = 0.5, y: float = 0.5) -> Box:
        """A square box of `share` of the smaller side about the point (x, y), given in 0..1."""
        width, height = self.size
        side = share * self.side
        return x * width - side / 2, y * height - side / 2, side, side

    def part(self, x: float, y: float, width: float, height: float) -> Box:
        """A box given in shares of the canvas."""
        return x * self.size[0], y * self.size[1], width * self.size[0], height * self.size[1]

    def pen(self, box: Box, stroke: float = 0.05, *, is_filled: bool = True) -> Pen:
        """A pen that draws in the palette's colours on the picture itself."""
        return Pen(self.draw, box, self.palette.ink, self.palette.paper, stroke, is_filled)

    def layer(self) -> Image.Image:
        """An empty layer of tones: 0 leaves the picture as it is, 255 covers it."""
        return Image.new("L", self.size)

    def stamp(self, layer: Image.Image, fill: Colour | Image.Image) -> None:
        """Lay a colour, or a picture of the canvas's size, through the tones of a layer."""
        self.image.paste(fill, (0, 0, *self.size), layer)

    def crop(self, layer: Image.Image, outside: Colour) -> None:
        """Keep what is under the layer and paint the rest in one colour."""
        self.image.paste(outside, (0, 0, *self.size), ImageChops.invert(layer))

    def finished(self) -> Image.Image:
        """The picture at its result size."""
        return self.image.reduce(self.scale)
