"""JPEGs without their end, and CMYK ones without Adobe's marker."""

import io

import numpy as np
import pytest
from PIL import Image, ImageChops

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vocabulary import FailureCode

KINDS: dict[str, dict[str, object]] = {
    "baseline": {"quality": 90},
    "optimised": {"optimize": True},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
}


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    """Fine detail above, and nothing below: what is missing of that hardly shows."""
    rng = np.random.default_rng(3)
    small = Image.fromarray(rng.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    image = small.resize((320, 240), Image.Resampling.BICUBIC)
    image.paste((255, 255, 255), (0, 150, 320, 240))
    return image


def jpeg(image: Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def without_adobe(data: bytes) -> bytes:
    """`data` without its segment APP14, in which Adobe's files say that they are Adobe's."""
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + 2 + int.from_bytes(data[at + 2 : at + 4], "big") :]


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lacking", [1, 2])
def test_a_jpeg_that_lacks_its_end_alone_is_judged_as_the_whole_one(
    mode: str, kind: str, lacking: int, scene: Image.Image
) -> None:
    data = jpeg(scene.convert(mode), **KINDS[kind])
    for at_least in (16, 400):
        whole = decode(data, at_least=at_least)
        cut = decode(data[:-lacking], at_least=at_least)
        assert np.array_equal(np.asarray(whole), np.asarray(cut))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_jpeg_that_lacks_picture_data_is_unreadable(
    mode: str, kind: str, scene: Image.Image
) -> None:
    data = jpeg(scene.convert(mode), **KINDS[kind])
    rng = np.random.default_rng(5)
    cuts = {*range(16, 48), *map(int, rng.integers(48, len(data) - 10, 60))}
    # The places where another part of the picture begins look most like an end.
    cuts |= {
        len(data) - at + more
        for at in range(700, len(data) - 20)
        if data[at] == 0xFF and data[at + 1] in {0xC4, 0xDA, *range(0xD0, 0xD8)}
        for more in (0, -1)
    }
    for cut in sorted(cuts):
        with pytest.raises(PictureError) as raised:
            decode(data[:-cut], at_least=400)
        assert raised.value.code == FailureCode.UNREADABLE, cut


def test_the_end_of_a_thumbnail_is_not_the_pictures(scene: Image.Image) -> None:
    exif = b"Exif\0\0" + jpeg(scene.resize((32, 24)))
    data = jpeg(scene, exif=exif, progressive=True)
    assert decode(data[:-2], at_least=16).size
    with pytest.raises(PictureError):
        decode(data[: len(data) // 2], at_least=16)


def test_a_cmyk_jpeg_of_adobe_is_taken_by_its_marker(scene: Image.Image) -> None:
    assert apart(decode(jpeg(scene.convert("CMYK"), quality=95), at_least=400), scene) < 4


def test_a_cmyk_jpeg_without_adobes_marker_is_not_nearly_black(scene: Image.Image) -> None:
    # Pillow inverts what it writes; inverted before, the file holds plain inks.
    plain = without_adobe(jpeg(ImageChops.invert(scene.convert("CMYK")), quality=95))
    assert apart(decode(plain, at_least=400), scene) < 4


def test_a_cmyk_jpeg_that_lost_adobes_marker_is_shown_as_browsers_do(scene: Image.Image) -> None:
    lost = without_adobe(jpeg(scene.convert("CMYK"), quality=95))
    assert apart(decode(lost, at_least=400), scene) < 4


def apart(left: Image.Image, right: Image.Image) -> float:
    return float(np.abs(np.asarray(left, int) - np.asarray(right, int)).mean())
