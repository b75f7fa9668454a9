"""The decoders beside each other, in small."""

from benchmarks.decoding import measure, of_draft
from benchmarks.large_pictures import encode, large_photograph


def test_the_bare_draft_path_gives_our_pixels_and_is_compared_with_us_round_by_round() -> None:
    found = measure(encode(large_photograph(1), "JPEG", quality=88), rounds=3)
    assert found["ours"].apart == found["Pillow, draft"].apart == 0
    assert found["Pillow, in full"].apart > 0
    assert all(len(each.milliseconds) == 3 for each in found.values())
    ratio = of_draft(found)
    assert 0 < ratio.lowest <= ratio.median <= ratio.highest


def test_only_jpegs_have_a_draft() -> None:
    found = measure(encode(large_photograph(0.1), "PNG"), rounds=1)
    assert "Pillow, draft" not in found
    assert found["Pillow, in full"].apart == 0
