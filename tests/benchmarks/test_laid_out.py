"""Pictures that are laid out of icons and words."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
from PIL import Image

from benchmarks.laid_out import catalogue, pictures, words
from benchmarks.laid_out.catalogue import Catalogue
from benchmarks.laid_out.figures import mark_absent, portrait, shaded
from benchmarks.laid_out.icon_sets import ICON_SETS, sources
from benchmarks.laid_out.pictures import PLAN, Painter, Sources
from benchmarks.laid_out.sheets import ink_on, sheet, write
from nophoto.models.vision import drawing
from nophoto.models.vocabulary import Kind

FONT = str(Path(drawing.__file__).parent / "fonts/NotoSans-Bold.ttf")
SQUARE = '<path fill="currentColor" d="M0 0h24v24H0z"/>'


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sources]:
    """Two sets of icons, a photograph, and words that the package's own fonts have."""
    names = {
        "mdi": ["account", "image-off", "cart", "broken-link", "sigma"],
        "logos": ["acme"],
        "noto": ["grinning-face"],
    }
    for name, icons in names.items():
        (tmp_path / name).mkdir()
        icon_set = {"width": 24, "height": 24, "icons": {icon: {"body": SQUARE} for icon in icons}}
        (tmp_path / name / "icons.json").write_text(json.dumps(icon_set))
    photograph = tmp_path / "photograph.png"
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), np.uint8)
    Image.fromarray(noise).save(photograph)
    monkeypatch.setattr(catalogue, "ICON_SETS", [(name, "1", "MIT") for name in names])
    monkeypatch.setattr(pictures, "absence", lambda _: ("No image", [FONT]))
    monkeypatch.setattr(pictures, "other", lambda _: ("Image of a Garden", [FONT]))
    yield Sources(Catalogue(tmp_path), [photograph])


def test_icons_are_told_apart_by_what_their_whole_names_say(parts: Sources) -> None:
    found = parts.catalogue

    assert found.absent == {
        Kind.PERSON: {"mdi": ["account"]},
        Kind.PICTURE_ICON: {"mdi": ["image-off"]},
        Kind.OBJECT_ICON: {"mdi": ["cart"]},
        Kind.BROKEN: {"mdi": ["broken-link"]},
    }
    assert (found.brands, found.coloured) == ({"logos": ["acme"]}, {"noto": ["grinning-face"]})
    assert found.others == {"mdi": ["sigma"]}


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="there is no rsvg-convert")
def test_an_icon_is_drawn_in_a_colour_and_a_size(parts: Sources) -> None:
    icon = parts.catalogue.drawn("mdi", "sigma", "#00ff00", 40)

    assert icon.size == (40, 40)
    assert icon.getpixel((20, 20)) == (0, 255, 0, 255)


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="there is no rsvg-convert")
@pytest.mark.parametrize("paint", PLAN, ids=lambda paint: paint.__name__)
def test_every_sort_of_picture_has_a_folder_that_says_what_it_is(
    paint: Painter, parts: Sources
) -> None:
    for number in range(8):
        image, folder = paint(Random(number), parts)
        side, group = folder.split("/")

        assert image.mode == "RGB"
        assert min(image.size) >= 24
        assert side == "real" or group in set(Kind)
        again, _ = paint(Random(number), parts)
        assert again.tobytes() == image.tobytes(), "the same by the same chance"


def test_words_fill_their_box_and_stay_within_it() -> None:
    image = Image.new("L", (200, 100), 0).convert("RGB")

    write(Random(0), image, (50, 20, 100, 40), ("Coming soon", [FONT]), (255, 255, 255), lines=2)

    left, top, right, bottom = image.getbbox() or (0, 0, 0, 0)
    assert 50 <= left < right <= 150
    assert 19 <= top < bottom <= 61, "within a pixel"
    assert bottom - top > 30


def test_an_ink_is_never_its_paper() -> None:
    rng = Random(0)

    for _ in range(200):
        _, paper = sheet(rng)
        assert ink_on(rng, paper) != paper


def test_missing_fonts_are_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "_DICTIONARY", tmp_path / "none")

    with pytest.raises(words.MissingWordsError, match="apt-get install fonts-noto-core"):
        words.check_installed()


def _has_words() -> bool:
    try:
        words.check_installed()
    except words.MissingWordsError:
        return False
    return True


@pytest.mark.skipif(not _has_words(), reason="there is no word list")
def test_words_of_both_sorts_have_fonts_that_are_there() -> None:
    for number in range(300):
        for choose in (words.absence, words.other):
            text, fonts = choose(Random(number))
            assert text.strip()
            assert all(Path(font).is_file() for font in fonts)


def test_the_card_names_every_set_with_its_licence() -> None:
    text = sources()

    for name, version, licence in ICON_SETS:
        assert text.count(f"- @iconify-json/{name}@{version} ({licence})\n") == 1


def test_a_shaded_figure_keeps_its_shape_and_changes_its_light() -> None:
    figure = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
    figure.paste((90, 120, 150, 255), (10, 10, 50, 50))

    for number in range(8):
        made = shaded(Random(number), figure)

        assert made.getchannel("A").tobytes() == figure.getchannel("A").tobytes()
        levels = np.asarray(made.convert("L"))[10:50, 10:50]
        assert int(levels.max()) - int(levels.min()) > 20


def test_a_mark_of_absence_covers_a_part_of_the_figure() -> None:
    figure = Image.new("RGBA", (60, 40), (90, 120, 150, 255))

    for number in range(20):
        made = np.asarray(mark_absent(Random(number), figure, (0, 0, 0), (255, 255, 255)))

        assert made.shape == (60, 60, 4)
        share = (made[10:50, :, :3] != (90, 120, 150)).any(axis=2).mean()
        assert 0.02 < share < 0.6


def test_a_portrait_stands_free_and_is_not_of_one_colour() -> None:
    for number in range(20):
        made = np.asarray(portrait(Random(number), 64, (255, 255, 255)))

        assert made.shape == (64, 64, 4)
        assert made[0, 0, 3] == 0
        assert made[60, 32, 3] == 255
