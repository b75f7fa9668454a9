import io

import numpy as np
import pytest
from PIL import Image

from nophoto.models.vision.pictures import PictureError
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vocabulary import FailureCode

KINDS = (
    "jpeg",
    "jpeg-progressive",
    "jpeg-cmyk",
    "mpo",
    "png",
    "png-rgba",
    "png-palette",
    "png-animated",
    "webp",
    "webp-lossless",
    "webp-animated",
    "gif",
    "gif-animated",
    "bmp",
    "dib",
    "tiff",
    "tiff-lzw",
    "tiff-deflate",
    "tiff-jpeg",
    "tiff-cmyk",
    "tiff-pages",
    "avif",
    "heic",
)


def apart(left: Image.Image, right: Image.Image) -> float:
    """How many grey levels two pictures of one size are apart on average."""
    return float(np.abs(np.asarray(left, int) - np.asarray(right, int)).mean())


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_shows_the_first_frame(
    kind: str, files: dict[str, bytes], photo: Image.Image
) -> None:
    picture = decode(files[kind], at_least=64)
    assert picture.mode == "RGB"
    assert picture.size == photo.size
    assert apart(picture, photo) < 6


def test_the_fixture_holds_no_other_kind(files: dict[str, bytes]) -> None:
    assert set(files) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_pixels_are_as_a_backbone_takes_them(kind: str, files: dict[str, bytes]) -> None:
    pixels = load(files[kind], 24)
    assert pixels.shape == (24, 24, 3)
    assert pixels.dtype == np.uint8


def test_the_same_bytes_give_the_same_pixels(files: dict[str, bytes]) -> None:
    assert all(np.array_equal(load(data, 24), load(data, 24)) for data in files.values())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
def test_exif_turns_the_picture_upright(form: str, orientation: int, photo: Image.Image) -> None:
    lying = photo
    for transpose in {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }.get(orientation, []):
        lying = lying.transpose(transpose)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    lying.save(file, form, exif=exif.tobytes(), quality=95)
    upright = decode(file.getvalue(), at_least=64)
    assert upright.size == photo.size
    assert apart(upright, photo) < 6


@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0"])
def test_a_broken_exif_harms_no_picture(exif: bytes, photo: Image.Image) -> None:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=95, exif=exif)
    assert apart(decode(file.getvalue(), at_least=64), photo) < 6


def test_a_large_jpeg_is_shrunk_while_it_is_read() -> None:
    rows, columns = np.mgrid[0:1600, 0:2400]
    waves = 127 + 100 * np.sin(columns / 60) * np.cos(rows / 45)
    whole = Image.fromarray(np.stack([waves, 255 - waves, waves / 2], 2).astype(np.uint8))
    file = io.BytesIO()
    whole.save(file, "JPEG", quality=90)
    small = decode(file.getvalue(), at_least=224)
    assert small.size == (600, 400)
    in_full = decode(file.getvalue(), at_least=1600)
    assert in_full.size == whole.size
    assert apart(small.resize((224, 224)), in_full.resize((224, 224), reducing_gap=2.0)) < 2


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"8BPS\0\1" + bytes(40), "Photoshop"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(40), "JPEG 2000"),
        (b"\xff\x0a" + bytes(40), "JPEG XL"),
        (b"DDS |\0\0\0" + bytes(120), "DDS"),
        (b"\0\0\1\0\1\0" + bytes(40), "ICO"),
        (b"%PDF-1.7\n", "PDF"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0" + bytes(40), "QuickTime"),
        (bytes(18) + b"\1\2\3" + bytes(8) + b"TRUEVISION-XFILE.\0", "TGA"),
        (b"P6\n1 1\n255\nabc", "PPM"),
    ],
)
def test_a_format_outside_the_list_is_named_and_never_decoded(data: bytes, name: str) -> None:
    with pytest.raises(PictureError, match=f"{name}.*JPEG, PNG, WebP") as raised:
        load(data, 24)
    assert raised.value.code == FailureCode.UNSUPPORTED
