"""Which frame of an animation is judged: the one that shows most, of some from first to last.

A photograph may follow a blank frame, or fade in. Of each frame that is looked at, the entropy of
its grey levels tells how much it shows: a photograph has many of them, a notice or a drawing few,
a blank frame one. So an animation counts as a placeholder only where none of these frames shows a
photograph.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import AvifImagePlugin, GifImagePlugin, Image, PngImagePlugin, WebPImagePlugin

from nophoto.models.vision.pictures.errors import DAMAGE
from nophoto.models.vision.pictures.limits import PictureLimits
from nophoto.models.vision.pictures.modes import shrunk, to_rgb

_LOOKED_AT = 5
"""Frames that are compared."""

MOST_FRAMES = 200
"""Frames that are decoded, since each builds on the one before."""

_CANVASES = 4
"""How many canvases of an animation its decoder may hold at once."""

_SHARE_OF_PIXELS = 2 / _CANVASES
"""Of the largest picture's pixels, what all decoded frames together may have.

So an animation of two frames or more takes no more memory than the largest picture.
"""

_SIDE = 128
"""Pixels, at least, of the side of the copy on which frames are compared."""


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of an animation that are decoded.

    Attributes:
        first: the number of the first one; before it lies what only viewers without animation show.
        count: how many.
        size: width and height of each.
    """

    first: int
    count: int
    size: tuple[int, int]

    @property
    def canvas(self) -> tuple[int, int]:
        """Width and height of a picture that takes as much memory as decoding these does."""
        width, height = self.size
        return width * _CANVASES, height

    def looked_at(self) -> Iterator[int]:
        """The numbers of the first, the last, and some that are evenly spaced between them."""
        steps = min(_LOOKED_AT, self.count) - 1
        yield self.first
        for step in range(1, steps + 1):
            yield self.first + step * (self.count - 1) // steps


def frames_of(image: Image.Image, gif_frames: int, limits: PictureLimits) -> Frames | None:
    """The frames of an opened file; None where it is no animation, or too large for one.

    Pages of a TIFF and the pictures of a HEIC or an MPO are no animation.

    Args:
        image: not loaded yet.
        gif_frames: of a GIF, how many frames may be decoded.
        limits: what one picture may have.
    """
    first = 0
    match image:
        case GifImagePlugin.GifImageFile():
            count = gif_frames
        case PngImagePlugin.PngImageFile():
            first = int(image.default_image)
            count = image.n_frames - first
        case WebPImagePlugin.WebPImageFile() | AvifImagePlugin.AvifImageFile():
            count = image.n_frames
        case _:
            return None
    width, height = image.size
    affordable = int(limits.max_pixels * _SHARE_OF_PIXELS) // (width * height)
    if first + count < 2 or affordable < 2:
        return None
    return Frames(first, min(count, affordable, MOST_FRAMES), image.size)


def most_telling(image: Image.Image, frames: Frames, at_least: int) -> Image.Image:
    """The frame of `frames` that shows most, as `to_rgb` makes it; the first one of equals.

    What follows a damaged frame is not shown, as in a browser.
    """
    best, most = None, -1.0
    for number in frames.looked_at():
        try:
            image.seek(number)
            image.load()
            rgb = to_rgb(image, at_least)
        except MemoryError:
            raise
        except DAMAGE:
            if best is None:
                raise
            break
        entropy = shrunk(rgb, _SIDE).convert("L").entropy()
        if best is None or entropy > most:
            # A copy at any rate: the next frame is drawn over this one.
            small = shrunk(rgb, at_least)
            best, most = small.copy() if small is image else small, entropy
    if best is None:
        raise EOFError("no frame")
    return best
