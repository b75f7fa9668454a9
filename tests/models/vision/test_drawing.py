import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from nophoto.models.vision.drawing import KINDS, LONGEST, SHORTEST, draw, typography
from nophoto.models.vision.drawing.phrases import LANGUAGES
from nophoto.models.vision.drawing.typography import Caption, ShapingError, caption, write

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=150)
@given(seed=seeds, kind=st.sampled_from([None, *KINDS]))
def test_a_drawing_is_rgb_within_bounds_and_the_same_again(seed: int, kind: str | None) -> None:
    drawing = draw(seed, kind)
    again = draw(seed, kind)
    assert drawing.image.mode == "RGB"
    assert SHORTEST <= max(drawing.image.size) <= LONGEST
    assert min(drawing.image.size) >= SHORTEST // 4
    assert drawing.kind in KINDS if kind is None else drawing.kind == kind
    assert again.kind == drawing.kind
    assert np.array_equal(np.asarray(again.image), np.asarray(drawing.image))


@settings(max_examples=25)
@given(seed=seeds, kind=st.sampled_from(list(KINDS)), side=st.integers(SHORTEST, LONGEST))
def test_the_longest_side_is_the_one_asked_for(seed: int, kind: str, side: int) -> None:
    assert max(draw(seed, kind, longest_side=side).image.size) == side


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_of_a_kind_give_different_pictures(kind: str) -> None:
    pictures = {draw(seed, kind, longest_side=96).image.tobytes() for seed in range(12)}
    assert len(pictures) >= 11 if kind == "blank" else len(pictures) == 12


_FLAT = {"solid", "blank", "gradient", "pattern"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in _FLAT])
def test_what_is_drawn_stands_out_from_its_background(kind: str) -> None:
    for seed in range(8):
        grey = np.asarray(draw(seed, kind, longest_side=192).image.convert("L"), dtype=int)
        low, high = np.percentile(grey, [0.2, 99.8])
        assert high - low >= 10, f"{kind} {seed} is nearly invisible"


def test_drawing_without_a_kind_reaches_most_kinds() -> None:
    drawn = {draw(seed, longest_side=SHORTEST).kind for seed in range(600)}
    assert len(drawn) >= 0.8 * len(KINDS)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="photograph"):
        draw(0, "photograph")


def test_captions_come_in_at_least_twelve_languages() -> None:
    assert len(LANGUAGES) >= 12
    assert {f"caption-{code}" for code in LANGUAGES} <= set(KINDS)
    rng = np.random.default_rng(0)
    assert {caption(rng).language for _ in range(1000)} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_font_of_a_language_holds_every_letter_of_its_phrases(language: str) -> None:
    chosen = LANGUAGES[language]
    for font in chosen.fonts:
        missing = _ink(font, "\ue000")
        for letter in set("".join(chosen.phrases)) - {" "}:
            assert not np.array_equal(_ink(font, letter), missing), f"{font} lacks {letter!r}"


def _ink(font: str, text: str) -> np.ndarray:
    image = Image.new("L", (96, 96))
    rng = np.random.default_rng(0)
    write(ImageDraw.Draw(image), (8, 8, 80, 80), Caption(text, (font,)), 255, rng)
    return np.asarray(image)


def test_arabic_letters_are_joined() -> None:
    joined = _ink("NotoSansArabic-Bold", "صورة")
    apart = _ink("NotoSansArabic-Bold", "\u200c".join("صورة"))
    assert not np.array_equal(joined, apart)


@settings(max_examples=60)
@given(
    seed=seeds,
    language=st.sampled_from(list(LANGUAGES)),
    width=st.integers(60, 300),
    height=st.integers(20, 120),
    lines=st.integers(1, 4),
)
def test_a_caption_stays_in_its_box(
    seed: int, language: str, width: int, height: int, lines: int
) -> None:
    rng = np.random.default_rng(seed)
    image = Image.new("L", (width + 80, height + 80))
    box = (40, 40, width, height)
    write(ImageDraw.Draw(image), box, caption(rng, language), 255, rng, lines=lines)
    inked = image.getbbox()
    assert inked is not None
    # A letter may hang over its advance by a pixel or two.
    assert inked[0] >= 36
    assert inked[2] <= 44 + width
    assert inked[1] >= 36
    assert inked[3] <= 44 + height


def test_a_script_that_needs_shaping_names_the_remedy_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(typography.features, "check", lambda _: False)
    with pytest.raises(ShapingError, match="libfribidi0"):
        _ink("NotoSansArabic-Bold", "صورة")
    assert _ink("NotoSans-Bold", "photo").any()
