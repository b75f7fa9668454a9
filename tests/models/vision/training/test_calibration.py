import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.vision.training.calibration import calibrate


@given(
    arrays(np.float32, st.integers(1, 300), elements=st.floats(-1, 1, width=32)),
    st.sampled_from([0.001, 0.01, 0.05, 0.2]),
)
def test_the_threshold_keeps_the_target_and_lies_in_its_band(
    real: np.ndarray, target: float
) -> None:
    found = calibrate(real, target)
    assert np.mean(real >= found.threshold) <= target
    assert found.review_low <= found.threshold <= found.review_high
    assert found.false_alarms.hits == int((real >= found.threshold).sum())


def test_too_few_pictures_for_the_target_is_said() -> None:
    real = np.linspace(-1, 0.9, 500, dtype=np.float32)
    assert calibrate(real, 0.01).is_promise_kept
    assert not calibrate(real, 0.001).is_promise_kept
