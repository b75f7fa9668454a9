"""Decodes a file of an allowed format, upright and in RGB, no larger than is needed."""

import io

from PIL import Image, JpegImagePlugin, TiffImagePlugin, UnidentifiedImageError

from nophoto.models.vision.pictures import gif, jpeg
from nophoto.models.vision.pictures.animation import MOST_FRAMES, frames_of, most_telling
from nophoto.models.vision.pictures.errors import DAMAGE, PictureError
from nophoto.models.vision.pictures.formats import FORMATS, READABLE
from nophoto.models.vision.pictures.gate import LARGE_IMAGE_LOCK
from nophoto.models.vision.pictures.limits import DEFAULT_LIMITS, PictureLimits
from nophoto.models.vision.pictures.modes import to_rgb
from nophoto.models.vision.pictures.orientation import orientation_of, turn
from nophoto.models.vision.pictures.raw import raw_in_tiff
from nophoto.models.vision.pictures.signatures import other_format
from nophoto.models.vocabulary import FailureCode


def decode(data: bytes, *, at_least: int, limits: PictureLimits = DEFAULT_LIMITS) -> Image.Image:
    """The picture in `data`, upright, in RGB; of an animation the frame that shows most.

    JPEGs are decoded at a half, a quarter or an eighth of their size where both sides stay
    at least `at_least` pixels long; other formats come in full, or no smaller than four times that.

    Raises:
        PictureError: whatever is wrong with the bytes; nothing else is raised.
    """
    if not data:
        raise PictureError(FailureCode.UNREADABLE, "the file is empty (0 bytes); upload it again")
    if len(data) > limits.max_bytes:
        raise PictureError(
            FailureCode.TOO_LARGE,
            f"the file has {len(data):,} bytes, and at most {limits.max_bytes:,} are read; send a "
            "smaller one, or raise NOPHOTO_MAX_BYTES",
        )
    try:
        screen, gif_frames = gif.survey(data, MOST_FRAMES)
        _check_size(screen, limits)
        with _open(data) as image:
            _check_size(_size(image), limits)
            image.draft("RGB", (at_least, at_least))
            frames = frames_of(image, gif_frames, limits)
            with LARGE_IMAGE_LOCK.passing(frames.canvas if frames else image.size):
                if frames:
                    rgb = most_telling(image, frames, at_least)
                else:
                    rgb = to_rgb(_load(image, data, at_least), at_least)
            return turn(rgb, _orientation(image))
    except MemoryError as error:
        raise PictureError(
            FailureCode.TOO_LARGE,
            "decoding the picture takes more memory than there is for one; send a smaller one, or "
            "raise NOPHOTO_MAX_PIXELS, by which a worker gives out memory",
        ) from error
    except DAMAGE as error:
        raise PictureError(
            FailureCode.UNREADABLE,
            f"the file is damaged or cut short ({_reason(error)}); upload it again",
        ) from error


def _open(data: bytes) -> Image.Image:
    if raw := raw_in_tiff(data):
        raise _unsupported(raw)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        if kind := other_format(data):
            raise _unsupported(kind) from None
        raise PictureError(
            FailureCode.UNREADABLE,
            "the file is not a picture, or its beginning is damaged; upload a picture",
        ) from None


def _unsupported(kind: str) -> PictureError:
    return PictureError(FailureCode.UNSUPPORTED, f"{kind} files are not judged; send {READABLE}")


def _load(image: Image.Image, data: bytes, at_least: int) -> Image.Image:
    """`image` with its pixels; a JPEG also where its file lacks the end mark alone."""
    try:
        image.load()
    except OSError:
        whole = None
        if isinstance(image, JpegImagePlugin.JpegImageFile):
            whole = jpeg.without_its_end(data, at_least)
        if whole is None:
            raise
        image = whole
    return jpeg.with_plain_inks(image)


def _size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # A tile is decoded whole, however little of it the picture shows.
        width = max(width, image.tag_v2.get(TiffImagePlugin.TILEWIDTH, 0))
        height = max(height, image.tag_v2.get(TiffImagePlugin.TILELENGTH, 0))
    return width, height


def _check_size(size: tuple[int, int], limits: PictureLimits) -> None:
    width, height = size
    if width * height > limits.max_pixels:
        raise PictureError(
            FailureCode.TOO_LARGE,
            f"the picture has {width} x {height} pixels, and at most {limits.max_pixels:,} are "
            "decoded; send a smaller one, or raise NOPHOTO_MAX_PIXELS",
        )


def _orientation(image: Image.Image) -> object:
    """The EXIF orientation; none where the EXIF is damaged, which harms no pixel."""
    try:
        return orientation_of(image)
    except DAMAGE:
        return None


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
