import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nophoto.models.vision.training.calibration import calibrate

SIMILARITIES = arrays(np.float32, st.integers(1, 300), elements=st.floats(-1, 1, width=32))


@given(SIMILARITIES, st.sampled_from([0.001, 0.01, 0.05, 0.2]), SIMILARITIES)
def test_the_threshold_keeps_the_target_and_lies_in_its_band(
    real: np.ndarray, target: float, placeholders: np.ndarray
) -> None:
    found = calibrate(real, target, placeholders)
    assert np.mean(real >= found.threshold) <= target
    assert found.review_low <= found.threshold <= found.review_high
    assert found.false_alarms.hits == int((real >= found.threshold).sum())


def test_too_few_pictures_for_the_target_is_said() -> None:
    real = np.linspace(-1, 0.9, 500, dtype=np.float32)
    assert calibrate(real, 0.01, real).is_promise_kept
    assert not calibrate(real, 0.001, real).is_promise_kept


def test_real_pictures_that_are_tiles_leave_most_placeholders_out_of_the_band() -> None:
    placeholders = np.linspace(0.8, 1, 100)
    real = np.r_[np.linspace(-1, 0.3, 995), np.full(5, 0.99)]
    found = calibrate(real, 0.01, placeholders)
    assert found.threshold < 0.3
    assert np.mean(placeholders > found.review_high) >= 0.89
