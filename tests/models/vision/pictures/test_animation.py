"""Animations are judged by the frame that shows most, and cost no more than one large picture."""

import io
import struct
import subprocess
import sys
from pathlib import Path
from time import monotonic

import numpy as np
import pytest
from PIL import Image, ImageDraw

from nophoto.models.vision.pictures import PictureError, PictureLimits
from nophoto.models.vision.pictures.decode import decode
from nophoto.models.vision.pictures.gif import survey
from nophoto.models.vocabulary import FailureCode

FORMS = ("GIF", "WEBP", "PNG", "AVIF")
BLANK = (238, 238, 238)


def animation(form: str, frames: list[Image.Image], **options: object) -> bytes:
    file = io.BytesIO()
    more = {"lossless": True} if form == "WEBP" else {}
    # Frames of one duration each: equal neighbours would be stored as one that lasts longer.
    durations = [50 + 10 * (number % 2) for number in range(len(frames))]
    frames[0].save(
        file,
        form,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        **{**more, **options},
    )
    return file.getvalue()


def blank(size: tuple[int, int], number: int = 0) -> Image.Image:
    """A blank tile that differs from another one by a dot, so that writers keep both."""
    image = Image.new("RGB", size, BLANK)
    ImageDraw.Draw(image).rectangle((number, 0, number, 0), fill=(0, 0, 0))
    return image


def notice(size: tuple[int, int]) -> Image.Image:
    image = Image.new("RGB", size, BLANK)
    ImageDraw.Draw(image).text((8, 24), "NO PHOTO", fill=(90, 90, 90))
    return image


def apart(left: Image.Image, right: Image.Image) -> float:
    return float(np.abs(np.asarray(left, int) - np.asarray(right, int)).mean())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("place", range(5))
def test_a_photograph_in_any_of_five_frames_is_what_is_judged(
    form: str, place: int, photo: Image.Image
) -> None:
    frames = [blank(photo.size, number) for number in range(5)]
    frames[place] = photo
    assert apart(decode(animation(form, frames), at_least=64), photo) < 10


@pytest.mark.parametrize("form", FORMS)
def test_a_photograph_that_follows_or_precedes_a_notice_is_what_is_judged(
    form: str, photo: Image.Image
) -> None:
    for frames in ([photo, notice(photo.size)], [notice(photo.size), photo]):
        assert apart(decode(animation(form, frames), at_least=64), photo) < 10


@pytest.mark.parametrize("form", FORMS)
def test_an_animated_notice_stays_one(form: str, photo: Image.Image) -> None:
    frames = [blank(photo.size), notice(photo.size), blank(photo.size, 1)]
    assert apart(decode(animation(form, frames), at_least=64), notice(photo.size)) < 3


def test_the_last_frame_of_a_long_animation_is_looked_at(photo: Image.Image) -> None:
    frames = [*(blank(photo.size, number) for number in range(60)), photo]
    for form in FORMS:
        assert apart(decode(animation(form, frames), at_least=64), photo) < 10


def test_the_default_image_of_an_apng_is_not_part_of_it(photo: Image.Image) -> None:
    frames = [photo, blank(photo.size), notice(photo.size)]
    shown = decode(animation("PNG", frames, default_image=True), at_least=64)
    assert apart(shown, notice(photo.size)) < 3
    shown = decode(animation("PNG", [blank(photo.size), photo], default_image=True), at_least=64)
    assert apart(shown, photo) < 3


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_frames_are_seen_as_they_are_composed(disposal: int, photo: Image.Image) -> None:
    frames = [blank(photo.size), photo, blank(photo.size, 5)]
    assert apart(decode(animation("GIF", frames, disposal=disposal), at_least=64), photo) < 10


def test_the_frames_before_damage_are_judged(photo: Image.Image) -> None:
    frames = [photo, blank(photo.size), notice(photo.size)]
    for form, drop in (("GIF", 60), ("PNG", 60)):
        data = animation(form, frames)
        assert apart(decode(data[:-drop], at_least=64), photo) < 10


