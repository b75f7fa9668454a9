import io
import subprocess
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vision.pictures.prepare import load
from nophoto.models.vocabulary import FailureCode


def outcome(data: bytes, limits: PictureLimits | None = None) -> FailureCode | None:
    """The code of the failure; None where there are pixels. Anything else raised is a defect."""
    try:
        pixels = load(data, 16, limits or PictureLimits())
    except PictureError as error:
        assert str(error)
        return error.code
    assert pixels.shape == (16, 16, 3)
    return None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Sehr geehrte Damen und Herren\n" * 40, "not a picture"),
        (bytes(5000), "not a picture"),
        (b"\xff\xd8", "not a picture"),
        (b"\x89PNG\r\n\x1a\n", "not a picture"),
        (b"GIF89a", "not a picture"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "damaged"),
        (b"II*\0\x08\0\0\0", "not a picture"),
        (b"<html><body>404 Not Found</body></html>", "not a picture"),
    ],
)
def test_what_is_no_picture_says_so(data: bytes, words: str) -> None:
    with pytest.raises(PictureError, match=f"{words}.*; upload") as raised:
        load(data, 16)
    assert raised.value.code == FailureCode.UNREADABLE


@pytest.mark.parametrize(
    "kind",
    [
        "jpeg",
        "jpeg-progressive",
        "jpeg-cmyk",
        "mpo",
        "png",
        "png-rgba",
        "png-palette",
        "webp",
        "gif",
        "bmp",
        "dib",
        "tiff",
        "tiff-lzw",
        "tiff-deflate",
        "avif",
        "heic",
    ],
)
def test_a_file_cut_short_is_unreadable(kind: str, files: dict[str, bytes]) -> None:
    # An MPO holds its first picture in its first half.
    share = 0.2 if kind == "mpo" else 0.6
    data = files[kind]
    assert outcome(data[: int(len(data) * share)]) == FailureCode.UNREADABLE


def test_no_cut_of_any_file_raises_anything_else(files: dict[str, bytes]) -> None:
    for data in files.values():
        for share in np.linspace(0, 1, 40):
            outcome(data[: int(len(data) * share)])


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(choice=st.data())
def test_no_damage_raises_anything_else(choice: st.DataObject, files: dict[str, bytes]) -> None:
    data = bytearray(files[choice.draw(st.sampled_from(sorted(files)))])
    # Headers and tables lie at the beginning, and only some of the bytes there are pixels.
    places = st.one_of(st.integers(0, min(len(data), 400) - 1), st.integers(0, len(data) - 1))
    for _ in range(choice.draw(st.integers(1, 6))):
        place = choice.draw(places)
        match choice.draw(st.sampled_from(["change", "extreme", "insert", "delete", "cut"])):
            case "change":
                data[place] = choice.draw(st.integers(0, 255))
            case "extreme":
                data[place : place + 4] = choice.draw(
                    st.sampled_from([bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\x80"])
                )
            case "insert":
                data[place:place] = choice.draw(st.binary(min_size=1, max_size=8))
            case "delete":
                del data[place : place + choice.draw(st.integers(1, 8))]
            case "cut":
                del data[place:]
        if len(data) == 0:
            break
        places = st.integers(0, len(data) - 1)
    outcome(bytes(data), PictureLimits(max_pixels=1_000_000))


def test_the_limits_are_inclusive(png: Callable[..., bytes]) -> None:
    data = png(Image.new("RGB", (20, 30)))
    assert outcome(data, PictureLimits(max_bytes=len(data), max_pixels=600)) is None
    assert outcome(data, PictureLimits(max_bytes=len(data) - 1)) == FailureCode.TOO_LARGE
    assert outcome(data, PictureLimits(max_pixels=599)) == FailureCode.TOO_LARGE


def test_the_message_of_a_large_file_says_what_to_change(png: Callable[..., bytes]) -> None:
    with pytest.raises(PictureError, match=r"at most 10 are read.*NOPHOTO_MAX_BYTES"):
        load(png(Image.new("RGB", (9, 9))), 16, PictureLimits(max_bytes=10))


def test_odd_metadata_warns_nobody_in_any_thread(photo: Image.Image) -> None:
    file = io.BytesIO()
    photo.save(file, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\xff\xff\xff")
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from nophoto.models.vision.pictures.prepare import load
data = sys.stdin.buffer.read()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda _: load(data, 16), range(200)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], input=file.getvalue(), capture_output=True
    )
    assert done.returncode == 0
    assert done.stderr == b""


def test_threads_do_not_change_what_others_are_warned_of(files: dict[str, bytes]) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(outcome, [*files.values()] * 8))
        assert warnings.filters == before
        warnings.warn("ours", UserWarning, stacklevel=1)
    assert "ours" in [str(warning.message) for warning in caught]
