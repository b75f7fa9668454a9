import numpy as np
import pytest

from nophoto.models.vision.distractors import DISTRACTORS, draw_distractor


@pytest.mark.parametrize("kind", DISTRACTORS)
def test_a_distractor_is_rgb_within_bounds_and_the_same_again(kind: str) -> None:
    pictures = set()
    for seed in range(6):
        image = draw_distractor(seed, kind)
        again = draw_distractor(seed, kind)
        assert image.mode == "RGB"
        assert 32 <= max(image.size) <= 512
        assert np.array_equal(np.asarray(image), np.asarray(again))
        grey = np.asarray(image.convert("L"), dtype=int)
        assert grey.max() - grey.min() >= 40, f"{kind} {seed} shows nothing"
        pictures.add(image.tobytes())
    assert len(pictures) == 6


def test_without_a_kind_every_kind_comes() -> None:
    sizes = {draw_distractor(seed).size for seed in range(40)}
    assert len(sizes) > 20


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="photograph"):
        draw_distractor(0, "photograph")
