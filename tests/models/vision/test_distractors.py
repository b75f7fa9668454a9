import numpy as np
import pytest

from nophoto.models.vision.distractors import DISTRACTORS, draw_distractor, lettering
from nophoto.models.vision.drawing import KINDS
from nophoto.models.vision.drawing.phrases import LANGUAGES, characters


@pytest.mark.parametrize("kind", DISTRACTORS)
def test_a_distractor_is_rgb_within_bounds_and_the_same_again(kind: str) -> None:
    pictures = set()
    again = draw_distractor(0, kind).tobytes()
    for seed in range(4):
        image = draw_distractor(seed, kind)
        assert image.mode == "RGB"
        assert 32 <= max(image.size) <= 512
        assert (image.tobytes() == again) == (seed == 0)
        grey = np.asarray(image.convert("L"), dtype=int)
        assert grey.max() - grey.min() >= 40, f"{kind} {seed} shows nothing"
        pictures.add(image.tobytes())
    assert len(pictures) == 4


def test_without_a_kind_every_kind_comes() -> None:
    sizes = {draw_distractor(seed).size for seed in range(40)}
    assert len(sizes) > 20


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="photograph"):
        draw_distractor(0, "photograph")


def test_no_kind_is_a_placeholders_kind_too() -> None:
    assert not set(DISTRACTORS) & set(KINDS)


def test_words_on_distractors_say_no_absence_and_fonts_hold_their_letters() -> None:
    rng = np.random.default_rng(0)
    languages = set()
    for number in range(2000):
        writers = (lettering.headline, lettering.quote, lettering.name, lettering.brand)
        words = writers[number % 4](rng)
        # Whole words: "Logo" is a phrase, and a name may well hold it.
        said = f" {words.text.lower()} "
        for phrase in LANGUAGES[words.language].phrases:
            assert f" {phrase.lower()} " not in said, words.text
        for font in words.fonts:
            missing = set(words.text) - set(characters(font)) - set(_ASCII)
            assert not missing, f"{font} lacks {missing}"
        languages.add(words.language)
    assert len(languages) > 10


_ASCII = "".join(map(chr, range(32, 127)))
