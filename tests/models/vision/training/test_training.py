"""A whole small training on drawn pictures and photographs of a package, as `nophoto retrain`."""

import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from nophoto.models.vision.engines import load_engine
from nophoto.models.vision.matching import nearest_references
from nophoto.models.vision.references.pixels import shipped_pixels
from nophoto.models.vision.training.cohort import split_cohort
from nophoto.models.vision.training.fitting import Epoch
from nophoto.models.vision.training.frozen import claiming_references
from nophoto.models.vision.training.pictures import Pictures, TrainingError
from nophoto.models.vision.training.recipes import Recipe
from nophoto.models.vision.training.samples import cohort_samples
from nophoto.models.vision.training.training import train
from nophoto.models.vision.versions import open_version, read_held_out
from nophoto.models.vision.versions.learnt import learnt_digests
from nophoto.models.vocabulary import Verdict
from tests.parts import DECODERS

SMALL = Recipe(
    dimension=16,
    hidden=32,
    placeholders_per_batch=24,
    negatives_per_batch=24,
    steps=60,
    learning_rate=3e-3,
    drawn=120,
    distractors=40,
    variants=0,
    reference_variants=0,
    hardened=1,
)


class Heard:
    """What a training said of itself."""

    def __init__(self) -> None:
        self.stages: dict[str, tuple[int, int]] = {}
        self.curve: list[Epoch] = []
        self.unreadable: list[Path] = []

    def on_picture(self, stage: str, done: int, total: int) -> None:
        self.stages[stage] = (done, total)

    def on_epoch(self, epoch: Epoch) -> None:
        self.curve.append(epoch)

    def on_unreadable(self, path: Path, reason: str) -> None:
        assert reason
        self.unreadable.append(path)


@pytest.fixture
def pictures(training_folder: Path, tmp_path: Path) -> Pictures:
    """Parts of photographs to learn, one of them damaged, others to measure with, and drawings."""
    real, held_out_real, held_out = (
        sorted((training_folder / name).iterdir())
        for name in ("real", "held/real", "held/placeholder")
    )
    damaged = tmp_path / "damaged.jpg"
    damaged.write_bytes(real[0].read_bytes()[:200])
    return Pictures(
        [],
        [[*real[:-3], damaged]],
        held_out,
        held_out_real,
        "Photographs: scikit-image.",
        composed=[real[-3:]],
    )


@pytest.mark.network
@pytest.mark.usefixtures("lite0_weights")
def test_a_training_ends_in_a_whole_version_that_tells_the_two_apart(
    pictures: Pictures, tmp_path: Path, kept_activations: Path
) -> None:
    heard = Heard()
    out = tmp_path / "versions"
    version = train(SMALL, pictures, out, 0.25, DECODERS, heard, kept_activations)

    assert open_version(version.folder) == version
    assert [path.name for path in out.iterdir()] == [version.id]
    assert heard.curve[-1].loss < heard.curve[0].loss
    assert heard.curve[-1].step == SMALL.steps
    assert set(heard.unreadable) == {pictures.real[0][-1]}
    assert all(done == total for done, total in heard.stages.values())

    assert version.manifest.input_size == 160
    metrics = version.manifest.metrics
    assert metrics["auc"] > 0.9
    assert metrics["parity"] >= 0.999
    assert (metrics["placeholders"], metrics["real_pictures"]) == (20, 24)
    assert "Photographs: scikit-image." in (version.folder / "card.md").read_text()
    assert "Too few held-out" not in (version.folder / "card.md").read_text()
    assert Recipe.model_validate_json((version.folder / "recipe.json").read_text()) == SMALL
    curve = json.loads((version.folder / "curve.json").read_text())
    assert [Epoch(**point) for point in curve] == heard.curve
    cohort = np.load(version.folder / "cohort.npy")
    # The held-out real pictures, and those that were kept out of the training, each with its
    # common copies; what was composed is learnt, every file of it.
    _, [kept] = split_cohort(pictures.real, SMALL.cohort_share)
    readable = [path for path in kept if path != pictures.real[0][-1]]
    assert len(cohort) == 24 + len(list(cohort_samples([readable])))
    learnt = learnt_digests(version)
    assert {sha256(path.read_bytes()).hexdigest() for path in pictures.composed[0]} <= learnt
    assert cohort.shape[1] == SMALL.dimension

    pixels = np.asarray(Image.fromarray(data.astronaut()).resize((160, 160)))[None]
    by_openvino = load_engine(version).embed(pixels)
    by_keras = load_engine(version, "keras").embed(pixels)
    assert float((by_openvino * by_keras).sum()) >= 0.999

    # Calibrated on the serving form, to the last bit: as a worker will judge these very pictures.
    engine = load_engine(version)
    references = engine.embed(shipped_pixels(160)).astype(np.float16).astype(np.float32)
    references = references[claiming_references()]
    for kind, paths in (
        (Verdict.REAL, pictures.held_out_real),
        (Verdict.PLACEHOLDER, pictures.held_out_placeholders),
    ):
        loaded = np.stack([DECODERS.load(path.read_bytes(), 160) for path in paths])
        found, _ = nearest_references(engine.embed(loaded).astype(np.float16), references)
        sealed = read_held_out(version)[kind]
        digests = [sha256(path.read_bytes()).hexdigest() for path in paths]
        assert [sealed[digest] for digest in digests] == found.tolist()
    flagged = list(read_held_out(version)[Verdict.REAL].values())
    alarms = sum(value >= version.manifest.threshold for value in flagged)
    assert metrics["false_positive_rate"] == alarms / len(flagged)


@pytest.mark.parametrize(
    ("missing", "message"),
    [("real", "--real"), ("held_out_placeholders", "placeholder/"), ("held_out_real", "real/")],
)
def test_a_training_without_its_pictures_says_which_and_leaves_nothing(
    pictures: Pictures, tmp_path: Path, missing: str, message: str
) -> None:
    parts = {name: getattr(pictures, name) for name in Pictures.__slots__} | {missing: []}
    with pytest.raises(TrainingError, match=message):
        train(SMALL, Pictures(**parts), tmp_path / "versions", 0.25, DECODERS, Heard())
    assert not (tmp_path / "versions").exists()
