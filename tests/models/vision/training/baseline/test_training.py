"""A whole small training by the baseline recipe, on the smaller backbone, as `nophoto retrain`."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from skimage import data

from nophoto.models.vision.drawing import draw
from nophoto.models.vision.training.baseline.anchors import AnchorsError
from nophoto.models.vision.training.baseline.fitting import BaselineEpoch, fit, split
from nophoto.models.vision.training.baseline.recipe import BaselineRecipe
from nophoto.models.vision.training.baseline.training import train_baseline
from nophoto.models.vision.training.baseline.triplets import NoNegativesError, Triplets
from nophoto.models.vision.training.fitting import Epoch
from nophoto.models.vision.training.pictures import Pictures, TrainingError
from nophoto.models.vision.training.samples import Origin, Sample
from nophoto.models.vision.triplet.head import build_head
from nophoto.models.vision.versions import open_version
from tests.parts import DECODERS

SMALL = BaselineRecipe(
    backbone="efficientnet-lite0",
    anchors=10,
    epochs=4,
    batch_size=4,
    learning_rate=1e-4,
    dimension=16,
)


class Heard:
    """What a training said of itself."""

    def __init__(self) -> None:
        self.epochs: list[Epoch] = []
        self.unreadable: set[Path] = set()

    def on_picture(self, stage: str, done: int, total: int) -> None:
        assert done <= total

    def on_epoch(self, epoch: Epoch) -> None:
        self.epochs.append(epoch)

    def on_unreadable(self, path: Path, reason: str) -> None:
        assert reason
        self.unreadable.add(path)


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    """Parts of two photographs to be negatives, others to measure with, and held-out drawings."""
    real = []
    for name in ("astronaut", "coffee"):
        image = Image.fromarray(getattr(data, name)())
        for number in range(6):
            path = tmp_path / f"{name}-{number}.jpg"
            image.crop((60 * number, 40, 60 * number + 150, 240)).save(path)
            real.append(path)
    held_out = []
    for seed in range(4):
        held_out.append(tmp_path / f"held-out-{seed}.png")
        draw(9_000 + seed).image.save(held_out[-1])
    return Pictures([], [real[:4], real[4:9]], held_out, real[9:], "Photographs: scikit-image.")


@pytest.fixture
def anchors(tmp_path: Path) -> Path:
    """Ten drawings and a damaged file."""
    folder = tmp_path / "anchors"
    folder.mkdir()
    for seed in range(10):
        draw(8_000 + seed).image.save(folder / f"{seed}.png")
    (folder / "damaged.png").write_bytes((folder / "0.png").read_bytes()[:60])
    return folder


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.usefixtures("lite0_weights")
def test_a_training_ends_in_a_whole_version(
    pictures: Pictures, anchors: Path, tmp_path: Path
) -> None:
    heard = Heard()
    out, kept = tmp_path / "versions", tmp_path / "activations"
    own = pictures.held_out_placeholders[0]
    training = train_baseline(SMALL, anchors, pictures, out, 0.25, DECODERS, heard, kept, own)

    version = training.version
    assert open_version(version.folder) == version
    assert [path.name for path in out.iterdir()] == [version.id]
    assert heard.unreadable == {anchors / "damaged.png"}
    assert [(epoch.step, epoch.steps) for epoch in heard.epochs] == [(n, 4) for n in range(1, 5)]
    assert [epoch.loss for epoch in heard.epochs] == [point.loss for point in training.curve]
    assert training.curve[-1].loss < training.curve[0].loss
    assert version.manifest.metrics["parity"] >= 0.999

    recipe = (version.folder / "recipe.json").read_text()
    assert BaselineRecipe.model_validate_json(recipe) == SMALL
    assert len(json.loads((version.folder / "curve.json").read_text())) == 4
    for name in ("curve.png", "triplets.png"):
        with Image.open(version.folder / name) as plot:
            assert min(plot.size) > 300
    card = (version.folder / "card.md").read_text()
    assert "10 triplets" in card
    assert "Photographs: scikit-image." in card

    assert len(training.samples) == 2
    assert training.own is not None
    assert training.own.anchor == own.name
    for triplet in (*training.samples, training.own):
        assert -1 <= triplet.with_negative < triplet.with_positive <= 1.0001


@pytest.mark.network
@pytest.mark.usefixtures("lite0_weights")
def test_too_few_pictures_are_said_so_and_nothing_is_left(
    pictures: Pictures, anchors: Path, tmp_path: Path
) -> None:
    out = tmp_path / "versions"
    for path in sorted(anchors.glob("?.png"))[1:]:
        path.unlink()
    with pytest.raises(AnchorsError, match="at least 2 anchors, and 1 can be read"):
        train_baseline(SMALL, anchors, pictures, out, 0.25, DECODERS, Heard())
    without = Pictures([], [[]], pictures.held_out_placeholders, pictures.held_out_real)
    with pytest.raises(NoNegativesError, match="--real"):
        train_baseline(SMALL, None, without, out, 0.25, DECODERS, Heard())
    assert list(out.iterdir()) == []


def test_what_cannot_be_measured_is_refused_at_once(pictures: Pictures, tmp_path: Path) -> None:
    nothing = Pictures([], pictures.real, [], pictures.held_out_real)
    with pytest.raises(TrainingError, match="held-out"):
        train_baseline(SMALL, None, nothing, tmp_path / "versions", 0.25, DECODERS, Heard())
    for own in (tmp_path / "missing.png", Path(__file__)):
        with pytest.raises(TrainingError, match=own.name):
            train_baseline(
                SMALL, None, pictures, tmp_path / "versions", 0.25, DECODERS, Heard(), own=own
            )
    assert not (tmp_path / "versions").exists()


@pytest.mark.parametrize(("count", "measured"), [(2, 1), (3, 1), (10, 2), (100, 20)])
def test_both_sides_of_the_split_stay_apart(count: int, measured: int) -> None:
    triplets = Triplets([None] * count, {})  # type: ignore[list-item]
    learnt, held = split(SMALL, triplets)
    assert sorted(learnt + held) == list(range(count))
    assert len(held) == measured
    assert (learnt, held) == split(SMALL, triplets)


def test_what_follows_the_frozen_part_learns_and_the_same_again() -> None:
    """On maps of noise, of which the negatives have a mean of their own."""
    rng = np.random.default_rng(0)
    samples: list[tuple[Sample, Sample, Sample]] = []
    activations = {}
    for place in range(40):
        anchor, positive, negative = (
            Sample(Origin.DRAWING, place, role, "", False, 0) for role in range(3)
        )
        samples.append((anchor, positive, negative))
        for role, sample in enumerate(samples[-1]):
            activations[sample] = rng.normal(0.5 * (role == 2), 1, 72).astype(np.float16)
    recipe = SMALL.model_copy(update={"learning_rate": 1e-2, "epochs": 6})
    curves: list[list[BaselineEpoch]] = [[], []]
    for curve in curves:
        keras.utils.set_random_seed(0)
        inputs = keras.Input((3, 3, 8))
        tail = keras.Model(inputs, keras.layers.Dense(8, activation="relu", name="d")(inputs))
        before = tail.get_layer("d").kernel.numpy().copy()
        head = build_head((3, 3, 8), 4, hidden=(8,))
        fit(recipe, tail, head, Triplets(samples, activations), curve.append)
        assert not np.allclose(before, tail.get_layer("d").kernel.numpy())
    assert [point.epoch for point in curves[0]] == list(range(1, 7))
    assert curves[0][-1].loss < 0.5 * curves[0][0].loss
    assert curves[0] == curves[1]
