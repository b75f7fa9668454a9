"""Training the deeper half of the default backbone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks import tuned_backbone
from nophoto.models.vision.backbones import Backbone
from nophoto.models.vision.backbones.efficientnet_lite0 import build

FOLDERS = (
    *("gathered/placeholders/named/person/one", "gathered/placeholders/avatars/initials"),
    *("gathered/real/photographs/a", "gathered/composed/logos/b"),
    *("laid-out/placeholders/notice", "laid-out/real/text"),
)


@pytest.mark.slow
def test_what_lies_between_border_and_end_learns_and_the_rest_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
        for number in range(3):
            noise = np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / folder / f"{number}.png")
    small = {"drawn": 4, "distractors": 4, "reference_variants": 0, "variants": 1, "looks": 1}
    batch = {"placeholders_per_batch": 6, "negatives_per_batch": 6}
    recipe = tuned_backbone.RECIPE.model_copy(update={**small, **batch})
    network = build(tuned_backbone.SIZE)
    before = {layer.name: layer.get_weights() for layer in network.layers}
    monkeypatch.setattr(Backbone, "build", lambda *_: network)
    monkeypatch.setattr(tuned_backbone, "RECIPE", recipe)
    monkeypatch.setattr(tuned_backbone, "WARM_UP", 0)

    out = tmp_path / "tuned.weights.h5"
    tuned_backbone.main(tmp_path / "gathered", tmp_path / "laid-out", out, steps=2)

    tuned = build(tuned_backbone.SIZE)
    tuned.load_weights(out)
    names = [layer.name for layer in network.layers]
    border, end = names.index(tuned_backbone.FROZEN_UNTIL), names.index(tuned_backbone.FULL.end)
    for place, name in enumerate(names):
        same = all(map(np.array_equal, before[name], tuned.get_layer(name).get_weights()))
        has_weights = bool(before[name])
        # Nothing asks for what lies behind the end.
        is_learnt = has_weights and border < place <= end
        assert same != is_learnt, name