def test_an_animation_cut_in_its_first_frame_is_unreadable(photo: Image.Image) -> None:
    for form in FORMS:
        data = animation(form, [photo, blank(photo.size)])
        with pytest.raises(PictureError) as raised:
            decode(data[: len(data) // 4], at_least=64)
        assert raised.value.code == FailureCode.UNREADABLE


@pytest.mark.parametrize("form", FORMS)
def test_all_frames_together_have_no_more_pixels_than_half_of_a_picture(
    form: str, photo: Image.Image
) -> None:
    width, height = photo.size
    # The photograph is the seventh frame.
    data = animation(form, [*(blank(photo.size, number) for number in range(6)), photo])

    def judged(frames: int) -> Image.Image:
        limits = PictureLimits(max_pixels=2 * frames * width * height)
        return decode(data, at_least=64, limits=limits)

    assert apart(judged(7), photo) < 10
    for frames in (6, 3, 1):
        assert apart(judged(frames), blank(photo.size)) < 3


def test_no_more_than_two_hundred_frames_are_decoded() -> None:
    size = (20, 20)
    # Each has a dot at another place, and a photograph comes too late.
    frames = [Image.new("RGB", size, BLANK) for _ in range(200)]
    for number, frame in enumerate(frames):
        frame.putpixel((number % 20, number // 20), (0, 0, 0))
    ramp = Image.linear_gradient("L").resize(size).convert("RGB")
    late, in_time = [*frames, ramp], [*frames[:199], ramp]
    assert np.asarray(decode(animation("GIF", late), at_least=8)).min(axis=2).mean() > 200
    assert np.asarray(decode(animation("GIF", in_time), at_least=8)).min(axis=2).mean() < 200


def test_a_frame_beyond_the_screen_ends_the_animation(photo: Image.Image) -> None:
    data = bytearray(animation("GIF", [photo, blank(photo.size), notice(photo.size)], disposal=2))
    whole = struct.pack("<cHHHH", b",", 0, 0, *photo.size)
    frame = data.index(whole, data.index(whole) + 1)
    data[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    assert apart(decode(bytes(data), at_least=64), photo) < 10


def test_much_junk_ends_an_animation_and_costs_nothing(photo: Image.Image) -> None:
    data = animation("GIF", [photo, blank(photo.size)], disposal=2)
    whole = struct.pack("<cHHHH", b",", 0, 0, *photo.size)
    first = data.index(whole)
    between = data.index(whole, first + 1) - 8  # before the second one's extension
    for junk, frames in ((0, 2), (3, 2), (20_000_000, 1)):
        began = monotonic()
        assert survey(data[:between] + bytes(junk) + data[between:], 200)[1] == frames
        assert monotonic() - began < 1
    assert survey(data[:first] + data[first:-1] * 3000, 200)[1] == 200


PROGRAM = """
import resource, sys
from pathlib import Path
from nophoto.models.vision.pictures import PictureLimits
from nophoto.models.vision.pictures.prepare import load
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
load(Path(sys.argv[1]).read_bytes(), 224, PictureLimits(max_pixels=16_000_000))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("side", [1990, 2100])
@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_an_animation_takes_no_more_memory_than_the_largest_picture(
    form: str, side: int, tmp_path: Path
) -> None:
    ramp = Image.linear_gradient("L").resize((side, side)).convert("RGBA")
    frames = [ramp, ramp.rotate(90), ramp.rotate(180)]
    file = tmp_path / "animation"
    file.write_bytes(animation(form, frames, **({"method": 0} if form == "WEBP" else {})))
    command = [sys.executable, "-c", PROGRAM, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    kibibytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    # With its transparency, four bytes a pixel, and what flattening takes.
    assert kibibytes * 1024 < 16_000_000 * 4 * 1.7
